/** The run ledger: who runs what, with which counts, and that only one does. */
import { HimsError } from "../platform/errors.ts";
import type { FacilityId, RunId } from "../platform/ids.ts";
import type { Database, Reader, Transaction, Writer } from "./database.ts";

export type RunStatus =
  | "running"
  | "succeeded"
  | "unchanged"
  | "stale"
  | "gated"
  | "failed"
  | "cancelled"
  /** It ended well, and was taken back later. */
  | "undone";
export type RunKind = "ingest" | "link" | "cards" | "undo";
/** How a run may end; that it is undone comes later. */
export type RunEnd = Exclude<RunStatus, "running" | "undone">;

/** Double entry: read = loaded + unchanged + quarantined, always. */
export interface RunCounts {
  readonly read: number;
  readonly loaded: number;
  readonly unchanged: number;
  readonly quarantined: number;
}

/** A row that came to rest nowhere, or twice, is a bug: nothing of its file may be kept. */
export function assertBalanced(counts: RunCounts): void {
  if (counts.read !== counts.loaded + counts.unchanged + counts.quarantined) {
    throw new Error(
      `ledger out of balance: read ${counts.read}, loaded ${counts.loaded}, unchanged ${counts.unchanged}, quarantined ${counts.quarantined}`,
    );
  }
}

export interface OpenRun {
  readonly runId: RunId;
  readonly pipeline: string;
  /** Rechecked when committing: a worker that was thought dead cannot commit any more. */
  readonly fencingToken: bigint;
}

export interface RunStart {
  readonly runId: RunId;
  readonly pipeline: string;
  readonly kind: RunKind;
  readonly facilityId: FacilityId | null;
  readonly slot: string;
  readonly worker: string;
  readonly startedAt: Date;
}

/**
 * Takes the pipeline's lock for the life of this connection and opens a run.
 * @throws HimsError HIMS_RUN_LOCKED (exit 5) naming the holder; HIMS_SLOT_DONE when this slot has been run to its end
 */
export async function openRun(database: Database, start: RunStart): Promise<OpenRun> {
  const { writer } = database;
  if (!(await tryLock(writer, start.pipeline))) throw await lockedError(writer, start.pipeline);
  // We hold the lock, so whoever left a run open has died.
  await writer.rows(
    "update pipeline_run set status = 'failed', ended_at = $2, detail = detail || '{\"died\": true}' where pipeline = $1 and status = 'running'",
    [start.pipeline, start.startedAt],
  );
  await refuseDoneSlot(writer, start);
  const [row] = await writer.rows<{ fencing_token: bigint }>(
    `insert into pipeline_run (pipeline, slot, run_id, kind, facility_id, status, fencing_token, worker, started_at)
     values ($1, $2, $3, $4, $5, 'running', nextval('fencing_token_seq'), $6, $7)
     on conflict (pipeline, slot) do update set attempt = pipeline_run.attempt + 1, run_id = excluded.run_id, status = 'running',
       fencing_token = excluded.fencing_token, worker = excluded.worker, started_at = excluded.started_at, ended_at = null,
       files = 0, read = 0, loaded = 0, unchanged = 0, quarantined = 0, layout_lines = 0, landed_only = '{}', warnings = '{}'
     returning fencing_token`,
    [
      start.pipeline,
      start.slot,
      start.runId,
      start.kind,
      start.facilityId,
      start.worker,
      start.startedAt,
    ],
  );
  if (row === undefined) throw new Error("a run was not opened");
  return { runId: start.runId, pipeline: start.pipeline, fencingToken: row.fencing_token };
}

/** Takes a lock of the ledger's for the life of this connection, if nobody has it. */
export async function tryLock(writer: Writer, pipeline: string): Promise<boolean> {
  const [lock] = await writer.rows<{ taken: boolean }>(
    "select pg_try_advisory_lock(7211, hashtext($1)) as taken",
    [pipeline],
  );
  return lock?.taken === true;
}

export async function releaseLock(writer: Writer, pipeline: string): Promise<void> {
  await writer.rows("select pg_advisory_unlock(7211, hashtext($1))", [pipeline]);
}

/** Of many schedulers one runs a due slot; another try is made only of a run that failed or was interrupted. */
async function refuseDoneSlot(writer: Writer, { pipeline, slot }: RunStart): Promise<void> {
  const done = await writer.rows(
    `select 1 from pipeline_run where pipeline = $1 and slot = $2 and status in ('succeeded', 'unchanged', 'stale', 'gated', 'undone')`,
    [pipeline, slot],
  );
  if (done.length === 0) return;
  await releaseLock(writer, pipeline);
  throw new HimsError("HIMS_SLOT_DONE", {
    kind: "locked",
    message: `${pipeline} has been run for ${slot} already`,
    hint: "Nothing to do: another scheduler was first.",
  });
}

async function lockedError(reader: Reader, pipeline: string): Promise<HimsError> {
  const [holder] = await reader.rows<{ worker: string; run_id: string }>(
    "select worker, run_id from pipeline_run where pipeline = $1 and status = 'running' order by started_at desc limit 1",
    [pipeline],
  );
  const who = holder === undefined ? "another command" : `run ${holder.run_id} (${holder.worker})`;
  return new HimsError("HIMS_RUN_LOCKED", {
    kind: "locked",
    message: `${pipeline} is being run by ${who}`,
    hint: "Wait for it to end; one run of a pipeline works at a time.",
  });
}

