/** People as `hims person` and its `--json` tell of them. */
import type { HealthId } from "../platform/ids.ts";
import {
  allergiesOf,
  bloodGroupsOf,
  type GoldenOrigin,
  type MemberRecord,
  type PersonCard,
  type PersonStatus,
  type PersonSummary,
  type PersonView,
  type SourcedAllergy,
  type SourcedValue,
} from "./person.ts";

/** One line of `person find`. `birthDate` is as exact as `birthPrecision` says. */
export interface PersonLine {
  readonly healthId: HealthId | null;
  readonly name: string | null;
  readonly nameLocal: string | null;
  readonly sex: string | null;
  readonly birthDate: string | null;
  readonly birthPrecision: string | null;
  readonly personId: string;
}

/** Golden values by field; what is never decided between facilities is a list with sources. */
export interface GoldenAnswer {
  readonly bloodGroup: readonly SourcedValue[];
  readonly allergies: readonly SourcedAllergy[];
  /** Fields on which facilities contradict each other: `bloodGroup`, `allergies`. */
  readonly conflicts: readonly string[];
  readonly [field: string]: unknown;
}

/** `person show`: for an old id the survivor, with the status of the old one. */
export interface PersonAnswer {
  readonly healthId: HealthId | null;
  readonly personId: string;
  readonly status: PersonStatus;
  readonly mergedInto: HealthId | null;
  readonly aliases: readonly HealthId[];
  readonly golden: GoldenAnswer;
  readonly origins: Readonly<Record<string, GoldenOrigin>>;
  readonly records: readonly MemberRecord[];
  readonly cards: readonly PersonCard[];
}

export function toPersonLine({ healthId, personId, golden }: PersonSummary): PersonLine {
  return {
    healthId,
    name: golden["name"] ?? golden["nameLocal"] ?? null,
    nameLocal: golden["nameLocal"] ?? null,
    sex: golden["sex"] ?? null,
    birthDate: golden["birthDate"] ?? null,
    birthPrecision: golden["birthPrecision"] ?? null,
    personId,
  };
}

export function toPersonAnswer(person: PersonView): PersonAnswer {
  const bloodGroups = bloodGroupsOf(person.records);
  const allergies = allergiesOf(person.allergies);
  return {
    healthId: person.healthId,
    personId: person.personId,
    status: person.status,
    mergedInto: person.mergedInto,
    aliases: person.aliases,
    golden: {
      ...person.golden,
      bloodGroup: bloodGroups.entries,
      allergies: allergies.entries,
      conflicts: [
        ...(bloodGroups.conflict ? ["bloodGroup"] : []),
        ...(allergies.conflict ? ["allergies"] : []),
      ],
    },
    origins: person.origins,
    // The keyed Aadhaar hash is for matching and is shown to nobody.
    records: person.records.map((record) => ({
      ...record,
      identifiers: record.identifiers.filter(({ system }) => !system.startsWith("aadhaar")),
    })),
    cards: person.cards,
  };
}
