/** HL7 person names (XPN) as the name fields of a patient. */
import type { Hl7Repetition, Hl7Segment } from "../hl7/segment.ts";
import { blankToNull, maskedLine, normalizeName } from "./normalize-name.ts";
import type { PatientFacts } from "./patient-record.ts";

type NameFacts = Pick<
  PatientFacts,
  "name" | "nameLocal" | "givenName" | "middleName" | "familyName" | "relationName" | "relationType"
>;

/** Scripts of India but Latin: Arabic (Urdu, Kashmiri), Devanagari to Sinhala's neighbours, Ol Chiki, Meetei Mayek. */
const localScript = /[\u0600-\u06ff\u0750-\u077f\u0900-\u0d7f\u1c50-\u1c7f\uabc0-\uabff]/;
/** Table 0200: alias, maiden, nickname, coded, bad, ... name a person only where no other name does. */
const secondaryTypes = new Set(["A", "M", "N", "P", "K", "B", "NAV", "BAD", "NB"]);
const neverTypes = new Set(["S", "NOUSE"]);

/**
 * The name of PID-5 or of another XPN field: the first usable repetition, and one in a local script as `nameLocal`.
 * A name given replaces all of the old name's parts; `""` clears them; nothing says nothing.
 */
export function nameFacts(segment: Hl7Segment, position: number): NameFacts {
  if (segment.field(position) === '""') {
    return { name: null, nameLocal: null, givenName: null, middleName: null, familyName: null };
  }
  const usable = segment.repetitions(position).filter(isUsable);
  const local = usable.find(
    (repetition) => localScript.test(repetition.raw) || hasLocal(repetition),
  );
  const latin = usable.filter((repetition) => repetition !== local && !hasLocal(repetition));
  const chosen = latin.find((repetition) => !isSecondary(repetition)) ?? latin[0] ?? local;
  if (chosen === undefined) return {};
  const nameLocal = local === undefined ? {} : { nameLocal: wholeName(local).name };
  return { ...partsOf(chosen), ...nameLocal };
}

/** The whole name of any XPN or XCN-like repetition, whose family name is component `first`; null when it has none. */
export function plainName(repetition: Hl7Repetition | undefined, first = 1): string | null {
  if (repetition === undefined) return null;
  const given = [first + 1, first + 2].map((component) => repetition.text(component));
  const parts = [...given, repetition.text(first)].filter((part) => part !== null);
  return blankToNull(maskedLine(parts.join(" ")));
}

function isUsable(repetition: Hl7Repetition): boolean {
  const type = repetition.text(7)?.toUpperCase() ?? "";
  return !neverTypes.has(type) && plainName(repetition) !== null;
}

function isSecondary(repetition: Hl7Repetition): boolean {
  return secondaryTypes.has(repetition.text(7)?.toUpperCase() ?? "");
}

/** Escapes may hide the script, so the text is looked at too. */
function hasLocal(repetition: Hl7Repetition): boolean {
  return localScript.test(plainName(repetition) ?? "");
}

function wholeName(repetition: Hl7Repetition): ReturnType<typeof normalizeName> {
  const suffix = repetition.text(4);
  const whole = plainName(repetition) ?? "";
  return normalizeName(suffix === null ? whole : `${whole} ${suffix}`);
}

function partsOf(repetition: Hl7Repetition): NameFacts {
  const whole = wholeName(repetition);
  const part = (component: number) => normalizeName(repetition.text(component) ?? "").name;
  const relation =
    whole.relationName === null
      ? {}
      : { relationName: whole.relationName, relationType: whole.relationType };
  const family = part(1);
  const given = part(2);
  // A whole name written into PID-5.1 alone says nothing of its parts.
  const isWhole = given === null && family !== null && family.includes(" ");
  return {
    name: whole.name,
    givenName: given,
    middleName: part(3),
    familyName: isWhole ? null : family,
    ...relation,
  };
}
