/** Golden values: which persons need them taken anew, and how they are written. */

import type { Member, Survivor } from "../persons/golden-record.ts";
import type { PersonId, RecordId } from "../platform/ids.ts";
import { copyLine } from "./copy-text.ts";
import type { Transaction } from "./database.ts";
import { type FieldRow, fieldColumns, fieldsOf } from "./patient-columns.ts";

export interface StalePerson {
  readonly personId: PersonId;
  readonly members: readonly Member[];
}

export interface SurvivedPerson {
  readonly personId: PersonId;
  readonly values: readonly Survivor[];
  /** Whole lower-case tokens of every name of its records. */
  readonly nameTokens: readonly string[];
}

interface MemberFields extends FieldRow {
  readonly person_id: PersonId;
  readonly record_id: RecordId;
  readonly authority: "patient" | "event";
  readonly said_at: number | null;
}

const pageRows = 5_000;

/**
 * Persons whose golden values may be stale: a member came, left, or changed since they were last taken.
 * Takes away what they had, in one set, and streams them in pages of whole persons, to be saved anew.
 */
export async function* streamStalePersons(tx: Transaction): AsyncGenerator<readonly StalePerson[]> {
  await tx.rows(`
    create temp table stale_person on commit drop as
    select distinct m.person_id from person_member m left join patient_record p using (record_id)
    where (m.until_run is null and m.survived_version is distinct from p.version)
       or (m.until_run is not null and m.survived_version > 0);
    analyze stale_person;
    delete from golden_value g using stale_person s where g.person_id = s.person_id;
    delete from person_name_token t using stale_person s where t.person_id = s.person_id;
    declare stale no scroll cursor for
    select m.person_id, m.record_id, p.authority, (extract(epoch from p.message_time) * 1000)::float8 as said_at,
           ${fieldColumns.map((column) => `p.${column}`).join(", ")}
    from stale_person join person_member m using (person_id) join patient_record p using (record_id)
    where m.until_run is null order by m.person_id, m.record_id`);
  let waiting: MemberFields[] = [];
  for (;;) {
    const page = await tx.rows<MemberFields>(`fetch ${pageRows} from stale`);
    const isLast = page.length < pageRows;
    const rows = [...waiting, ...page];
    const last = rows.at(-1)?.person_id;
    waiting = isLast ? [] : rows.filter((row) => row.person_id === last);
    const whole = isLast ? rows : rows.filter((row) => row.person_id !== last);
    if (whole.length > 0) yield personsOf(whole);
    if (isLast) break;
  }
  await tx.rows("close stale");
}

function personsOf(rows: readonly MemberFields[]): readonly StalePerson[] {
  const persons = new Map<PersonId, Member[]>();
  for (const row of rows) {
    const members = persons.get(row.person_id) ?? [];
    members.push({
      ...fieldsOf(row),
      recordId: row.record_id,
      authority: row.authority,
      saidAt: row.said_at,
    });
    persons.set(row.person_id, members);
  }
  return [...persons].map(([personId, members]) => ({ personId, members }));
}

/** Saves the golden values and name tokens of stale persons, who have none now. */
export async function saveGoldenValues(
  tx: Transaction,
  persons: readonly SurvivedPerson[],
): Promise<void> {
  await tx.copyIn(
    "golden_value",
    ["person_id", "field", "value", "record_id", "rule"],
    persons.flatMap(({ personId, values }) =>
      values.map(({ field, value, from, rule }) => copyLine([personId, field, value, from, rule])),
    ),
  );
  await tx.copyIn(
    "person_name_token",
    ["token", "person_id"],
    persons.flatMap(({ personId, nameTokens }) =>
      nameTokens.map((token) => copyLine([token, personId])),
    ),
  );
}

/** Notes which version of each record the golden values now stand for. */
export async function markSurvived(tx: Transaction): Promise<void> {
  await tx.rows(`
    update person_member m set survived_version = p.version from stale_person s, patient_record p
    where m.person_id = s.person_id and p.record_id = m.record_id and m.until_run is null and m.survived_version <> p.version;
    update person_member m set survived_version = 0 from stale_person s
    where m.person_id = s.person_id and m.until_run is not null and m.survived_version <> 0`);
}
