/**
 * One hash of what the store knows (design decision 20): equal for two stores that know the same, whatever their generated
 * ids, run ids and clocks. Each part is hashed where it lies, as sorted SHA-256 hashes of its rows; 256 digests a part come here.
 */
import { createHash } from "node:crypto";
import type { Database, Transaction } from "./database.ts";

export type StorePart =
  | "records"
  | "recordVersions"
  | "events"
  | "eventVersions"
  | "quarantine"
  | "partition"
  | "golden"
  | "decisions"
  | "cards";

/** Hexadecimal SHA-256. */
export interface StoreHash {
  readonly hash: string;
  readonly parts: Readonly<Record<StorePart, string>>;
}

/** What a row says; not who read it when from where, nor with which map (file_id, line, run_id, facts_hash, map_source). */
const recordColumns = `record_id, facility_id, id_system, id_value, name, name_local, given_name, middle_name, family_name, sex,
  birth_date, birth_precision, phones, email, relation_name, relation_type, address_line, locality, city, district, state,
  postal_code, blood_group, deceased_at, mother_mrn, guardian_mrn, seen_at, identifiers, authority, message_time`;
const eventColumns = `record_id, event_id, facility_id, kind, event_key, code, code_system, display, at, at_precision, end_at,
  status, encounter_id, performer, note, detail, message_time`;

/** A person goes by the least of its member records: with the partition hashed too, that names the whole set. */
const memberSets = `member_set as (
  select person_id, min(record_id) as least from person_member where until_run is null group by person_id)`;

/**
 * A query for each part; its rows are hashed as text. Past versions are numbered anew among themselves, since a version
 * that was undone leaves a gap in their numbers.
 */
const partQueries: Readonly<Record<StorePart, string>> = {
  records: `select ${recordColumns} from patient_record`,
  recordVersions: `select row_number() over (partition by record_id order by version), reason, ${recordColumns}
    from patient_record_version where reason in ('superseded', 'history')`,
  events: `select ${eventColumns} from clinical_event`,
  eventVersions: `select row_number() over (partition by record_id, event_id order by version), reason, ${eventColumns}
    from clinical_event_version where reason in ('superseded', 'history')`,
  quarantine: `select pipeline, raw_hash, (
      select array_agg(p.rule order by p.rule collate "C") from jsonb_to_recordset(problems) as p(rule text))
    from quarantine where state = 'open'`,
  partition: `select array_agg(record_id order by record_id) from person_member where until_run is null group by person_id`,
  golden: `with ${memberSets} select m.least, g.field, g.value, g.record_id, g.rule
    from golden_value g left join member_set m using (person_id)`,
  decisions: `select distinct kind, lo, hi, source from decision where state = 'in_force'`,
  cards: `with ${memberSets} select distinct m.least from card c join person p using (person_id)
    join member_set m on m.person_id = coalesce(p.merged_into, p.person_id) where c.state = 'active'`,
};

/** Reads the whole store in one snapshot: some four seconds a million rows (a person has about ten golden values), in flat memory. */
export async function hashStore(database: Database): Promise<StoreHash> {
  return database.transaction(async (tx) => {
    await tx.rows("set transaction isolation level repeatable read");
    // Text forms of dates and times depend on these; work_mem sorts the row hashes of a bucket in memory.
    await tx.rows(
      "set local datestyle = 'ISO, YMD'; set local timezone = 'UTC'; set local work_mem = '64MB'",
    );
    const parts = {} as Record<StorePart, string>;
    for (const part of Object.keys(partQueries) as StorePart[])
      parts[part] = await hashPart(tx, partQueries[part]);
    const digest = createHash("sha256");
    for (const [part, hash] of Object.entries(parts)) digest.update(`${part} ${hash}\n`);
    return { hash: digest.digest("hex"), parts };
  }, "rollback");
}

async function hashPart(tx: Transaction, query: string): Promise<string> {
  const buckets = await tx.rows<{ digest: Buffer }>(
    `with row_hash as (select sha256(convert_to(part::text, 'UTF8')) as hash from (${query}) part)
     select sha256(string_agg(hash, ''::bytea order by hash)) as digest
     from row_hash group by get_byte(hash, 0) order by get_byte(hash, 0)`,
  );
  const digest = createHash("sha256");
  for (const bucket of buckets) digest.update(bucket.digest);
  return digest.digest("hex");
}
