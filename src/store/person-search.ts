/** Finding people in the master patient index. */

import type { GoldenFields, PersonSummary, RecordIdentity } from "../persons/person.ts";
import type {
  BirthDateQuery,
  IdentifierQuery,
  PersonCriteria,
} from "../persons/person-criteria.ts";
import type { HealthId, PersonId } from "../platform/ids.ts";
import type { Reader } from "./database.ts";

export interface PersonPage {
  /** Everyone who matches, on this page or not. */
  readonly total: number;
  readonly persons: readonly PersonSummary[];
  /** Where the next page begins; null on the last one. */
  readonly next: bigint | null;
}

export interface PageRequest {
  readonly limit: number;
  /** `next` of the page before; null for the first. People found or merged meanwhile neither repeat nor shift anyone. */
  readonly after: bigint | null;
}

/** Active people who meet all criteria, in the order they became known; who was merged appears as the survivor. */
export async function findPersons(
  reader: Reader,
  criteria: PersonCriteria,
  page: PageRequest,
): Promise<PersonPage> {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const hits = criterionQueries(criteria, bind);
  // A search for everybody is a mistake of ours, since doors refuse it: it would hand out the whole index.
  if (hits.length === 0) throw new Error("a search for people needs a criterion");
  const sql = `
    with hit as (${hits.map((hit) => `(${hit})`).join(" intersect ")}),
    found as (
      select distinct coalesce(p.merged_into, p.person_id) as person_id from hit join person p using (person_id)),
    live as (select p.* from found join person p using (person_id) where p.state = 'active'),
    page as (
      select * from live where created_no > ${bind(page.after ?? 0n)} order by created_no limit ${bind(page.limit + 1)})
    select (select count(*) from live) as total, page.created_no, page.person_id, page.changed_run,
           current.health_id, golden.fields as golden, member.records
    from (values (1)) one
    left join page on true
    ${summaryJoins("page.person_id")}
    order by page.created_no`;
  const rows = await reader.rows<SummaryRow>(sql, values);
  const persons = rows.flatMap((row) => (row.person_id === null ? [] : [row]));
  const shown = persons.slice(0, page.limit);
  return {
    total: Number(rows[0]?.total ?? 0),
    persons: shown.map(toSummary),
    next: persons.length > page.limit ? (shown.at(-1)?.created_no ?? null) : null,
  };
}

type Bind = (value: unknown) => string;

interface SummaryRow {
  readonly total: bigint;
  readonly created_no: bigint;
  readonly person_id: PersonId | null;
  readonly changed_run: string;
  readonly health_id: HealthId | null;
  readonly golden: GoldenFields | null;
  readonly records: readonly RecordIdentity[] | null;
}

/** Golden values, current health ID and numbers of each person, gathered set by set. */
function summaryJoins(personId: string): string {
  return `
    left join lateral (
      select max(h.health_id) as health_id from health_id h where h.person_id = ${personId} and h.state = 'current') current on true
    left join lateral (
      select jsonb_object_agg(g.field, g.value) as fields from golden_value g where g.person_id = ${personId}) golden on true
    left join lateral (
      select jsonb_agg(jsonb_build_object('facility', r.facility_id, 'facilityName', coalesce(f.name, r.facility_id),
               'system', r.id_system, 'mrn', r.id_value, 'identifiers', r.identifiers)
             order by r.facility_id, r.id_system, r.id_value) as records
      from person_member m join patient_record r using (record_id) left join facility f using (facility_id)
      where m.person_id = ${personId} and m.until_run is null) member on true`;
}

function toSummary(row: SummaryRow): PersonSummary {
  return {
    personId: row.person_id as PersonId,
    healthId: row.health_id,
    changedRun: row.changed_run,
    golden: row.golden ?? {},
    records: row.records ?? [],
  };
}

/** One query of person ids for each criterion. */
function criterionQueries(criteria: PersonCriteria, bind: Bind): readonly string[] {
  const queries: string[] = [];
  if (criteria.personIds !== undefined)
    queries.push(
      `select person_id from person where person_id = any(${bind(criteria.personIds)}::uuid[])`,
    );
  if (criteria.healthId !== undefined)
    queries.push(`select person_id from health_id where health_id = ${bind(criteria.healthId)}`);
  if (criteria.nameTokens !== undefined) queries.push(nameQuery(criteria.nameTokens, bind));
  if (criteria.identifiers !== undefined)
    queries.push(criteria.identifiers.map((query) => identifierQuery(query, bind)).join(" union "));
  for (const query of criteria.birthDates ?? []) queries.push(birthDateQuery(query, bind));
  if (criteria.phone !== undefined) queries.push(phoneQuery(criteria.phone, bind));
  return queries;
}

function nameQuery(tokens: readonly string[], bind: Bind): string {
  return `select person_id from person_name_token where token = any(${bind(tokens)})
          group by person_id having count(*) = ${bind(tokens.length)}::bigint`;
}

/** Other identifiers of records, the records' own numbers, and health IDs, as far as the scope reaches. */
function identifierQuery({ scope, values }: IdentifierQuery, bind: Bind): string {
  const wanted = `any(${bind(values)}::text[])`;
  const member = "person_member m on m.record_id = x.record_id and m.until_run is null";
  const byIdentifier = `select m.person_id from identifier x join ${member} where x.value = ${wanted}`;
  const byNumber = `select m.person_id from patient_record x join ${member} where x.id_value = ${wanted}`;
  const byHealthId = `select person_id from health_id where health_id = ${wanted}`;
  switch (scope.kind) {
    case "any":
      return `${byIdentifier} union ${byNumber} union ${byHealthId}`;
    case "health-id":
      return byHealthId;
    case "facility":
      return `${byNumber} and x.facility_id = ${bind(scope.facility)}`;
    case "system": {
      const system = bind(scope.system);
      return `${byIdentifier} and x.system = ${system}
              union ${byNumber} and (x.id_system = ${system} or x.facility_id = ${system})`;
    }
  }
}

/** ISO dates of one length sort alike under every collation. */
function birthDateQuery({ from, to, precisions }: BirthDateQuery, bind: Bind): string {
  return `select d.person_id from golden_value d
          left join golden_value p on p.person_id = d.person_id and p.field = 'birthPrecision'
          where d.field = 'birthDate' and d.value between ${bind(from)} and ${bind(to)}
            and coalesce(p.value, 'day') = any(${bind(precisions)}::text[])`;
}

function phoneQuery(phone: string, bind: Bind): string {
  const wanted = bind(phone);
  return `select person_id from golden_value where field = 'phone' and value = ${wanted}
          union select m.person_id from patient_record r
          join person_member m on m.record_id = r.record_id and m.until_run is null
          where r.phones @> array[${wanted}]::text[]`;
}
