/** One patient as one facility knows them, normalized: the source record. */
import { hash } from "node:crypto";
import type { FacilityId, IsoDate, RecordId } from "../platform/ids.ts";

/**
 * Key of a source record (design decision 1). CSV: system = facility id, value = the column mapped to `mrn`.
 * HL7: system = PID-3.4.1, else MSH-4; value = PID-3.1 of the first repetition typed MR, else PI, PT, untyped.
 */
export interface RecordKey {
  readonly facilityId: FacilityId;
  readonly system: string;
  readonly value: string;
}

/** 60 bits of SHA-256 over the key's parts, so that re-reading is idempotent without a sequence. */
export function recordIdOf(key: RecordKey): RecordId {
  return hash60(`${key.facilityId}\u0000${key.system}\u0000${key.value}`) as RecordId;
}

/** The first 60 bits of SHA-256, as a non-negative bigint that fits PostgreSQL's bigint. */
export function hash60(text: string): bigint {
  return BigInt(`0x${hash("sha256", text, "hex").slice(0, 15)}`);
}

export type Sex = "male" | "female" | "other";
export type BirthPrecision = "day" | "month" | "year" | "estimated";

/** Doubt is kept: a date without its precision must not exist. Year precision is stored as YYYY-01-01. */
export interface BirthDate {
  readonly date: IsoDate;
  readonly precision: BirthPrecision;
}

/** A number given by someone else. Systems: `abha-number` (14 digits), `abha-address`, `aadhaar-hash`, else the assigning authority. */
export interface Identifier {
  readonly system: string;
  readonly value: string;
  /** HL7 table 0203 code where the source gave one (MR, PI, DL, ...). */
  readonly type: string | null;
}

/** Every normalized demographic field of a source record. Absence is null; times are ISO 8601 strings. */
export interface PatientFields {
  /** The whole name as given, titles removed, spaces squeezed; null when only parts are known. */
  readonly name: string | null;
  /** The name in the patient's own script (Devanagari, Gurmukhi, Urdu), never transliterated by us. */
  readonly nameLocal: string | null;
  readonly givenName: string | null;
  readonly middleName: string | null;
  readonly familyName: string | null;
  readonly sex: Sex | null;
  readonly birthDate: BirthDate | null;
  /** `+91` and ten digits for Indian mobiles, else digits as given with a leading + where known. First is preferred. */
  readonly phones: readonly string[];
  readonly email: string | null;
  readonly relationName: string | null;
  readonly relationType: "father" | "mother" | "husband" | "wife" | "guardian" | null;
  readonly addressLine: string | null;
  readonly locality: string | null;
  readonly city: string | null;
  readonly district: string | null;
  readonly state: string | null;
  readonly postalCode: string | null;
  /** `A+`, `O-`, ... */
  readonly bloodGroup: string | null;
  readonly deceasedAt: string | null;
  readonly motherMrn: string | null;
  readonly guardianMrn: string | null;
  readonly seenAt: string | null;
  /** Other identifiers of the record, without its own key, sorted by system and value, without repeats. */
  readonly identifiers: readonly Identifier[];
}

export type PatientFieldName = keyof PatientFields;

export const emptyPatientFields: PatientFields = {
  name: null,
  nameLocal: null,
  givenName: null,
  middleName: null,
  familyName: null,
  sex: null,
  birthDate: null,
  phones: [],
  email: null,
  relationName: null,
  relationType: null,
  addressLine: null,
  locality: null,
  city: null,
  district: null,
  state: null,
  postalCode: null,
  bloodGroup: null,
  deceasedAt: null,
  motherMrn: null,
  guardianMrn: null,
  seenAt: null,
  identifiers: [],
};

/**
 * What one raw record says of its patient: a field that is absent says nothing, null (or an empty list) clears.
 * HL7's empty field is absent, its `""` is null; a CSV patient row speaks for every column that is mapped.
 */
export type PatientFacts = { readonly [Field in PatientFieldName]?: PatientFields[Field] };
