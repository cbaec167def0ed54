/** Everything the store knows of one person. */

import { parseHealthId } from "../persons/health-id.ts";
import type {
  GoldenFields,
  GoldenOrigin,
  MemberRecord,
  PersonCard,
  PersonStatus,
  PersonView,
  SourcedAllergy,
} from "../persons/person.ts";
import type { HealthId, PersonId } from "../platform/ids.ts";
import type { Reader } from "./database.ts";

/** An id as it was asked for, and whom it means now. */
export interface ResolvedPerson {
  readonly status: PersonStatus;
  readonly askedPersonId: PersonId;
  readonly survivorId: PersonId;
}

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Resolves a person's uuid or a health ID (grouped or not) in one hop; null when there is no such id. */
export async function resolvePerson(reader: Reader, id: string): Promise<ResolvedPerson | null> {
  const healthId = parseHealthId(id);
  const isUuid = uuidShape.test(id.trim());
  if (!healthId.ok && !isUuid) return null;
  const sql = healthId.ok
    ? `select h.state as id_state, p.state, p.person_id, p.merged_into
       from health_id h join person p using (person_id) where h.health_id = $1`
    : "select null as id_state, p.state, p.person_id, p.merged_into from person p where p.person_id = $1::uuid";
  const [row] = await reader.rows<ResolvedRow>(sql, [healthId.ok ? healthId.value : id.trim()]);
  if (row === undefined) return null;
  return {
    status: statusOf(row),
    askedPersonId: row.person_id,
    survivorId: row.merged_into ?? row.person_id,
  };
}

interface ResolvedRow {
  readonly id_state: "current" | "alias" | "retired" | null;
  readonly state: PersonStatus;
  readonly person_id: PersonId;
  readonly merged_into: PersonId | null;
}

function statusOf({ id_state, state }: ResolvedRow): PersonStatus {
  if (id_state === "retired") return "retired";
  return id_state === "alias" ? "merged" : state;
}

/** The person behind a uuid or health ID; an old id shows the survivor. Null when there is no such id. */
export async function showPerson(reader: Reader, id: string): Promise<PersonView | null> {
  const resolved = await resolvePerson(reader, id);
  if (resolved === null) return null;
  const [row] = await reader.rows<PersonRow>(personSql, [resolved.survivorId]);
  if (row === undefined) return null;
  return {
    personId: resolved.survivorId,
    askedPersonId: resolved.askedPersonId,
    status: resolved.status,
    healthId: row.health_id,
    mergedInto: resolved.status === "merged" ? row.health_id : null,
    aliases: row.aliases,
    changedRun: row.changed_run,
    golden: row.golden ?? {},
    origins: row.origins ?? {},
    records: row.records ?? [],
    allergies: row.allergies ?? [],
    cards: row.cards ?? [],
  };
}

interface PersonRow {
  readonly health_id: HealthId | null;
  readonly aliases: readonly HealthId[];
  readonly changed_run: string;
  readonly golden: GoldenFields | null;
  readonly origins: Readonly<Record<string, GoldenOrigin>> | null;
  readonly records: readonly MemberRecord[] | null;
  readonly allergies: readonly SourcedAllergy[] | null;
  readonly cards: readonly PersonCard[] | null;
}

const place = (owner: string) =>
  `case when s.file_id is null then null else jsonb_build_object('file', s.name, 'line', ${owner}.line) end`;

/** One statement, so that a merge under way is seen whole or not at all. */
const personSql = `
  select p.changed_run,
    coalesce((select max(h.health_id) from health_id h where h.person_id = p.person_id and h.state = 'current'),
             (select max(h.health_id) from health_id h where h.person_id = p.person_id and h.state = 'retired')) as health_id,
    array(select h.health_id from health_id h where h.person_id = p.person_id and h.state = 'alias' order by 1) as aliases,
    golden.fields as golden, golden.origins, member.records, allergy.allergies, card.cards
  from person p
  left join lateral (
    select jsonb_object_agg(g.field, g.value) as fields,
      jsonb_object_agg(g.field, jsonb_build_object('rule', g.rule, 'facility', r.facility_id, 'source', ${place("r")})) as origins
    from golden_value g left join patient_record r using (record_id) left join source_file s on s.file_id = r.file_id
    where g.person_id = p.person_id) golden on true
  left join lateral (
    select jsonb_agg(jsonb_build_object('recordId', r.record_id::text, 'facility', r.facility_id,
        'facilityName', coalesce(f.name, r.facility_id), 'system', r.id_system, 'mrn', r.id_value,
        'identifiers', r.identifiers, 'name', r.name, 'nameLocal', r.name_local, 'sex', r.sex,
        'birthDate', r.birth_date, 'birthPrecision', r.birth_precision, 'phones', r.phones,
        'bloodGroup', r.blood_group, 'seenAt', r.seen_at, 'source', ${place("r")})
      order by r.facility_id, r.id_system, r.id_value) as records
    from person_member m join patient_record r using (record_id)
    left join facility f on f.facility_id = r.facility_id left join source_file s on s.file_id = r.file_id
    where m.person_id = p.person_id and m.until_run is null) member on true
  left join lateral (
    select jsonb_agg(jsonb_build_object('code', e.code, 'display', e.display, 'status', e.status, 'at', e.at,
        'facility', e.facility_id, 'source', ${place("e")}) order by e.at desc nulls last, e.event_id) as allergies
    from person_member m join clinical_event e using (record_id) left join source_file s on s.file_id = e.file_id
    where m.person_id = p.person_id and m.until_run is null and e.kind = 'allergy') allergy on true
  left join lateral (
    select jsonb_agg(jsonb_build_object('serial', c.serial::text, 'issue', c.issue, 'state', c.state,
        'issuedOn', c.issued_on, 'batch', c.batch_id) order by c.issue desc) as cards
    from card c where c.person_id = p.person_id) card on true
  where p.person_id = $1`;
