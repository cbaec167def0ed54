/** What a remap reads of the store and does to its stage: which rows of a file stand, and what became of them by field. */
import type { RunId, SourceFileId } from "../platform/ids.ts";
import type { Reader, Transaction } from "./database.ts";
import { fieldColumns } from "./patient-columns.ts";
import { type ReadingPlan, saveReadingPlan } from "./reading-plans.ts";
import type { RunCounts } from "./runs.ts";
import { type ArchivedFile, archivedColumns } from "./undo-scope.ts";

/** Files of a pipeline that were last read under another map than this, in the order in which they settled. */
export function listUnderOtherMaps(
  reader: Reader,
  pipeline: string,
  mapSource: string,
): Promise<ArchivedFile[]> {
  return reader.rows<ArchivedFile>(
    `select ${archivedColumns} from source_file s
     where s.pipeline = $1 and s.field_map_hash <> $2 and s.undone_run is null and not s.is_repeat
       and not exists (select from source_file r where r.remap_of = s.file_id and r.field_map_hash = $2 and r.undone_run is null)
       and (not exists (select from source_file n where n.pipeline = s.pipeline and n.sha256 = s.sha256 and n.load_no > s.load_no
                        and n.undone_run is null and not n.is_repeat)
         or exists (select from patient_record p where p.file_id = s.file_id)
         or exists (select from clinical_event e where e.file_id = s.file_id)
         or exists (select from quarantine q where q.file_id = s.file_id and q.state = 'open'))
     order by coalesce(s.stands_at, s.load_no)`,
    [pipeline, mapSource],
  );
}

export async function findArchivedFile(
  reader: Reader,
  fileId: SourceFileId,
): Promise<ArchivedFile | null> {
  const [file] = await reader.rows<ArchivedFile>(
    `select ${archivedColumns} from source_file s where s.file_id = $1`,
    [fileId],
  );
  return file ?? null;
}

/** Lines of the file that a current record or event stands on, or that wait in quarantine. */
export async function listStandingLines(
  reader: Reader,
  fileId: SourceFileId,
): Promise<ReadonlySet<number>> {
  const rows = await reader.rows<{ line: number }>(
    `select line::float8 as line from patient_record where file_id = $1
     union select line::float8 from clinical_event where file_id = $1
     union select line::float8 from quarantine where file_id = $1 and state = 'open'`,
    [fileId],
  );
  return new Set(rows.map(({ line }) => line));
}

/**
 * What has come from a later row since does not go back to this one. And a row that stands is not held against its own time:
 * the other map may have read that wrongly.
 */
export async function keepStanding(tx: Transaction, from: SourceFileId): Promise<void> {
  await tx.rows(
    "create temp table if not exists remap_time (record_id bigint, event_id bigint, line bigint, message_time timestamptz) on commit delete rows; truncate remap_time",
  );
  for (const { table, stage, key } of parts) {
    await tx.rows(
      `delete from ${stage} s using ${table} c join source_file f using (file_id), source_file o
       where ${key} and o.file_id = $1
         and (coalesce(f.stands_at, f.load_no), c.line) > (coalesce(o.stands_at, o.load_no), s.line)`,
      [from],
    );
    const event = table === "clinical_event" ? "s.event_id" : "null";
    await tx.rows(
      `insert into remap_time select s.record_id, ${event}, s.line, s.message_time::timestamptz from ${stage} s join ${table} c on ${key}
       where c.file_id = $1 and c.line = s.line`,
      [from],
    );
    await tx.rows(
      `update ${stage} s set message_time = null from ${table} c where ${key} and c.file_id = $1 and c.line = s.line`,
      [from],
    );
  }
}

