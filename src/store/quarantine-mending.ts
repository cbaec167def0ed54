/** What becomes of quarantined records when they are read again: closed when they load, else open still as the same items. */
import type { Problem } from "../records/problem.ts";
import type { Reader, Transaction } from "./database.ts";
import type { QuarantineFile } from "./quarantine.ts";

/** A stretch of bytes in an archived file. */
export interface ArchivedPlace {
  readonly fileId: string;
  readonly offset: number;
  readonly length: number;
}

/** A record that waits, and where its latest text stands: as a clerk gave it last, else as it came. */
export interface WaitingItem {
  readonly id: string;
  readonly pipeline: string;
  readonly rawHash: string;
  /** The source file it came in, its line there, and when that file was written. */
  readonly fileId: string;
  readonly fileName: string;
  readonly line: number;
  readonly text: ArchivedPlace;
  readonly problems: readonly Problem[];
}

export interface WaitingFilter {
  readonly pipeline: string | null;
  readonly run: string | null;
  readonly id: string | null;
}

/** Open items of the filter, by pipeline, file and line. */
export async function listWaiting(
  reader: Reader,
  filter: WaitingFilter,
): Promise<readonly WaitingItem[]> {
  const rows = await reader.rows<Omit<WaitingItem, "text"> & ArchivedRow>(
    `select ${waitingColumns} ${waitingTables}
     where q.state = 'open' and ($1::text is null or q.pipeline = $1) and ($2::text is null or q.run_id = $2)
       and ($3::bigint is null or q.quarantine_id = $3)
     order by q.pipeline, s.committed_at, q.file_name, q.file_id, q.line, q.quarantine_id`,
    [filter.pipeline, filter.run, filter.id],
  );
  return rows.map(waitingOf);
}

/** Items by id, whatever has become of them, with their state. Ids that are unknown have no entry. */
export async function findItems(
  reader: Reader,
  ids: readonly string[],
): Promise<
  ReadonlyMap<string, WaitingItem & { readonly state: "open" | "closed" | "superseded" }>
> {
  const rows = await reader.rows<
    Omit<WaitingItem, "text"> & ArchivedRow & { state: "open" | "closed" | "superseded" }
  >(
    `select ${waitingColumns}, q.state ${waitingTables} where q.quarantine_id = any($1::bigint[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, { ...waitingOf(row), state: row.state }]));
}

interface ArchivedRow {
  readonly text_file: string;
  readonly text_offset: number;
  readonly text_length: number;
}

/** A mended text whose file is gone (its run was undone) counts for nothing. */
const waitingTables = `from quarantine q join source_file s using (file_id)
  left join source_file m on m.file_id = q.mended_file`;
const waitingColumns = `q.quarantine_id::text as id, q.pipeline, q.raw_hash as "rawHash", q.file_id as "fileId", q.file_name as "fileName",
  q.line::float8, q.problems, coalesce(m.file_id, q.file_id) as text_file,
  (case when m.file_id is null then q.byte_offset else q.mended_offset end)::float8 as text_offset,
  (case when m.file_id is null then q.byte_length else q.mended_length end)::float8 as text_length`;

function waitingOf<T extends ArchivedRow>({ text_file, text_offset, text_length, ...item }: T) {
  return { ...item, text: { fileId: text_file, offset: text_offset, length: text_length } };
}

/** An item that was read again, and where its text stands in the file that is replayed. */
export interface MendedItem {
  readonly id: string;
  readonly offset: number;
  readonly length: number;
}

/** Items of one replayed file. */
export interface MendedItems<Item extends MendedItem = MendedItem> {
  readonly items: readonly Item[];
  /** Whether a clerk gave the texts: then they are the items' texts from now on. */
  readonly byHand: boolean;
}

/** Ids of what waits in this pipeline. */
export async function listOpenIds(reader: Reader, pipeline: string): Promise<ReadonlySet<string>> {
  const rows = await reader.rows<{ id: string }>(
    "select quarantine_id::text as id from quarantine where pipeline = $1 and state = 'open'",
    [pipeline],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Items that load: they wait no more. */
export async function closeMended(
  tx: Transaction,
  file: QuarantineFile,
  mended: MendedItems,
): Promise<void> {
  await tx.rows(
    `update quarantine q set state = 'closed', ended_run = $3, ended_file = $4::uuid, ${keptEarlier("$4")}, ${mendedColumns} from ${mendedTable}
     where ${isMended}`,
    [file.pipeline, mendedJson(file, mended), file.runId, file.fileId],
  );
}

/** Items that are refused again: they wait on, with what is wrong now. */
export async function keepOpen(
  tx: Transaction,
  file: QuarantineFile,
  refused: MendedItems<MendedItem & { readonly problems: readonly Problem[] }>,
): Promise<void> {
  if (refused.items.length === 0) return;
  await tx.rows(
    `update quarantine q set problems = m.problems, ${keptEarlier("$3")}, ${mendedColumns} from ${mendedTable} where ${isMended}`,
    [file.pipeline, mendedJson(file, refused), file.fileId],
  );
}

/** How the item stood before this file, for whoever takes its run back. */
const keptEarlier = (
  file: string,
) => `earlier = q.earlier || jsonb_build_array(jsonb_build_object('file', ${file}::uuid,
  'problems', q.problems, 'mended_file', q.mended_file, 'mended_offset', q.mended_offset, 'mended_length', q.mended_length))`;
const mendedColumns = `mended_file = coalesce(m.file, q.mended_file),
  mended_offset = coalesce(m.byte_offset, q.mended_offset), mended_length = coalesce(m.byte_length, q.mended_length)`;
const mendedTable = `(select * from jsonb_to_recordset($2::jsonb)
  as i(id bigint, file uuid, byte_offset bigint, byte_length bigint, problems jsonb)) m`;
const isMended = "q.quarantine_id = m.id and q.pipeline = $1 and q.state = 'open'";

function mendedJson({ fileId }: QuarantineFile, { items, byHand }: MendedItems): string {
  return JSON.stringify(
    items.map(({ offset, length, ...item }) => ({
      ...item,
      file: byHand ? fileId : null,
      byte_offset: byHand ? offset : null,
      byte_length: byHand ? length : null,
    })),
  );
}
