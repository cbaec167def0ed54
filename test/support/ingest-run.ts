/** A facility's feed in a folder of a test's own, run through the real pipeline into a test's database. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { parse } from "yaml";
import { type IngestOptions, type IngestResult, ingest } from "../../src/pipelines/ingest.ts";
import { type PipelineFile, pipelineSchema } from "../../src/pipelines/pipeline-file.ts";
import type { RunContext } from "../../src/pipelines/run-context.ts";
import type { LogFields, Logger } from "../../src/platform/logger.ts";
import { noProgress } from "../../src/platform/progress.ts";
import { workspaceAt } from "../../src/platform/workspace.ts";
import type { Database } from "../../src/store/database.ts";
import { storeKeyOf } from "../../src/store/raw-archive.ts";
import { hashStore, type StoreHash } from "../../src/store/store-hash.ts";

/** The day every test's files were written, and every run's clock. */
export const fileTime = new Date("2026-11-20T06:30:00Z");
export const testStoreKey = storeKeyOf("5a".repeat(32));

export interface TestFeed {
  readonly folder: string;
  readonly context: RunContext;
  /** What was logged: never a value of a patient. */
  readonly logged: readonly { readonly fields: LogFields; readonly event: string }[];
  /** Writes a file of the feed, with the date of all test files. */
  write(name: string, content: string | Uint8Array): void;
  remove(name: string): void;
  run(pipeline: PipelineFile, options?: Partial<IngestOptions>): Promise<IngestResult>;
  /** A pipeline from its YAML, as a file of this folder. */
  pipeline(yaml: string): PipelineFile;
}

export const everyDefault: IngestOptions = {
  file: null,
  full: false,
  since: null,
  dryRun: false,
  maxQuarantine: null,
  slot: null,
};

export function aFeed(database: Database, signal = new AbortController().signal): TestFeed {
  const folder = mkdtempSync(join(tmpdir(), "hims-feed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const logged: { fields: LogFields; event: string }[] = [];
  const context = aRunContext(database, { folder, signal, logger: listeningLogger(logged) });
  return {
    folder,
    context,
    logged,
    write(name, content) {
      const path = join(folder, name);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, content);
      utimesSync(path, fileTime, fileTime);
    },
    remove: (name) => rmSync(join(folder, name)),
    run: (pipeline, options = {}) => ingest(pipeline, { ...everyDefault, ...options }, context),
    pipeline(yaml) {
      const path = join(folder, "pipeline.yaml");
      return { ...pipelineSchema.parse(parse(yaml)), path, folder };
    },
  };
}

export function aRunContext(
  database: Database,
  given: { folder: string; signal: AbortSignal; logger: Logger },
): RunContext {
  return {
    workspace: workspaceAt(given.folder),
    config: {
      timezone: "Asia/Kolkata",
      group: null,
      database: { url: null },
      cards: { issuer: null, host: "HTTPS://HIMS.INVALID/C" },
      serve: { host: "127.0.0.1", port: 0 },
    },
    environment: {},
    clock: { now: () => fileTime },
    signal: given.signal,
    progress: noProgress,
    logger: given.logger,
    database,
    storeKey: testStoreKey,
    worker: "test:1",
  };
}

function listeningLogger(logged: { fields: LogFields; event: string }[]): Logger {
  const listen = (fields: LogFields, event: string) => void logged.push({ fields, event });
  return { debug: listen, info: listen, warn: listen, error: listen };
}

/** What the store knows, part by part: tests of "same store" compare it. */
export async function contentOf(database: Database): Promise<StoreHash["parts"]> {
  return (await hashStore(database)).parts;
}
