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
import type { Database } from "../../src/store/database.ts";
import { hashStore, type StoreHash } from "../../src/store/store-hash.ts";
import { aRunContext, everyDefault, fileTime } from "./ingest-context.ts";

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

function listeningLogger(logged: { fields: LogFields; event: string }[]): Logger {
  const listen = (fields: LogFields, event: string) => void logged.push({ fields, event });
  return { debug: listen, info: listen, warn: listen, error: listen };
}

/** What the store knows, part by part: tests of "same store" compare it. */
export async function contentOf(database: Database): Promise<StoreHash["parts"]> {
  return (await hashStore(database)).parts;
}
