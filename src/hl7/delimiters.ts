/** The delimiters a message declares for itself in MSH-1 and MSH-2. */
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import type { Hl7Defect } from "./defect.ts";

/** One character each; null where MSH-2 names none. */
export interface Hl7Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string | null;
  readonly escape: string | null;
  readonly subcomponent: string | null;
  readonly truncation: string | null;
  /** True for `^~\\&`: a backslash doubled by whatever wrote the file, read as one. */
  readonly doubledEscape: boolean;
}

export const standardDelimiters: Hl7Delimiters = {
  field: "|",
  component: "^",
  repetition: "~",
  escape: "\\",
  subcomponent: "&",
  truncation: null,
  doubledEscape: false,
};

const invalid: Hl7Defect = {
  reason: "malformed",
  rule: "delimiters_invalid",
  segment: "MSH[1]-2",
  hint: "MSH-1 and MSH-2 must be four to six different signs such as |^~\\&; ask the sender to correct them.",
};

/** Reads MSH-1 and MSH-2 from the first characters of a message. */
export function readDelimiters(text: string): Parsed<Hl7Delimiters, Hl7Defect> {
  const field = text.charAt(3);
  const end = text.indexOf(field, 4);
  const declared = end === -1 ? text.slice(4, 10).trimEnd() : text.slice(4, end);
  const doubledEscape = declared === "^~\\\\&";
  const signs = doubledEscape ? "^~\\&" : declared;
  if (!isValidSet(field, signs)) return unparsed(invalid);
  return parsed({ field, ...assign(signs), doubledEscape });
}

function isValidSet(field: string, signs: string): boolean {
  if (signs.length < 3 || signs.length > 5) return false;
  const all = field + signs;
  return /^[!-/:-@[-`{-~]+$/.test(all) && new Set(all).size === all.length;
}

function assign(signs: string): Omit<Hl7Delimiters, "field" | "doubledEscape"> {
  const [component = "^", second = null, third = null, fourth = null, fifth = null] = signs;
  if (signs.length > 3) {
    return {
      component,
      repetition: second,
      escape: third,
      subcomponent: fourth,
      truncation: fifth,
    };
  }
  // Three signs leave one out. `^\&` lacks the repetition and `^~&` the escape; else the last, as the standard has it.
  const none = { component, truncation: null };
  if (third === "&" && second === "\\") {
    return { ...none, repetition: null, escape: second, subcomponent: third };
  }
  if (third === "&") return { ...none, repetition: second, escape: null, subcomponent: third };
  return { ...none, repetition: second, escape: third, subcomponent: null };
}
