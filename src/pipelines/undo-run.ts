/**
 * Takes a run back (design decision 21): afterwards the store's hash is that of a store in which the run never happened.
 * What its files touched is put back to how it stood before them, and what later files say of it is judged again from the
 * archive. One transaction, with linking in it: an undo that is broken off has done nothing.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { HimsError } from "../platform/errors.ts";
import type { RunId } from "../platform/ids.ts";
import type { Transaction } from "../store/database.ts";
import {
  endRun,
  findRun,
  markUndone,
  type OpenRun,
  openRun,
  type RunRow,
  releaseLock,
  tryLock,
} from "../store/runs.ts";
import { forgetWatermark } from "../store/source-watermarks.ts";
import { createStage } from "../store/stage.ts";
import {
  noteStates,
  readReport,
  revokeEarlierCards,
  type UndoReport,
} from "../store/undo-report.ts";
import { forgetSurvivors, keepItemNumbers, rewind } from "../store/undo-rewind.ts";
import {
  closeScope,
  type LaterFile,
  lockFacilities,
  readScope,
  seedScope,
  takeOutFiles,
  widenScope,
} from "../store/undo-scope.ts";
import { linkInside } from "./link.ts";
import { Missed, rejudgeFile } from "./rejudge.ts";
import { newRunId, type RunContext } from "./run-context.ts";

export interface UndoOptions {
  /** Tells what would happen, and keeps nothing. */
  readonly dryRun: boolean;
  /** Whoever asked for it. */
  readonly actor: string;
}

/** `data` of `hims history undo`. */
export interface UndoResult extends UndoReport {
  /** The run that was taken back. */
  readonly run: string;
  readonly pipeline: string;
  /** The ledger's line of the undo itself. */
  readonly undo: RunId;
  readonly dryRun: boolean;
  /** Files of the run; the next run reads them again, unless a later one had done so. */
  readonly files: number;
  /** Later files of the same facility, whose rows were held against what is left. */
  readonly laterFiles: number;
}

/**
 * @throws HimsError HIMS_RUN_UNKNOWN, HIMS_UNDO_KIND, HIMS_UNDO_DONE, HIMS_UNDO_NOTHING, HIMS_UNDO_REPLAYED, HIMS_ARCHIVE_PLAN (exit 2),
 * HIMS_RUN_LOCKED (exit 5)
 */
export async function undoRun(
  runId: string,
  options: UndoOptions,
  context: RunContext,
): Promise<UndoResult> {
  const undone = await undoableRun(runId, context);
  const undoId = newRunId(context.clock);
  const run = await openRun(context.database, {
    runId: undoId,
    pipeline: undone.pipeline,
    kind: "undo",
    facilityId: undone.facility,
    slot: undoId,
    worker: context.worker,
    startedAt: context.clock.now(),
  });
  const named = { undoes: undone.id, ...(options.dryRun ? { dryRun: true } : {}) };
  const end = (status: "succeeded" | "failed" | "cancelled", detail: object) =>
    endRun(context.database, run, {
      status,
      endedAt: context.clock.now(),
      detail: { ...named, ...detail },
    });
  try {
    const result = await underLinkLock(context, () =>
      context.database.transaction(
        (tx) => undoInside(tx, { undone, run, options }, context),
        options.dryRun ? "rollback" : "commit",
      ),
    );
    const { records, events, quarantine, persons } = result;
    await end("succeeded", { records, events, quarantine, persons });
    return result;
  } catch (error) {
    // The failure itself is told by whoever called; a connection that is gone cannot note it.
    await end(context.signal.aborted ? "cancelled" : "failed", {}).catch(() => undefined);
    throw error;
  }
}

/** Only what loaded records can be taken back, and once. */
async function undoableRun(runId: string, context: RunContext): Promise<RunRow> {
  const run = await findRun(context.database.writer, runId);
  if (run === null)
    throw refusal("HIMS_RUN_UNKNOWN", {
      message: "there is no run with this id",
      hint: "`hims history list` shows the latest.",
    });
  if (run.kind !== "ingest")
    throw refusal("HIMS_UNDO_KIND", {
      message: `this is a run of kind ${run.kind}: it loaded nothing that could be taken back`,
      hint: "Undo the run of the pipeline that loaded the records; people are linked anew with it.",
    });
  if (run.status === "undone")
    throw refusal("HIMS_UNDO_DONE", {
      message: "this run was undone already",
      hint: "To have its files back, run the pipeline again.",
    });
  return run;
}

function refusal(
  code: `HIMS_${string}`,
  { message, hint }: { message: string; hint: string },
): HimsError {
  return new HimsError(code, { kind: "usage", message, hint });
}

const lockPollMs = 250;
/** How long to wait for a link run of somebody else, in milliseconds. */
const lockPatienceMs = 600_000;

/** Nobody else links people meanwhile. */
async function underLinkLock<T>(context: RunContext, work: () => Promise<T>): Promise<T> {
  const { writer } = context.database;
  const deadline = performance.now() + lockPatienceMs;
  while (!(await tryLock(writer, "link"))) {
    context.signal.throwIfAborted();
    if (performance.now() > deadline)
      throw new HimsError("HIMS_RUN_LOCKED", {
        kind: "locked",
        message: "people are being linked by another command",
        hint: "Wait for it to end, then undo again: nothing was changed.",
      });
    await sleep(lockPollMs);
  }
  try {
    return await work();
  } finally {
    // A connection that is gone has let go of it.
    await releaseLock(writer, "link").catch(() => undefined);
  }
}

interface Undoing {
  readonly undone: RunRow;
  readonly run: OpenRun;
  readonly options: UndoOptions;
}

async function undoInside(
  tx: Transaction,
  { undone, run, options }: Undoing,
  context: RunContext,
): Promise<UndoResult> {
  await lockFacilities(tx, undone.id);
  // Before the first savepoint: the stage must outlive a round that is judged anew.
  await createStage(tx);
  const { files, later } = await takeOutFiles(tx, undone.id, run.runId);
  if (files === 0)
    throw refusal("HIMS_UNDO_NOTHING", {
      message: "this run read no file to its end: there is nothing to take back",
      hint: "`hims history show` tells what it did.",
    });
  await noteStates(tx);
  await seedScope(tx);
  await judgeAgain(tx, later, context);
  await keepItemNumbers(tx);
  await forgetSurvivors(tx);
  await forgetWatermark(tx, undone.pipeline);
  await linkInside(tx, run.runId, context);
  await revokeEarlierCards(tx);
  await markUndone(tx, run, {
    runId: undone.id,
    by: options.actor,
    at: context.clock.now(),
  });
  context.signal.throwIfAborted();
  return {
    run: undone.id,
    pipeline: undone.pipeline,
    undo: run.runId,
    dryRun: options.dryRun,
    files,
    laterFiles: later.length,
    ...(await readReport(tx, run.runId)),
  };
}

/** Rounds: each finds what else hangs on what it judged; the last one finds nothing. */
async function judgeAgain(
  tx: Transaction,
  later: readonly LaterFile[],
  context: RunContext,
): Promise<void> {
  for (;;) {
    await closeScope(tx);
    await tx.rows("savepoint before_round");
    await rewind(tx);
    const scope = await readScope(tx);
    const missed = new Missed();
    const isAnyTouched = scope.records.size + scope.rawHashes.size + scope.pairs.size > 0;
    for (const file of later)
      if (isAnyTouched || file.takesOver) await rejudgeFile(tx, file, { scope, missed }, context);
    if (missed.isEmpty) return;
    await tx.rows("rollback to savepoint before_round");
    await widenScope(tx, missed);
  }
}
