/**
 * After a corrected field map: every row that stands, and every row that waits in quarantine, is read again from the archive.
 * One run in one transaction, which can be undone like any other; the files are known under the new map afterwards.
 */
import { randomUUID } from "node:crypto";
import type { SourceFileId } from "../platform/ids.ts";
import type { Transaction } from "../store/database.ts";
import {
  type FieldDifference,
  listUnderOtherMaps,
  readDifferences,
  saveRemappedFile,
} from "../store/remap-state.ts";
import { advanceRun, endRun, type OpenRun, openRun, type RunCounts } from "../store/runs.ts";
import { createStage } from "../store/stage.ts";
import type { ArchivedFile } from "../store/undo-scope.ts";
import { pipelineThen } from "./archived-file.ts";
import { facilityOf, type IngestResult } from "./ingest.ts";
import type { PipelineFile } from "./pipeline-file.ts";
import { mapSourceOf } from "./pipeline-list.ts";
import { readingPlanOf } from "./reading-plan.ts";
import { remapFile, rowPipeline } from "./remap-file.ts";
import { newRunId, type RunContext } from "./run-context.ts";

export interface RemapReport {
  /** What became of records that were there, by canonical field. Counts, never a value. */
  readonly fields: Readonly<Record<string, FieldDifference>>;
}

export type RemapResult = IngestResult & { readonly remap: RemapReport };

interface Tally extends RunCounts {
  readonly files: number;
  readonly fields: Readonly<Record<string, FieldDifference>>;
}

/** @throws HimsError HIMS_REMAP_HL7, HIMS_ARCHIVE_PLAN (exit 2), HIMS_RUN_LOCKED (exit 5) */
export async function remap(
  pipeline: PipelineFile,
  { dryRun }: { readonly dryRun: boolean },
  context: RunContext,
): Promise<RemapResult> {
  rowPipeline(pipeline);
  const facility = await facilityOf(pipeline, context);
  const runId = newRunId(context.clock);
  const run = await openRun(context.database, {
    runId,
    pipeline: pipeline.name,
    kind: "ingest",
    facilityId: facility.id,
    slot: runId,
    worker: context.worker,
    startedAt: context.clock.now(),
  });
  const started = performance.now();
  const end = (status: "succeeded" | "unchanged" | "failed" | "cancelled") =>
    endRun(context.database, run, {
      status,
      endedAt: context.clock.now(),
      detail: { remap: true, ...(dryRun ? { dryRun } : {}) },
    });
  let tally: Tally;
  try {
    tally = await context.database.transaction(
      (tx) => remapFiles(tx, { pipeline, run }, context),
      dryRun ? "rollback" : "commit",
    );
  } catch (error) {
    // The failure itself is told by whoever called; a connection that is gone cannot note it.
    await end(context.signal.aborted ? "cancelled" : "failed").catch(() => undefined);
    throw error;
  }
  const status = tally.loaded + tally.quarantined === 0 ? "unchanged" : "succeeded";
  await end(status);
  const { fields, ...counts } = tally;
  const seconds = Math.round(performance.now() - started) / 1000;
  return {
    id: runId,
    pipeline: pipeline.name,
    facility: facility.id,
    status,
    ...counts,
    layoutLines: 0,
    landedOnly: 0,
    landedOnlyTypes: {},
    warnings: {},
    refusedFiles: [],
    seconds,
    stageSeconds: seconds,
    rowsPerSecond: seconds === 0 ? 0 : Math.round(counts.read / seconds),
    error: null,
    remap: { fields },
  };
}

interface Work {
  readonly pipeline: PipelineFile;
  readonly run: OpenRun;
}

async function remapFiles(tx: Transaction, work: Work, context: RunContext): Promise<Tally> {
  const { pipeline } = work;
  await createStage(tx);
  let tally: Tally = { files: 0, read: 0, loaded: 0, unchanged: 0, quarantined: 0, fields: {} };
  for (const from of await listUnderOtherMaps(tx, pipeline.name, mapSourceOf(pipeline))) {
    context.signal.throwIfAborted();
    await tx.rows("select pg_advisory_xact_lock(7212, hashtext($1))", [from.facilityId]);
    tally = sum(tally, await remapOne(tx, from, work, context));
    context.progress.report({
      stage: `${pipeline.name} remap`,
      done: tally.files,
      total: null,
      unit: "files",
    });
  }
  return tally;
}

/** Rows that were replayed were written by us, in our own form. */
async function formed(
  pipeline: PipelineFile,
  from: ArchivedFile,
  tx: Transaction,
): Promise<PipelineFile> {
  if (!from.isReplay || !("fields" in pipeline)) return pipeline;
  const { encoding, delimiter, header } = rowPipeline(await pipelineThen(from, tx)).source;
  return { ...pipeline, source: { ...pipeline.source, encoding, delimiter, header } };
}

async function remapOne(
  tx: Transaction,
  from: ArchivedFile,
  { pipeline: asked, run }: Work,
  context: RunContext,
): Promise<Tally> {
  const pipeline = await formed(asked, from, tx);
  const fileId = randomUUID() as SourceFileId;
  const mapSource = mapSourceOf(pipeline);
  const to = { ...from, fileId, runId: run.runId, mapSource };
  const counts = await remapFile(tx, { to, from, pipeline, takes: () => true }, context);
  await saveRemappedFile(tx, from.fileId, {
    fileId,
    runId: run.runId,
    mapSource,
    plan: readingPlanOf(pipeline),
    counts,
    committedAt: context.clock.now(),
  });
  const nothing = { layoutLines: 0, landedOnly: {}, warnings: {} };
  await advanceRun(tx, run, { ...counts, ...nothing, watermark: { file: from.name } });
  return { files: 1, ...counts, fields: await readDifferences(tx, fileId) };
}

function sum(left: Tally, right: Tally): Tally {
  const fields = { ...left.fields };
  for (const [field, more] of Object.entries(right.fields)) {
    const so = fields[field] ?? { filled: 0, cleared: 0, changed: 0 };
    fields[field] = {
      filled: so.filled + more.filled,
      cleared: so.cleared + more.cleared,
      changed: so.changed + more.changed,
    };
  }
  return {
    files: left.files + right.files,
    read: left.read + right.read,
    loaded: left.loaded + right.loaded,
    unchanged: left.unchanged + right.unchanged,
    quarantined: left.quarantined + right.quarantined,
    fields,
  };
}
