/**
 * From staged claims to source records, set by set. New records and unchanged ones are settled in SQL alone;
 * only records that change, or come several times in the file, pass through the rules of `record-history.ts`.
 */
import { HimsError } from "../platform/errors.ts";
import type { Transaction } from "./database.ts";
import { settleJudged } from "./settle-judged.ts";
import { settleSuccessors } from "./settle-successors.ts";
import { recordColumns, type SettledFile, worthAnalyzing } from "./settled-file.ts";
import { typedFields } from "./stage.ts";

/** What became of the claims of one file. */
export interface SettledPatients {
  /** Records nobody had seen before. Their claims are not in `stage_changed`: nothing else can be said of them. */
  readonly fresh: number;
}

/** For joining a large stage with the records, of which most are in memory: the server's own settings are made for small queries. */
const joinSettings = "set local work_mem = '96MB'; set local random_page_cost = 1.5";
const usualSettings = "set local work_mem to default; set local random_page_cost to default";

export async function settlePatients(tx: Transaction, file: SettledFile): Promise<SettledPatients> {
  await tx.rows(joinSettings);
  const repeated = await tx.affected(`
    insert into settle select record_id, true from stage_claim group by record_id having count(*) > 1`);
  const known = await tx.affected(
    `insert into stage_known
     select s.record_id, s.facts_hash = p.facts_hash,
            (p.facility_id, p.id_system, p.id_value) is distinct from ($1, s.id_system, s.id_value)
     from stage_claim s join patient_record p using (record_id)`,
    [file.facilityId],
  );
  await refuseCollisions(tx, repeated > 0);
  const fresh = await insertFresh(tx, file, { known, repeated });
  if (known > 0) {
    await tx.rows(
      "insert into settle select record_id, false from stage_known where not same and record_id not in (select record_id from settle)",
    );
    if (file.stagedRecords > worthAnalyzing) await tx.rows("analyze settle");
    await settleSuccessors(tx, file);
  }
  await settleJudged(tx, file);
  await tx.rows(usualSettings);
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
  { known, repeated }: { readonly known: number; readonly repeated: number },
): Promise<number> {
  const [staged] = await tx.rows<{ claims: number }>(
    "select count(*)::float8 as claims from stage_claim",
  );
  // Each claim of a known record is known: nothing is left where all are.
  if (staged?.claims === known) return 0;
  // Nothing to join with on a facility's first load.
  const fresh = `stage_claim s where ${known + repeated > 0 ? isFreshClaim : "true"}`;
  const inserted = await tx.affected(
    `insert into patient_record (${recordColumns})
     select s.record_id, 1, $1, s.id_system, s.id_value, ${typedFields},
            s.facts_hash, s.map_source, s.authority, s.message_time::timestamptz, $2, s.line, $3
     from ${fresh}`,
    [facilityId, fileId, runId],
  );
  if (inserted === 0) return 0;
  // Nearly every record has one number of somebody else at most: only those with more may have one twice.
  const numbers =
    "jsonb_to_recordset(s.identifiers::jsonb) as i(system text, value text, type text)";
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
