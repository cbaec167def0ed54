/** Two facilities, three people, one of them merged away, and a fact of every kind: enough to read. All of it is made up. */
import type { PersonId } from "../../src/platform/ids.ts";
import type { Writer } from "../../src/store/database.ts";

export const sunita = "00000000-0000-4000-8000-000000000001" as PersonId;
/** Merged into Sunita. */
export const sunitaOld = "00000000-0000-4000-8000-000000000002" as PersonId;
export const ramesh = "00000000-0000-4000-8000-000000000003" as PersonId;
/** Undone: no record is left. */
export const retired = "00000000-0000-4000-8000-000000000004" as PersonId;
/** Valid check digits. */
export const healthIds = {
  sunita: "1000000000010",
  sunitaOld: "1000000000029",
  ramesh: "1000000000032",
  retired: "1000000000041",
};

/** Loads everything; Damm digits are given, since tests name them. */
export async function loadSmallHospital(writer: Writer): Promise<void> {
  for (const statement of statements) await writer.rows(statement);
}

const run = "20260301-101112-abcdef";
const file = "00000000-0000-4000-9000-000000000001";

const record = (
  id: number,
  values: {
    facility: string;
    mrn: string;
    name: string;
    blood?: string;
    phones?: string;
    identifiers?: string;
  },
) => `insert into patient_record (record_id, version, facility_id, id_system, id_value, name, sex, birth_date, birth_precision,
    phones, blood_group, identifiers, facts_hash, map_source, authority, file_id, line, run_id)
  values (${id}, 1, '${values.facility}', '${values.facility}', '${values.mrn}', '${values.name}', 'female', '1984-05-02', 'day',
    '${values.phones ?? "{}"}', ${values.blood === undefined ? "null" : `'${values.blood}'`}, '${values.identifiers ?? "[]"}', '\\x00', 'opd:ff', 'patient',
    '${file}', ${id + 1}, '${run}')`;

const event = (
  id: number,
  kind: string,
  more: { columns?: string; values?: string; detail?: object; record?: number } = {},
) =>
  `insert into clinical_event (record_id, event_id, version, facility_id, kind, event_key, content_hash, file_id, line, run_id, detail
    ${more.columns === undefined ? "" : `, ${more.columns}`})
  values (${more.record ?? 1}, ${id}, 1, 'lnjp', '${kind}', '${kind}-${id}', '\\x00', '${file}', ${100 + id}, '${run}',
    '${JSON.stringify(more.detail ?? {})}'${more.values === undefined ? "" : `, ${more.values}`})`;

const golden = (person: string, field: string, value: string, from = 1) =>
  `insert into golden_value (person_id, field, value, record_id, rule) values ('${person}', '${field}', '${value}', ${from}, 'most_recent')`;

