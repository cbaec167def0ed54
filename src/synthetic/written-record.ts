/** One registration as a facility wrote it down: true facts, worn by clerks, memory and moves. */
import { ageOn, type CalendarDate, dateOf, dayOf } from "./calendar.ts";
import type { Home } from "./person.ts";
import type { Registration } from "./population.ts";
import { keyOf, Random } from "./random.ts";
import { misdialed } from "./spelling-noise.ts";
import { plainName, type WrittenName, writtenName } from "./written-name.ts";

/** Either a date, or only the age in whole years on the day of registration, or nothing. */
export type WrittenBirth =
  | { readonly kind: "date"; readonly date: CalendarDate }
  | { readonly kind: "age"; readonly years: number }
  | { readonly kind: "unknown" };

export interface WrittenRecord {
  readonly mrn: string;
  readonly name: WrittenName;
  readonly sex: "male" | "female" | "other";
  readonly birth: WrittenBirth;
  /** As typed, with or without country code; empty when not asked. */
  readonly phone: string;
  /** Plain or in groups; empty when not shown. */
  readonly abha: string;
  readonly relationType: "father" | "husband" | "mother";
  readonly relationName: string;
  readonly home: Home;
  readonly bloodGroup: string;
  readonly seenDay: number;
}

const junkPhones: readonly [string, ...string[]] = [
  "9999999999",
  "9999999999",
  "9876543210",
  "9000000000",
  "8888888888",
];

function misread(date: CalendarDate, random: Random): CalendarDate {
  const swapped = { year: date.year, month: date.day, day: date.month };
  if (date.day <= 12 && random.chance(0.4)) return swapped;
  const day = random.between(1, 28);
  return random.chance(0.5) ? { ...date, day } : { ...date, day, year: date.year - 1 };
}

/** Ages are often rounded to five by those who do not know their birthday. */
function statedAge(years: number, random: Random): number {
  if (years < 18) return years;
  if (random.chance(0.25)) return Math.round(years / 5) * 5;
  return Math.max(18, years + random.between(-1, 1));
}

function writtenBirth(registration: Registration, random: Random): WrittenBirth {
  const { person, facility, seenDay } = registration;
  const truth = dateOf(person.birthDay);
  const years = ageOn(person.birthDay, seenDay);
  const draw = random.uint32() / 0x100000000;
  const { ageOnly, januaryFirst, slips } = facility.habits;
  if (years >= 2 && draw < ageOnly) return { kind: "age", years: statedAge(years, random) };
  if (years >= 18 && draw < ageOnly + januaryFirst)
    return { kind: "date", date: { year: truth.year, month: 1, day: 1 } };
  if (random.chance(0.015 * slips)) return { kind: "unknown" };
  if (!random.chance(0.025 * slips)) return { kind: "date", date: truth };
  const slip = misread(truth, random);
  return { kind: "date", date: dayOf(slip) > seenDay ? truth : slip };
}

function writtenPhone(registration: Registration, random: Random): string {
  const { person, facility } = registration;
  const draw = random.between(1, 1000);
  const { slips } = facility.habits;
  if (draw <= 70 * slips) return "";
  if (draw <= 90 * slips) return random.pick(junkPhones);
  const known = draw <= 160 * slips ? person.formerPhone : person.phone;
  const dialed = draw > 980 ? misdialed(known, random) : known;
  const form = random.between(1, 10);
  if (form === 1) return `+91 ${dialed.slice(0, 5)} ${dialed.slice(5)}`;
  if (form === 2) return `0${dialed}`;
  return form === 3 ? `91-${dialed}` : dialed;
}

function writtenAbha(registration: Registration, random: Random): string {
  const { abha } = registration.person;
  if (abha === null || !random.chance(registration.facility.habits.abha)) return "";
  const copied = random.chance(0.008) ? misdialed(abha, random) : abha;
  if (random.chance(0.3)) return copied;
  return `${copied.slice(0, 2)}-${copied.slice(2, 6)}-${copied.slice(6, 10)}-${copied.slice(10)}`;
}

/** What the registration's row says; always the same for the same seed and registration. */
export function writtenRecord(seed: number, registration: Registration): WrittenRecord {
  const { person, facility, ordinal, mrn, seenDay } = registration;
  const random = new Random(seed, keyOf(5, person.index, ordinal));
  const relation = plainName(person.relation.name);
  return {
    mrn,
    name: writtenName(person, ageOn(person.birthDay, seenDay), facility.habits, random),
    sex: random.chance(0.002) ? "other" : person.sex,
    birth: writtenBirth(registration, random),
    phone: writtenPhone(registration, random),
    abha: writtenAbha(registration, random),
    relationType: person.relation.type,
    relationName: random.chance(0.15) ? "" : relation,
    home: random.chance(0.09) ? person.formerHome : person.home,
    bloodGroup: random.chance(0.4) ? person.bloodGroup : "",
    seenDay,
  };
}
