/** Records that change, or come several times in the file: read back, judged by the rules of `record-history.ts`, written as sets. */
import {
  type Claim,
  type Judgement,
  judgeClaims,
  type RecordState,
} from "../records/record-history.ts";
import { type CopyValue, copyLine } from "./copy-text.ts";
import type { Transaction } from "./database.ts";
import { type FieldRow, factsOf, fieldsOf, fieldValues } from "./patient-columns.ts";
import { recordColumns, type SettledFile } from "./settled-file.ts";
import { typedFields } from "./stage.ts";

interface RestRow extends FieldRow {
  readonly record_id: bigint;
  readonly ordinal: number;
  readonly line: bigint;
  readonly present: number;
  readonly hash: string;
  readonly id_system: string;
  readonly id_value: string;
  readonly map_source: string;
  readonly authority: "patient" | "event";
  readonly time: number | null;
  readonly known: readonly string[] | null;
  readonly current: CurrentRow | null;
}
interface CurrentRow extends FieldRow {
  readonly version: number;
  readonly hash: string;
  readonly map_source: string;
  readonly authority: "patient" | "event";
  readonly time: number | null;
}

const pageRows = 2_000;
const epochMs = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

/** Every claim of a record in `settle`, in order of record and file. */
export async function settleJudged(tx: Transaction, file: SettledFile): Promise<void> {
  await tx.rows(`
    declare rest no scroll cursor for
    select s.record_id, s.ordinal::float8 as ordinal, s.line, s.present, encode(s.facts_hash, 'hex') as hash, s.id_system, s.id_value, s.map_source,
           s.authority, ${epochMs("s.message_time::timestamptz")} as time, ${typedFields},
           (select array_agg(encode(v.facts_hash, 'hex')) from patient_record_version v where v.record_id = s.record_id) as known,
           case when p.record_id is null then null else to_jsonb(p) || jsonb_build_object(
             'hash', encode(p.facts_hash, 'hex'), 'time', ${epochMs("p.message_time")}) end as current
    from stage_claim s join settle t using (record_id) left join patient_record p using (record_id)
    order by s.record_id, s.ordinal`);
  let waiting: RestRow[] = [];
  for (;;) {
    const page = await tx.rows<RestRow>(`fetch ${pageRows} from rest`);
    const rows = [...waiting, ...page];
    const last = rows.at(-1)?.record_id;
    // The last record's rows may go on in the next page.
    const whole = page.length < pageRows ? rows : rows.filter((row) => row.record_id !== last);
    waiting = page.length < pageRows ? [] : rows.filter((row) => row.record_id === last);
    if (whole.length > 0) await saveJudged(tx, file, whole);
    if (page.length < pageRows) break;
  }
  await tx.rows("close rest");
}

/** Judges one page of records and writes versions, current rows, identifiers and changed ordinals. */
async function saveJudged(
  tx: Transaction,
  file: SettledFile,
  rows: readonly RestRow[],
): Promise<void> {
  const lines = { past: [] as string[], current: [] as string[], bumped: [] as string[] };
  const changed: string[] = [];
  for (const group of groupsOf(rows)) {
    const [first] = group;
    if (first === undefined) continue;
    const known = new Set(first.known);
    const judgement = judgeClaims(stateOfCurrent(first.current), group.map(claimOf), known);
    for (const ordinal of judgement.changed) changed.push(`${ordinal}\n`);
    addVersions(lines, { key: first, judgement, file });
  }
  await tx.copyIn("stage_changed", ["ordinal"], changed);
  await writeVersions(tx, file, lines);
}

/** Numbers the new versions so that the current one is always the highest: where it stays, it moves up over late history. */
function addVersions(
  lines: { past: string[]; current: string[]; bumped: string[] },
  { key, judgement, file }: { key: RestRow; judgement: Judgement; file: SettledFile },
): void {
  const inOrder = judgement.versions.toSorted(
    (a, b) => Number(a.place === "current") - Number(b.place === "current"),
  );
  let number = (key.current?.version ?? 0) + (judgement.keepsCurrent ? 0 : 1);
  for (const { state, line: sourceLine, place } of inOrder) {
    const line = recordLine(key, file, { state, line: sourceLine, version: number });
    if (place === "current") lines.current.push(line);
    else lines.past.push(line.replace(/\n$/, `\t${file.runId}\t${place}\n`));
    number += 1;
  }
  if (judgement.keepsCurrent && inOrder.length > 0)
    lines.bumped.push(`${key.record_id}\t${number}\n`);
}

interface VersionLines {
  readonly past: readonly string[];
  readonly current: readonly string[];
  readonly bumped: readonly string[];
}

async function writeVersions(
  tx: Transaction,
  { runId }: SettledFile,
  lines: VersionLines,
): Promise<void> {
  await tx.rows("truncate next_current, next_bump");
  const columns = recordColumns.split(", ");
  await tx.copyIn("next_current", columns, lines.current);
  await tx.copyIn("next_bump", ["record_id", "version"], lines.bumped);
  if (lines.current.length > 0) {
    await tx.rows(
      `insert into patient_record_version (${recordColumns}, ended_run, reason)
       select ${recordColumns
         .split(", ")
         .map((column) => `p.${column}`)
         .join(", ")}, $1, 'superseded'
       from patient_record p join next_current n using (record_id)`,
      [runId],
    );
    await tx.rows(`
      insert into patient_record (${recordColumns}) select ${recordColumns} from next_current
      on conflict (record_id) do update set ${columns.map((column) => `${column} = excluded.${column}`).join(", ")}`);
    await tx.rows(`
      delete from identifier i using next_current n where i.record_id = n.record_id;
      insert into identifier (record_id, system, value, type)
      select n.record_id, i.system, i.value, min(i.type)
      from next_current n, jsonb_to_recordset(n.identifiers) as i(system text, value text, type text) group by 1, 2, 3`);
  }
  await tx.copyIn("patient_record_version", [...columns, "ended_run", "reason"], lines.past);
  if (lines.bumped.length > 0) {
    await tx.rows(
      "update patient_record p set version = b.version from next_bump b where b.record_id = p.record_id",
    );
  }
}

function* groupsOf(rows: readonly RestRow[]): Generator<readonly RestRow[]> {
  let group: RestRow[] = [];
  for (const row of rows) {
    if (group.length > 0 && group[0]?.record_id !== row.record_id) {
      yield group;
      group = [];
    }
    group.push(row);
  }
  if (group.length > 0) yield group;
}

function stateOfCurrent(row: CurrentRow | null): RecordState | null {
  if (row === null) return null;
  return {
    fields: fieldsOf(row),
    factsHash: row.hash,
    mapSource: row.map_source,
    messageTime: row.time,
    authority: row.authority,
  };
}

function claimOf(row: RestRow): Claim {
  return {
    ordinal: row.ordinal,
    line: Number(row.line),
    facts: factsOf(row, row.present),
    factsHash: row.hash,
    mapSource: row.map_source,
    messageTime: row.time,
    authority: row.authority,
  };
}

function recordLine(
  key: RestRow,
  file: SettledFile,
  { state, line, version }: { state: RecordState; line: number; version: number },
): string {
  const values: readonly CopyValue[] = [
    key.record_id,
    version,
    file.facilityId,
    key.id_system,
    key.id_value,
    ...fieldValues(state.fields),
    Buffer.from(state.factsHash, "hex"),
    state.mapSource,
    state.authority,
    state.messageTime === null ? null : new Date(state.messageTime).toISOString(),
    file.fileId,
    line,
    file.runId,
  ];
  return copyLine(values);
}
