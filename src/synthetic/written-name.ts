/** A person's name as one clerk wrote it: respelled, shortened, swapped, with titles and "S/o" inside. */
import type { ClerkHabits } from "./facility-list.ts";
import type { Person, PersonName } from "./person.ts";
import type { Random } from "./random.ts";
import { mistyped, respelled } from "./spelling-noise.ts";

export interface WrittenName {
  readonly given: string;
  readonly middle: string;
  /** Empty for people with a single name. */
  readonly family: string;
  readonly title: string;
  /** The one-column form: parts in the clerk's order, with the title and the relation where habits put them. */
  readonly full: string;
  /** In Devanagari. */
  readonly local: string;
}

/** Given, middle and family name with single spaces. */
export function plainName(name: PersonName): string {
  return joined(name.given.latin, name.middle?.latin ?? "", name.family?.latin ?? "");
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}

function noisy(name: string, slips: number, random: Random): string {
  if (name === "") return "";
  const spelled = random.chance(0.1 * slips) ? respelled(name, random) : name;
  return random.chance(0.025 * slips) ? mistyped(spelled, random) : spelled;
}

function titleOf(person: Person, age: number, random: Random): string {
  if (age < 13) return person.sex === "male" ? "Master" : "Miss";
  if (person.sex === "male") return random.pick(["Mr", "Shri", "Mr.", "Sh."]);
  if (person.sex === "female" && person.relation.type === "husband")
    return random.pick(["Mrs", "Smt", "Smt.", "Mrs."]);
  return person.sex === "female" ? random.pick(["Ms", "Kumari", "Miss"]) : "";
}

const relationMark = { father: { male: "S/o", female: "D/o", other: "C/o" } } as const;

function relationText(person: Person): string {
  const name = plainName({ ...person.relation.name, family: null });
  if (person.relation.type === "husband") return ` W/o ${name}`;
  return ` ${relationMark.father[person.sex]} ${name}`;
}

function newbornName(mother: string, twin: number, random: Random): string {
  const order = twin === 0 ? "" : ` ${twin}`;
  return `${random.chance(0.5) ? "Baby" : "B/O"}${order}${random.chance(0.7) ? " of" : ""} ${mother}`
    .replace("B/O of", "B/O")
    .replace(/B\/O (\d) of/, "B/O $1");
}

function localName(name: PersonName): string {
  return joined(name.given.local, name.middle?.local ?? "", name.family?.local ?? "");
}

interface Parts {
  readonly given: string;
  readonly middle: string;
  readonly family: string;
}

/** Which parts of the name were written at all. */
function shortened(parts: Parts, slips: number, random: Random): Parts {
  const draw = random.between(1, 1000);
  if (draw <= 35 * slips) return { ...parts, family: "" };
  if (draw <= 95 * slips) return { ...parts, middle: "" };
  if (draw <= 115 * slips && parts.family !== "")
    return { ...parts, given: `${parts.given.charAt(0)}.`, middle: "" };
  if (draw <= 130 * slips && parts.middle !== "")
    return { ...parts, middle: parts.middle.charAt(0) };
  if (draw <= 150 * slips && parts.middle !== "")
    return { ...parts, given: parts.given + parts.middle.toLowerCase(), middle: "" };
  if (draw <= 180 * slips && parts.family !== "")
    return { ...parts, given: parts.family, family: parts.given };
  return parts;
}

/** The name on one registration, at an `age` in whole years. `given` and `full` are never empty. */
export function writtenName(
  person: Person,
  age: number,
  habits: ClerkHabits,
  random: Random,
): WrittenName {
  const title = random.chance(habits.titles) ? titleOf(person, age, random) : "";
  if (person.newborn !== null) {
    const given = newbornName(person.newborn.mother.latin, person.newborn.twin, random);
    const local = `${person.newborn.mother.local} का शिशु`;
    return { given, middle: "", family: "", title: "", full: given, local };
  }
  const parts = shortened(
    {
      given: noisy(person.name.given.latin, habits.slips, random),
      middle: noisy(person.name.middle?.latin ?? "", habits.slips, random),
      family: noisy(person.name.family?.latin ?? "", habits.slips, random),
    },
    habits.slips,
    random,
  );
  const relation = random.chance(habits.relationInName) ? relationText(person) : "";
  const ordered = joined(title, parts.given, parts.middle, parts.family);
  const full = random.chance(0.15) ? ordered.toUpperCase() : ordered;
  return { ...parts, title, full: full + relation, local: localName(person.name) };
}
