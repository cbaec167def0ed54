/** A human in the master patient index, as doors show them: golden values with their origin, members, cards. */
import type { HealthId, PersonId } from "../platform/ids.ts";
import type { Identifier } from "../records/patient-record.ts";

/** A merged person keeps its id and points at the survivor; a retired one has no records any more. */
export type PersonStatus = "active" | "merged" | "retired";

/** Where in a source a value was read: the file's name as people know it, and the 1-based line. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

/** Golden values by canonical field name (`name`, `birthDate`, `abhaNumber`, ...); a field nobody gave is absent. */
export type GoldenFields = Readonly<Record<string, string>>;

/** Which record a golden value came from, and by which rule of survivorship. */
export interface GoldenOrigin {
  readonly rule: string;
  readonly facility: string;
  readonly source: SourcePlace | null;
}

/** One line of a list of people. */
export interface PersonSummary {
  readonly personId: PersonId;
  readonly healthId: HealthId | null;
  /** Run that changed the person last; serves as the version. */
  readonly changedRun: string;
  readonly golden: GoldenFields;
  readonly records: readonly RecordIdentity[];
}

/** The numbers one facility knows a person by. */
export interface RecordIdentity {
  readonly facility: string;
  readonly facilityName: string;
  /** Assigning authority of the MRN; the facility's own id where the source names none. */
  readonly system: string;
  readonly mrn: string;
  readonly identifiers: readonly Identifier[];
}

/** One source record of a person, in the facility's own words. Absence is null. */
export interface MemberRecord extends RecordIdentity {
  readonly recordId: string;
  readonly name: string | null;
  readonly nameLocal: string | null;
  readonly sex: string | null;
  readonly birthDate: string | null;
  readonly birthPrecision: string | null;
  readonly phones: readonly string[];
  readonly bloodGroup: string | null;
  readonly seenAt: string | null;
  readonly source: SourcePlace | null;
}

/** One card of a person; `issuedOn` is `YYYY-MM-DD`. */
export interface PersonCard {
  readonly serial: string;
  readonly issue: number;
  readonly state: string;
  readonly issuedOn: string;
  readonly batch: string;
}

/** An allergy entry as its facility gave it; never decided between facilities (design decision 12). */
export interface SourcedAllergy {
  readonly code: string | null;
  readonly display: string | null;
  readonly status: string | null;
  readonly at: string | null;
  readonly facility: string;
  readonly source: SourcePlace | null;
}

/** Everything `person show` and FHIR's Patient tell of one person: for an old id the survivor's, with the status of the old one. */
export interface PersonView extends Omit<PersonSummary, "records"> {
  /** Status of the id that was asked for. */
  readonly status: PersonStatus;
  /** Person the asked id belongs to by itself: the same as `personId` unless merged away. */
  readonly askedPersonId: PersonId;
  /** The survivor's health ID when the asked one was merged into it, else null. */
  readonly mergedInto: HealthId | null;
  /** Health IDs that were merged into this person; they still resolve. */
  readonly aliases: readonly HealthId[];
  readonly origins: Readonly<Record<string, GoldenOrigin>>;
  readonly records: readonly MemberRecord[];
  readonly allergies: readonly SourcedAllergy[];
  readonly cards: readonly PersonCard[];
}

/** A blood group with the record that says it. */
export interface SourcedValue {
  readonly value: string;
  readonly facility: string;
  readonly source: SourcePlace | null;
}

/** What the records say of the blood group, each with its source; more than one distinct value is a conflict, never decided by us. */
export function bloodGroupsOf(records: readonly MemberRecord[]): {
  readonly entries: readonly SourcedValue[];
  readonly conflict: boolean;
} {
  const entries = records.flatMap(({ bloodGroup, facility, source }) =>
    bloodGroup === null ? [] : [{ value: bloodGroup, facility, source }],
  );
  return { entries, conflict: new Set(entries.map(({ value }) => value)).size > 1 };
}

const noKnownAllergy =
  /^(no|nil|none|nkda?|no known( drug)? allerg(y|ies)|no allerg(y|ies)|none known)$/i;
/** SNOMED CT: no known allergy, no known drug allergy, no known food allergy. */
const noKnownAllergyCodes = ["716186003", "409137002", "429625007"];

/** True for an entry that says there is no allergy: it never hides an entry that names one. */
export function saysNoAllergy(allergy: SourcedAllergy): boolean {
  const display = allergy.display?.trim() ?? "";
  return noKnownAllergyCodes.includes(allergy.code ?? "") || noKnownAllergy.test(display);
}

/** Entries that name an allergy come first; conflict where some say none and others name one. */
export function allergiesOf(allergies: readonly SourcedAllergy[]): {
  readonly entries: readonly SourcedAllergy[];
  readonly conflict: boolean;
} {
  const none = allergies.filter(saysNoAllergy);
  const named = allergies.filter((allergy) => !saysNoAllergy(allergy));
  return { entries: [...named, ...none], conflict: named.length > 0 && none.length > 0 };
}