const statements: readonly string[] = [
  "insert into facility values ('lnjp', 'Lok Nayak', 'delhi_govt', 'hospital', 'active', 'Asia/Kolkata', now()), ('mcd_7', 'Ward 7', 'civic', 'dispensary', 'active', 'Asia/Kolkata', now())",
  `insert into source_file values ('${file}', '${run}', 'opd', 'lnjp', 'opd march#1.csv', 'aa', 1, now(), 'utf-8', 'ff', '\\x00', 'k1', 3, 3, 0, 0, 1, 0, 3, '[]', '{}', '{}', null, now())`,
  `insert into pipeline_run (pipeline, slot, run_id, kind, facility_id, status, fencing_token, worker, started_at, ended_at, read, loaded)
   values ('opd', 's1', '${run}', 'ingest', 'lnjp', 'succeeded', 1, 'w', now(), now(), 3, 3)`,
  record(1, {
    facility: "lnjp",
    mrn: "LN-1",
    name: "SUNITA DEVI",
    blood: "A+",
    phones: "{+919811111111}",
    identifiers:
      '[{"system":"abha-number","value":"91123456789012","type":null},{"system":"aadhaar-hash","value":"dead","type":null}]',
  }),
  record(2, {
    facility: "mcd_7",
    mrn: "77",
    name: "Sunita D",
    blood: "O+",
    phones: "{+919822222222}",
  }),
  record(3, { facility: "lnjp", mrn: "LN-3", name: "Ramesh Kumar" }),
  "insert into identifier values (1, 'abha-number', '91123456789012', null)",
  `insert into person values ('${sunita}', 1, 'active', null, '${run}', '${run}')`,
  `insert into person values ('${sunitaOld}', 2, 'merged', '${sunita}', '${run}', '${run}')`,
  `insert into person values ('${ramesh}', 3, 'active', null, '${run}', '${run}')`,
  `insert into person values ('${retired}', 4, 'retired', null, '${run}', '${run}')`,
  `insert into person_member (record_id, person_id, since_run, until_run) values (1, '${sunita}', '${run}', null), (2, '${sunita}', '${run}', null), (3, '${ramesh}', '${run}', null),
     (2, '${sunitaOld}', 'r0', '${run}')`,
  `insert into health_id (health_id, person_id, state, run_id) values ('${healthIds.sunita}', '${sunita}', 'current', '${run}'), ('${healthIds.sunitaOld}', '${sunita}', 'alias', '${run}'),
     ('${healthIds.ramesh}', '${ramesh}', 'current', '${run}'), ('${healthIds.retired}', '${retired}', 'retired', '${run}')`,
  `insert into person_name_token values ('sunita', '${sunita}'), ('devi', '${sunita}'), ('d', '${sunita}'), ('ramesh', '${ramesh}'), ('kumar', '${ramesh}')`,
  golden(sunita, "name", "SUNITA DEVI"),
  golden(sunita, "nameLocal", "सुनीता देवी"),
  golden(sunita, "sex", "female"),
  golden(sunita, "birthDate", "1984-05-02"),
  golden(sunita, "birthPrecision", "day"),
  golden(sunita, "phone", "+919811111111"),
  golden(sunita, "abhaNumber", "91123456789012"),
  golden(sunita, "city", "Delhi"),
  golden(ramesh, "name", "Ramesh Kumar", 3),
  golden(ramesh, "birthDate", "1984-01-01", 3),
  golden(ramesh, "birthPrecision", "year", 3),
  "insert into card_key (kid, public_key, not_before, not_after, status) values (1, '\\x" +
    "11".repeat(32) +
    "', '2026-01-01', '2027-12-31', 'published')",
  `insert into card (serial, person_id, health_id, issue, state, kid, token, issued_on, batch_id, seq, file, page, face) values (41, '${sunita}', '${healthIds.sunita}', 1, 'active', 1, 't', '2026-03-01', 'b1', 1, null, null, '{}')`,
  event(1, "encounter", {
    columns: "at, at_precision, status, code, display",
    values: "'2026-03-01T10:00:00+05:30', 'second', 'finished', 'OPD', 'Outpatient'",
    detail: { encounterClass: "AMB" },
  }),
  event(2, "observation", {
    columns: "at, at_precision, status, code, code_system, display, encounter_id",
    values:
      "'2026-03-01T10:05:00+05:30', 'second', 'final', '718-7', 'LN', 'Haemoglobin', 'encounter-1'",
    detail: { value: "11.2", unit: "g/dL", reportKey: "report-9" },
  }),
  event(3, "appointment", {
    detail: { dueAt: "2026-04-01" },
    columns: "display",
    values: "'Review'",
  }),
  event(4, "procedure", {
    columns: "at, at_precision, status, display",
    values: "'2025-12', 'month', 'completed', 'Appendicectomy'",
  }),
  event(5, "medication", {
    columns: "at, at_precision, display",
    values: "'2026-03-01', 'day', 'Paracetamol'",
    detail: { dose: "500 mg" },
  }),
  event(6, "immunization", {
    columns: "at, at_precision, code, code_system, display",
    values: "'2021-06-01', 'day', '210', 'http://hl7.org/fhir/sid/cvx', 'Covishield'",
    detail: { doseNumber: "1", lot: "L1" },
  }),
  event(7, "condition", {
    columns: "at, at_precision, display",
    values: "'2026-03-01', 'day', 'Anaemia'",
  }),
  event(8, "allergy", {
    columns: "at, at_precision, display",
    values: "'2020', 'year', 'Penicillin'",
  }),
  event(9, "report", {
    columns: "at, at_precision, status, display",
    values: "'2026-03-01', 'day', 'final', 'Blood count'",
  }),
  event(10, "allergy", {
    columns: "at, at_precision, display",
    values: "'2026-03-01', 'day', 'No known allergies'",
    record: 2,
  }),
];