/** The rows that were judged without their time have it again. */
export async function restoreTimes(tx: Transaction, to: SourceFileId): Promise<void> {
  await tx.rows(
    `update patient_record p set message_time = t.message_time from remap_time t
     where p.file_id = $1 and t.event_id is null and (p.record_id, p.line) = (t.record_id, t.line)`,
    [to],
  );
  await tx.rows(
    `update clinical_event e set message_time = t.message_time from remap_time t
     where e.file_id = $1 and (e.record_id, e.event_id, e.line) = (t.record_id, t.event_id, t.line)`,
    [to],
  );
}

const parts = [
  { table: "patient_record", stage: "stage_claim", key: "c.record_id = s.record_id" },
  {
    table: "clinical_event",
    stage: "stage_event",
    key: "c.record_id = s.record_id and c.event_id = s.event_id",
  },
] as const;

/** The remapped file: the other one's content under its own name, read with another plan. */
export async function saveRemappedFile(
  tx: Transaction,
  from: SourceFileId,
  to: {
    readonly fileId: SourceFileId;
    readonly runId: RunId;
    readonly mapSource: string;
    readonly plan: ReadingPlan;
    readonly counts: RunCounts;
    readonly committedAt: Date;
  },
): Promise<void> {
  const { fileId, runId, mapSource, plan, counts, committedAt } = to;
  await saveReadingPlan(tx, plan);
  await tx.rows(
    `insert into source_file (file_id, run_id, pipeline, facility_id, name, sha256, bytes, modified_at, encoding, field_map_hash,
       data_key, store_key_id, read, loaded, unchanged, quarantined, header_lines, blank_lines, record_lines, layout_lines,
       landed_only, warnings, columns, committed_at, archive_id, plan_hash, reading, remap_of, stands_at)
     select $2, $3, pipeline, facility_id, name, sha256, bytes, modified_at, encoding, $4, '', store_key_id, $5, $6, $7, $8,
       0, 0, 0, '[]', '{}', '{}', columns, $9, coalesce(archive_id, file_id), $10, reading,
       file_id, coalesce(stands_at, load_no)
     from source_file where file_id = $1`,
    [
      from,
      fileId,
      runId,
      mapSource,
      counts.read,
      counts.loaded,
      counts.unchanged,
      counts.quarantined,
      committedAt,
      plan.hash,
    ],
  );
}

export interface FieldDifference {
  /** Records in which the field was empty, and is not now. */
  readonly filled: number;
  readonly cleared: number;
  readonly changed: number;
}

/** Shown under the name of its date. */
const shownFields = fieldColumns.filter((column) => column !== "birth_precision");

/** What a remapped file changed of the records that were there, by field. Counts, never a value. */
export async function readDifferences(
  reader: Reader,
  to: SourceFileId,
): Promise<Readonly<Record<string, FieldDifference>>> {
  const counted = shownFields.map((column) => {
    const empty = `in ('', '{}', '[]')`;
    const [was, is] = [`coalesce(w.${column}::text, '')`, `coalesce(p.${column}::text, '')`];
    return `count(*) filter (where ${was} ${empty} and not ${is} ${empty})::int as "${column} filled",
      count(*) filter (where not ${was} ${empty} and ${is} ${empty})::int as "${column} cleared",
      count(*) filter (where not ${was} ${empty} and not ${is} ${empty} and ${was} <> ${is})::int as "${column} changed"`;
  });
  const [row] = await reader.rows<Record<string, number>>(
    `select ${counted.join(", ")} from patient_record p, lateral (
       select v.* from patient_record_version v
       where v.record_id = p.record_id and v.file_id <> p.file_id and v.reason = 'superseded' order by v.version desc limit 1) w
     where p.file_id = $1`,
    [to],
  );
  const differences = shownFields.map((column) => {
    const of = (kind: keyof FieldDifference) => row?.[`${column} ${kind}`] ?? 0;
    const difference = { filled: of("filled"), cleared: of("cleared"), changed: of("changed") };
    return [fieldName(column), difference] as const;
  });
  return Object.fromEntries(
    differences.filter(([, { filled, cleared, changed }]) => filled + cleared + changed > 0),
  );
}

function fieldName(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
