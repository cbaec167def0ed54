/** How a source record's fields lie in the store's columns, in one order for COPY, staging and reading back. */
import type { IsoDate } from "../platform/ids.ts";
import type {
  BirthPrecision,
  Identifier,
  PatientFacts,
  PatientFieldName,
  PatientFields,
  Sex,
} from "../records/patient-record.ts";
import { patientFieldList } from "../records/record-history.ts";
import type { ColumnNameOf } from "./column-names.ts";
import type { CopyValue } from "./copy-text.ts";
import type { patientRecord } from "./schema/record.ts";

/** Columns of the fields themselves, shared by patient_record, its versions and the staging tables. */
export const fieldColumns = [
  "name",
  "name_local",
  "given_name",
  "middle_name",
  "family_name",
  "sex",
  "birth_date",
  "birth_precision",
  "phones",
  "email",
  "relation_name",
  "relation_type",
  "address_line",
  "locality",
  "city",
  "district",
  "state",
  "postal_code",
  "blood_group",
  "deceased_at",
  "mother_mrn",
  "guardian_mrn",
  "seen_at",
  "identifiers",
] as const satisfies readonly ColumnNameOf<typeof patientRecord>[];

/** The field columns as PostgreSQL gives them back. */
export interface FieldRow {
  readonly name: string | null;
  readonly name_local: string | null;
  readonly given_name: string | null;
  readonly middle_name: string | null;
  readonly family_name: string | null;
  readonly sex: Sex | null;
  readonly birth_date: string | null;
  readonly birth_precision: BirthPrecision | null;
  readonly phones: readonly string[] | null;
  readonly email: string | null;
  readonly relation_name: string | null;
  readonly relation_type: PatientFields["relationType"];
  readonly address_line: string | null;
  readonly locality: string | null;
  readonly city: string | null;
  readonly district: string | null;
  readonly state: string | null;
  readonly postal_code: string | null;
  readonly blood_group: string | null;
  readonly deceased_at: string | null;
  readonly mother_mrn: string | null;
  readonly guardian_mrn: string | null;
  readonly seen_at: string | null;
  readonly identifiers: readonly Identifier[] | null;
}

/** One reader for each of `fieldColumns`, in their order. */
const readers: readonly ((facts: PatientFacts) => CopyValue | undefined)[] = [
  (facts) => facts.name,
  (facts) => facts.nameLocal,
  (facts) => facts.givenName,
  (facts) => facts.middleName,
  (facts) => facts.familyName,
  (facts) => facts.sex,
  (facts) => facts.birthDate?.date,
  (facts) => facts.birthDate?.precision,
  (facts) => facts.phones ?? [],
  (facts) => facts.email,
  (facts) => facts.relationName,
  (facts) => facts.relationType,
  (facts) => facts.addressLine,
  (facts) => facts.locality,
  (facts) => facts.city,
  (facts) => facts.district,
  (facts) => facts.state,
  (facts) => facts.postalCode,
  (facts) => facts.bloodGroup,
  (facts) => facts.deceasedAt,
  (facts) => facts.motherMrn,
  (facts) => facts.guardianMrn,
  (facts) => facts.seenAt,
  (facts) => identifierJson(facts.identifiers ?? []),
];

/** The values of `fieldColumns`; what the facts do not speak of is null. */
export function fieldValues(facts: PatientFacts): readonly CopyValue[] {
  return readers.map((read) => read(facts) ?? null);
}

function identifierJson(identifiers: readonly Identifier[]): string {
  return identifiers.length === 0 ? "[]" : JSON.stringify(identifiers);
}

export function fieldsOf(row: FieldRow): PatientFields {
  return {
    name: row.name,
    nameLocal: row.name_local,
    givenName: row.given_name,
    middleName: row.middle_name,
    familyName: row.family_name,
    sex: row.sex,
    birthDate:
      row.birth_date === null
        ? null
        : { date: row.birth_date as IsoDate, precision: row.birth_precision ?? "day" },
    phones: row.phones ?? [],
    email: row.email,
    relationName: row.relation_name,
    relationType: row.relation_type,
    addressLine: row.address_line,
    locality: row.locality,
    city: row.city,
    district: row.district,
    state: row.state,
    postalCode: row.postal_code,
    bloodGroup: row.blood_group,
    deceasedAt: row.deceased_at,
    motherMrn: row.mother_mrn,
    guardianMrn: row.guardian_mrn,
    seenAt: row.seen_at,
    identifiers: row.identifiers ?? [],
  };
}

const bitOf = new Map<string, number>(patientFieldList.map((field, index) => [field, 1 << index]));

/** Which fields the facts speak of, one bit each in the order of `patientFieldList`. */
export function presentBits(facts: PatientFacts): number {
  let bits = 0;
  for (const field in facts)
    if (facts[field as PatientFieldName] !== undefined) bits |= bitOf.get(field) ?? 0;
  return bits;
}

/** Positions in `fieldColumns` of a field's columns. */
export function columnsOfField(field: PatientFieldName): readonly number[] {
  const columns: readonly string[] = fieldColumns;
  const index = columns.indexOf(snakeCase(field));
  return field === "birthDate" ? [index, index + 1] : [index];
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Facts again from staged columns and their bits. */
export function factsOf(row: FieldRow, present: number): PatientFacts {
  const fields = fieldsOf(row);
  return Object.fromEntries(
    patientFieldList.flatMap((field, index) =>
      (present & (1 << index)) === 0 ? [] : [[field, fields[field]]],
    ),
  );
}
