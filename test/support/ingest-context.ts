/** What a pipeline is given in tests, with a clock that stands still. Loaded by processes of their own as well: no vitest here. */
import type { IngestOptions } from "../../src/pipelines/ingest.ts";
import type { RunContext } from "../../src/pipelines/run-context.ts";
import type { Logger } from "../../src/platform/logger.ts";
import { noProgress } from "../../src/platform/progress.ts";
import { workspaceAt } from "../../src/platform/workspace.ts";
import type { Database } from "../../src/store/database.ts";
import { storeKeyOf } from "../../src/store/raw-archive.ts";

/** The day every test's files were written, and every run's clock. */
export const fileTime = new Date("2026-11-20T06:30:00Z");
export const testStoreKey = storeKeyOf("5a".repeat(32));

export const everyDefault: IngestOptions = {
  file: null,
  full: false,
  since: null,
  dryRun: false,
  maxQuarantine: null,
  slot: null,
};

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
      cards: { host: "HTTPS://HIMS.INVALID/C", out: null },
      serve: { host: "127.0.0.1", port: 0, uploadLimitMb: 1_024 },
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
