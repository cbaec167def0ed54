/**
 * From staged claims to source records, set by set. New records and unchanged ones are settled in SQL alone;
 * only records that change, or come several times in the file, pass through the rules of `record-history.ts`.
 */
import { HimsError } from "../platform/errors.ts";
import type { FacilityId, RunId, SourceFileId } from "../platform/ids.ts";
import {
  type Claim,
  type Judgement,
  judgeClaims,
  type RecordState,
} from "../records/record-history.ts";
import { type CopyValue, copyLine } from "./copy-text.ts";
import type { Transaction } from "./database.ts";
import { type FieldRow, factsOf, fieldColumns, fieldsOf, fieldValues } from "./patient-columns.ts";
import { typedFields } from "./stage.ts";

/** The file that is being settled. */
export interface SettledFile {
  readonly fileId: SourceFileId;
  readonly runId: RunId;
  readonly facilityId: FacilityId;
  /** How many raw records were staged: few need no statistics. */
  readonly stagedRecords: number;
}

/** Below this the planner's guess is good enough, and statistics cost more than they give. */
export const worthAnalyzing = 2_000;

const fields = fieldColumns.join(", ");
/** Every column of a source record. */
export const recordColumns = `record_id, version, facility_id, id_system, id_value, ${fields}, facts_hash, map_source, authority, message_time, file_id, line, run_id`;

/** What became of the claims of one file. */
export interface SettledPatients {
  /** Records nobody had seen before. Their claims are not in `stage_changed`: nothing else can be said of them. */
  readonly fresh: number;
}

/** Memory for joining a large stage with the records: the server's own setting is made for many small queries. */
const joinMemory = "set local work_mem = '64MB'";

export async function settlePatients(tx: Transaction, file: SettledFile): Promise<SettledPatients> {
  await tx.rows(joinMemory);
  const repeated = await tx.affected(`
    insert into settle select record_id from stage_claim group by record_id having count(*) > 1`);
  const known = await tx.affected(
    `insert into stage_known
     select s.record_id, s.facts_hash = p.facts_hash,
            (p.facility_id, p.id_system, p.id_value) is distinct from ($1, s.id_system, s.id_value)
     from stage_claim s join patient_record p using (record_id)`,
    [file.facilityId],
  );
  await refuseCollisions(tx, repeated > 0);
  await tx.rows(
    "insert into settle select record_id from stage_known where not same and record_id not in (select record_id from settle)",
  );
  if (file.stagedRecords > worthAnalyzing) await tx.rows("analyze settle");
  const fresh = await insertFresh(tx, file, known > 0 || repeated > 0);
  await settleRest(tx, file);
  await tx.rows("set local work_mem to default");
  return { fresh };
}

/** Two different keys with one record id: 2^-60 a pair, and never to be papered over. */
async function refuseCollisions(tx: Transaction, isRepeated: boolean): Promise<void> {
  const inFile = `or exists (
       select from stage_claim s join settle t using (record_id)
       group by s.record_id having count(distinct (s.id_system, s.id_value)) > 1
     )`;
  const [found] = await tx.rows<{ there: boolean }>(
    `select exists (select from stage_known where clash) ${isRepeated ? inFile : ""} as there`,
  );
  if (found?.there !== true) return;
  throw new HimsError("HIMS_RECORD_ID_COLLISION", {
    kind: "usage",
    message: "two different patient numbers have the same record id",
    hint: "Nothing of this file was loaded. Report this: it should not happen in a lifetime.",
  });
}

/** The claim `s` of a record nobody has seen before, claimed once. */
export const isFreshClaim = `not exists (select from stage_known k where k.record_id = s.record_id)
  and not exists (select from settle t where t.record_id = s.record_id)`;

/** Straight from the stage. @returns how many there were */
async function insertFresh(
  tx: Transaction,
  { fileId, runId, facilityId }: SettledFile,
  mayBeKnown: boolean,
): Promise<number> {
  // Nothing to join with on a facility's first load.
  const fresh = `stage_claim s where ${mayBeKnown ? isFreshClaim : "true"}`;
  const inserted = await tx.affected(
    `insert into patient_record (${recordColumns})
     select s.record_id, 1, $1, s.id_system, s.id_value, ${typedFields},
            s.facts_hash, s.map_source, s.authority, s.message_time::timestamptz, $2, s.line, $3
     from ${fresh}`,
    [facilityId, fileId, runId],
  );
  if (inserted === 0) return 0;
  // Nearly every record has one number of somebody else at most: only those with more may have one twice.
  const numbers = "jsonb_to_recordset(s.identifiers::jsonb) as i(system text, value text, type text)";
  await tx.rows(`
    insert into identifier (record_id, system, value, type)
    select s.record_id, i.system, i.value, i.type
    from (select s.record_id, s.identifiers from ${fresh} and s.identifiers <> '[]' and s.identifiers not like '%},{%') s, ${numbers}`);
  await tx.rows(`
    insert into identifier (record_id, system, value, type)
    select s.record_id, i.system, i.value, min(i.type)
    from (select s.record_id, s.identifiers from ${fresh} and s.identifiers like '%},{%') s, ${numbers}
    group by 1, 2, 3`);
  return inserted;
}

/**
 * How many raw records changed anything. `isOneClaimEach`: each staged record is one claim and nothing else,
 * so that fresh claims need not be told from the others one by one.
 */
export async function countChanged(
  tx: Transaction,
  { fresh }: SettledPatients,
  isOneClaimEach: boolean,
): Promise<number> {
  const freshOrdinals = `union all select s.ordinal from stage_claim s where ${isFreshClaim}`;
  const [changed] = await tx.rows<{ records: number }>(
    `select count(distinct ordinal)::int as records
     from (select ordinal from stage_changed ${isOneClaimEach ? "" : freshOrdinals}) c`,
  );
  return (changed?.records ?? 0) + (isOneClaimEach ? fresh : 0);
}

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

/** Everything else, read back in order of record and file, judged, and written as sets. */
async function settleRest(tx: Transaction, file: SettledFile): Promise<void> {
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
