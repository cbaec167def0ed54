/** Where refused records wait: one open item per pipeline and raw content, closed when it loads, superseded when a later one does. */
import type { RecordId, RunId, SourceFileId } from "../platform/ids.ts";
import type { Problem } from "../records/problem.ts";
import type { SourcePlace } from "../records/raw-record.ts";
import { copyLine } from "./copy-text.ts";
import type { Reader, Transaction } from "./database.ts";
import { isFreshClaim } from "./settle-patients.ts";

export interface Reject {
  readonly place: SourcePlace;
  /** Hex hash of the record's bytes as landed. */
  readonly rawHash: string;
  /** Null when the record has no readable key. */
  readonly recordId: RecordId | null;
  readonly problems: readonly Problem[];
}

export interface QuarantineFile {
  readonly pipeline: string;
  readonly runId: RunId;
  readonly fileId: SourceFileId;
  readonly fileName: string;
}

/** Opens an item for each reject that is not waiting already, and was not mended by hand before. */
export async function quarantine(
  tx: Transaction,
  file: QuarantineFile,
  rejects: readonly Reject[],
): Promise<void> {
  if (rejects.length === 0) return;
  await tx.rows("truncate stage_reject");
  const columns = [
    "pipeline",
    "raw_hash",
    "run_id",
    "file_id",
    "file_name",
    "line",
    "byte_offset",
    "byte_length",
    "record_id",
    "problems",
  ];
  const lines = rejects.map(({ place, rawHash, recordId, problems }) =>
    copyLine([
      file.pipeline,
      rawHash,
      file.runId,
      file.fileId,
      file.fileName,
      place.line,
      place.offset,
      place.length,
      recordId,
      JSON.stringify(problems),
    ]),
  );
  await tx.copyIn("stage_reject", columns, lines);
  await tx.rows(`
    insert into quarantine (${columns.join(", ")})
    select distinct on (raw_hash) ${columns.join(", ")} from stage_reject s
    where not exists (
      select from quarantine q
      where q.pipeline = s.pipeline and q.raw_hash = s.raw_hash and q.state = 'closed' and q.mended_file is not null)
    order by raw_hash, line
    on conflict (pipeline, raw_hash) where state = 'open' do nothing`);
}

/** Raw hashes that wait in this pipeline: a record with one of them that loads now closes its item. */
export async function listOpenHashes(
  reader: Reader,
  pipeline: string,
): Promise<ReadonlySet<string>> {
  const rows = await reader.rows<{ raw_hash: string }>(
    "select raw_hash from quarantine where pipeline = $1 and state = 'open'",
    [pipeline],
  );
  return new Set(rows.map((row) => row.raw_hash));
}

export async function closeLoaded(
  tx: Transaction,
  file: QuarantineFile,
  rawHashes: readonly string[],
): Promise<void> {
  if (rawHashes.length === 0) return;
  await tx.rows(
    "update quarantine set state = 'closed', ended_run = $3, ended_file = $4 where pipeline = $1 and state = 'open' and raw_hash = any($2)",
    [file.pipeline, rawHashes, file.runId, file.fileId],
  );
}

/**
 * A later row with the same key stands in the staged file, or has loaded from it after an older file's:
 * the broken one needs no clerk any more.
 */
export async function supersedeLoaded(tx: Transaction, file: QuarantineFile): Promise<void> {
  const [waiting] = await tx.rows<{ there: boolean }>(
    "select exists (select from quarantine where state = 'open' and record_id is not null) as there",
  );
  if (waiting?.there !== true) return;
  await tx.rows(
    `update quarantine q set state = 'superseded', ended_run = $2, ended_file = $1
     where q.state = 'open' and q.record_id is not null and exists (
       select from stage_claim s left join stage_changed c using (ordinal)
       where s.record_id = q.record_id
         and case when q.file_id = $1 then s.line > q.line else c.ordinal is not null or ${isFreshClaim} end)`,
    [file.fileId, file.runId],
  );
}

export interface QuarantineItem {
  readonly id: string;
  readonly run: RunId;
  readonly pipeline: string;
  readonly file: string;
  readonly line: number;
  readonly segment: string | null;
  readonly field: string | null;
  readonly rule: string;
  readonly hint: string;
}

export interface QuarantineFilter {
  readonly pipeline: string | null;
  readonly run: string | null;
  readonly limit: number;
}

/** Open items, one row a problem, and how many items there are. Never a value. */
export async function listQuarantine(
  reader: Reader,
  filter: QuarantineFilter,
): Promise<{ total: number; items: QuarantineItem[] }> {
  const where =
    "state = 'open' and ($1::text is null or pipeline = $1) and ($2::text is null or run_id = $2)";
  const [count] = await reader.rows<{ total: number }>(
    `select count(*)::float8 as total from quarantine where ${where}`,
    [filter.pipeline, filter.run],
  );
  const items = await reader.rows<QuarantineItem>(
    `select quarantine_id::text as id, run_id as run, pipeline, file_name as file, line::float8, p.segment, p.field, p.rule, p.hint
     from (select * from quarantine where ${where} order by pipeline, file_name, line, quarantine_id limit $3) q,
       jsonb_to_recordset(q.problems) as p(segment text, field text, rule text, hint text)
     order by pipeline, file_name, line, quarantine_id`,
    [filter.pipeline, filter.run, filter.limit],
  );
  return { total: count?.total ?? 0, items };
}

export interface QuarantineDetail {
  readonly id: string;
  readonly run: RunId;
  readonly pipeline: string;
  readonly file: string;
  readonly line: number;
  /** Where the record's bytes stand in the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly state: "open" | "closed" | "superseded";
  /** The run that closed or superseded it. */
  readonly endedRun: RunId | null;
  readonly problems: readonly Problem[];
}

/** One item, open or not, with all its problems. Never a value. */
export async function findQuarantined(
  reader: Reader,
  id: string,
): Promise<QuarantineDetail | null> {
  if (!/^\d{1,18}$/.test(id)) return null;
  const [item] = await reader.rows<QuarantineDetail>(
    `select quarantine_id::text as id, run_id as run, pipeline, file_name as file, line::float8, byte_offset::float8 as "byteOffset",
       byte_length::float8 as "byteLength", state, ended_run as "endedRun", problems
     from quarantine where quarantine_id = $1::bigint`,
    [id],
  );
  return item ?? null;
}