export interface FileOutcome extends RunCounts {
  readonly layoutLines: number;
  readonly landedOnly: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
  readonly watermark: Readonly<Record<string, string>>;
}

/** Adds a file's counts to its run, in the file's own transaction, and checks that the run is still ours. */
export async function advanceRun(
  tx: Transaction,
  run: OpenRun,
  outcome: FileOutcome,
): Promise<void> {
  assertBalanced(outcome);
  const rows = await tx.rows(
    `update pipeline_run r set files = files + 1, read = read + $3, loaded = loaded + $4, unchanged = r.unchanged + $5,
       quarantined = quarantined + $6, layout_lines = layout_lines + $7, watermark = $8,
       landed_only = (select coalesce(jsonb_object_agg(key, total), '{}') from (
         select key, sum(value::bigint) as total from (
           select * from jsonb_each_text(r.landed_only) union all select * from jsonb_each_text($9)) both_counts group by key) summed),
       warnings = (select coalesce(jsonb_object_agg(key, total), '{}') from (
         select key, sum(value::bigint) as total from (
           select * from jsonb_each_text(r.warnings) union all select * from jsonb_each_text($10)) both_counts group by key) summed)
     where run_id = $1 and fencing_token = $2 and status = 'running' returning run_id`,
    [
      run.runId,
      run.fencingToken,
      outcome.read,
      outcome.loaded,
      outcome.unchanged,
      outcome.quarantined,
      outcome.layoutLines,
      JSON.stringify(outcome.watermark),
      JSON.stringify(outcome.landedOnly),
      JSON.stringify(outcome.warnings),
    ],
  );
  if (rows.length === 1) return;
  throw new HimsError("HIMS_RUN_FENCED", {
    kind: "locked",
    message: `run ${run.runId} is not the current one of ${run.pipeline} any more`,
    hint: "Another worker took it over; nothing of this file was committed here.",
  });
}

/** Ends a run with its final status. A run that another worker took over is left alone. */
export async function endRun(
  database: Database,
  run: OpenRun,
  end: { status: RunEnd; endedAt: Date; detail: object },
): Promise<void> {
  await database.writer.rows(
    "update pipeline_run set status = $3, ended_at = $4, detail = detail || $5 where run_id = $1 and fencing_token = $2 and status = 'running'",
    [run.runId, run.fencingToken, end.status, end.endedAt, JSON.stringify(end.detail)],
  );
  await releaseLock(database.writer, run.pipeline);
}

/** Marks a run as taken back, and checks that the undo is still the one that holds the pipeline. */
export async function markUndone(
  tx: Transaction,
  undo: OpenRun,
  undone: { runId: RunId; by: string; at: Date },
): Promise<void> {
  const detail = { undone: { run: undo.runId, by: undone.by, at: undone.at.toISOString() } };
  const rows = await tx.rows(
    `update pipeline_run r set status = 'undone', detail = detail || $2 where run_id = $1
       and exists (select from pipeline_run u where u.run_id = $3 and u.fencing_token = $4 and u.status = 'running') returning 1`,
    [undone.runId, JSON.stringify(detail), undo.runId, undo.fencingToken],
  );
  if (rows.length === 1) return;
  throw new HimsError("HIMS_RUN_FENCED", {
    kind: "locked",
    message: `run ${undo.runId} is not the current one of ${undo.pipeline} any more`,
    hint: "Another worker took it over; nothing was undone.",
  });
}

export interface RunRow extends RunCounts {
  readonly id: RunId;
  readonly pipeline: string;
  readonly kind: RunKind;
  readonly facility: FacilityId | null;
  readonly status: RunStatus;
  readonly attempt: number;
  readonly worker: string;
  readonly files: number;
  readonly layoutLines: number;
  readonly landedOnly: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Tried out: nothing of it was kept. */
  readonly dryRun: boolean;
}

const runColumns = `run_id as id, pipeline, kind, facility_id as facility, status, attempt, worker, files, read::float8, loaded::float8,
  unchanged::float8, quarantined::float8, layout_lines::float8 as "layoutLines", landed_only as "landedOnly", warnings,
  started_at as "startedAt", ended_at as "endedAt", coalesce((detail->>'dryRun')::boolean, false) as "dryRun"`;

/** The latest runs, newest first. */
export function listRuns(
  reader: Reader,
  filter: { pipeline: string | null; limit: number },
): Promise<RunRow[]> {
  return reader.rows<RunRow>(
    `select ${runColumns} from pipeline_run where $1::text is null or pipeline = $1 order by started_at desc, run_id desc limit $2`,
    [filter.pipeline, filter.limit],
  );
}

export async function findRun(reader: Reader, runId: string): Promise<RunRow | null> {
  const [run] = await reader.rows<RunRow>(
    `select ${runColumns} from pipeline_run where run_id = $1`,
    [runId],
  );
  return run ?? null;
}

/** Whether files were committed since people were last linked. */
export async function isLinkBehind(reader: Reader): Promise<boolean> {
  const [row] = await reader.rows<{ behind: boolean }>(
    `select exists (select from source_file f where not exists (
       select from pipeline_run l where l.kind = 'link' and l.status = 'succeeded' and l.started_at >= f.committed_at)) as behind`,
  );
  return row?.behind === true;
}
