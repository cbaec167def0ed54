/** Survivorship: a person's best value for each field, with the source record and the rule it came from. */

import type { RecordId } from "../platform/ids.ts";
import { isLuhnValid } from "../records/abha.ts";
import { isFillerPhone } from "../records/normalize-phone.ts";
import type { BirthPrecision, PatientFields } from "../records/patient-record.ts";

export interface Member extends PatientFields {
  readonly recordId: RecordId;
  readonly authority: "patient" | "event";
  /** When the source last said something of the patient, in milliseconds; null when unknown. */
  readonly saidAt: number | null;
}

export interface Survivor {
  readonly field: string;
  readonly value: string;
  readonly from: RecordId;
  readonly rule: string;
}

/**
 * The golden values of one person. Blood group, allergies, pregnancy and anticoagulants are never survived
 * (design decision 12): they are shown with their sources. Same members, same answer, in whatever order they come.
 */
export function surviveGoldenRecord(members: readonly Member[]): readonly Survivor[] {
  const ordered = [...members].sort(byTrust);
  return [
    ...names(ordered),
    ...sex(ordered),
    ...birthDate(ordered),
    ...phone(ordered),
    ...address(ordered),
    ...abha(ordered),
    ...latest(ordered, "email"),
    ...latest(ordered, "relationName"),
    ...latest(ordered, "relationType"),
    ...latest(ordered, "deceasedAt"),
  ];
}

/** Patient messages before others, the latest first, then the smallest record id. */
function byTrust(a: Member, b: Member): number {
  if (a.authority !== b.authority) return a.authority === "patient" ? -1 : 1;
  return (b.saidAt ?? 0) - (a.saidAt ?? 0) || (a.recordId < b.recordId ? -1 : 1);
}

function survivor(
  field: string,
  member: Member,
  value: string | null,
  rule: string,
): readonly Survivor[] {
  return value === null ? [] : [{ field, value, from: member.recordId, rule }];
}

function latest(
  members: readonly Member[],
  field: "email" | "relationName" | "relationType" | "deceasedAt",
): readonly Survivor[] {
  const member = members.find((candidate) => candidate[field] !== null);
  return member === undefined ? [] : survivor(field, member, member[field], "latest");
}

/** All parts of the name come from one record: a given name of one and a family name of another would be nobody's. */
function names(members: readonly Member[]): readonly Survivor[] {
  const best = mostOf(
    members,
    (member) => fullName(member),
    (name) => name.split(" ").length * 100 + Math.min(name.length, 99),
  );
  const local = members.find((member) => member.nameLocal !== null);
  const latin = best === undefined ? [] : survivor("name", best, fullName(best), "most_complete");
  const parts =
    best === undefined
      ? []
      : (["givenName", "middleName", "familyName"] as const).flatMap((field) =>
          survivor(field, best, best[field], "most_complete"),
        );
  return [
    ...latin,
    ...parts,
    ...(local === undefined ? [] : survivor("nameLocal", local, local.nameLocal, "latest")),
  ];
}

/** The name as one text: as given, else made of its parts, else the name in local script. */
export function fullName(
  member: Pick<Member, "name" | "givenName" | "middleName" | "familyName" | "nameLocal">,
): string | null {
  const parts = [member.givenName, member.middleName, member.familyName].filter(
    (part) => part !== null,
  );
  return member.name ?? (parts.length > 0 ? parts.join(" ") : member.nameLocal);
}

function mostOf<T>(
  members: readonly Member[],
  read: (member: Member) => T | null,
  rank: (value: T) => number,
): Member | undefined {
  let best: Member | undefined;
  let bestRank = Number.NEGATIVE_INFINITY;
  for (const member of members) {
    const value = read(member);
    if (value === null || rank(value) <= bestRank) continue;
    best = member;
    bestRank = rank(value);
  }
  return best;
}

function sex(members: readonly Member[]): readonly Survivor[] {
  const value = mostCommon(members.map((member) => member.sex));
  const member = members.find((candidate) => candidate.sex === value);
  return member === undefined ? [] : survivor("sex", member, value, "most_common");
}

const precisionRanks: Readonly<Record<BirthPrecision, number>> = {
  day: 4,
  month: 3,
  year: 2,
  estimated: 1,
};

/** The most precise date; of several, the one most records say; 1 January counts as less than a true day. */
function birthDate(members: readonly Member[]): readonly Survivor[] {
  const rank = (member: Member): number => {
    if (member.birthDate === null) return 0;
    const isNewYear =
      member.birthDate.date.endsWith("-01-01") && member.birthDate.precision === "day";
    return isNewYear ? 3.5 : precisionRanks[member.birthDate.precision];
  };
  const top = Math.max(0, ...members.map(rank));
  const precise = members.filter((member) => member.birthDate !== null && rank(member) === top);
  const date = mostCommon(precise.map((member) => member.birthDate?.date ?? null));
  const member = precise.find((candidate) => candidate.birthDate?.date === date);
  if (member === undefined || member.birthDate === null) return [];
  return [
    ...survivor("birthDate", member, member.birthDate.date, "most_precise"),
    ...survivor("birthPrecision", member, member.birthDate.precision, "most_precise"),
  ];
}

/** The value most members have; of equals, the most trusted member's. */
function mostCommon<T>(values: readonly (T | null)[]): T | null {
  const counts = new Map<T, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: T | null = null;
  for (const [value, count] of counts)
    if (best === null || count > (counts.get(best) ?? 0)) best = value;
  return best;
}

function phone(members: readonly Member[]): readonly Survivor[] {
  for (const member of members) {
    const number = member.phones.find((candidate) => !isFillerPhone(candidate));
    if (number !== undefined) return survivor("phone", member, number, "latest_usable");
  }
  return [];
}

const addressFields = [
  "addressLine",
  "locality",
  "city",
  "district",
  "state",
  "postalCode",
] as const;

/** One record's address, whole: the latest that has a line. */
function address(members: readonly Member[]): readonly Survivor[] {
  const member =
    members.find((candidate) => candidate.addressLine !== null) ??
    members.find((candidate) => addressFields.some((field) => candidate[field] !== null));
  return member === undefined
    ? []
    : addressFields.flatMap((field) => survivor(field, member, member[field], "latest_whole"));
}

function abha(members: readonly Member[]): readonly Survivor[] {
  const found = members.flatMap((member) =>
    member.identifiers.map((identifier) => ({ member, identifier })),
  );
  const numbers = found.filter(({ identifier }) => identifier.system === "abha-number");
  const number = numbers.find(({ identifier }) => isLuhnValid(identifier.value)) ?? numbers[0];
  const address = found.find(({ identifier }) => identifier.system === "abha-address");
  return [
    ...(number === undefined
      ? []
      : survivor("abhaNumber", number.member, number.identifier.value, "valid_then_latest")),
    ...(address === undefined
      ? []
      : survivor("abhaAddress", address.member, address.identifier.value, "latest")),
  ];
}
