/** What spreadsheets do to numbers that are names of things: exponents, lost digits, lost zeros, dates. Such a value identifies nobody. */
import { asciiDigits } from "./digits.ts";
import { dateMark, lostZerosMark } from "./excel-mark.ts";
import type { EventMap, FieldMap, FieldSource, MapField } from "./field-map.ts";

/** Fields whose digits are a name, not a quantity. */
export const identifierFields = [
  "mrn",
  "identifier",
  "abhaNumber",
  "motherMrn",
  "guardianMrn",
  "encounterId",
  "eventId",
] as const satisfies readonly MapField[];

const guarded: ReadonlySet<MapField> = new Set<MapField>([...identifierFields, "phone"]);

export interface Damage {
  readonly rule: string;
  readonly hint: string;
  /** The value is left out with a warning: the row can do without it. */
  readonly keepsRow?: boolean;
}

const scientific: Damage = {
  rule: "excel_scientific",
  hint: "A spreadsheet has shortened this number (9.81E+09), and its digits are lost: export again, with the column as text.",
};
const digitsLost: Damage = {
  rule: "excel_digits_lost",
  hint: "A spreadsheet keeps 15 digits of a number and has made the others zeros: export again, with the column as text.",
};
const date: Damage = {
  rule: "excel_date",
  hint: "A spreadsheet has taken this number for a date: export again, with the column as text.",
};
const error: Damage = {
  rule: "excel_error",
  hint: "The cell holds an error of the spreadsheet (such as #REF!) and not a value: mend the formula, or type the value.",
};
const zerosLost: Damage = {
  rule: "leading_zeros_lost",
  hint: "A spreadsheet has taken the leading zeros off this number: export again, with the column as text.",
};

/**
 * What is wrong with a text in its field; null where nothing is. Only error values (#REF!) are damage in any field.
 * Only what cannot be meant is damage: `5E12` may be a number of ward 5E, and 16 digits may end in one zero.
 */
export function excelDamage(field: MapField, text: string, source: FieldSource): Damage | null {
  if (source.width === undefined && !suspect.test(text)) return null;
  const ascii = asciiDigits(text).trim();
  const isGuarded = guarded.has(field);
  if (errorValue.test(ascii)) return isGuarded ? error : { ...error, keepsRow: true };
  return isGuarded ? numberDamage(field, ascii, source) : null;
}

function numberDamage(field: MapField, ascii: string, source: FieldSource): Damage | null {
  if (ascii.startsWith(lostZerosMark)) return zerosLost;
  if (ascii.startsWith(dateMark) || shownDate.test(ascii)) return date;
  const damaged = field === "phone" ? shortenedInPhones(ascii) : shortened(ascii);
  if (damaged !== null) return damaged;
  if (field !== "phone" && /^\d{15}0{2,}$/.test(ascii)) return digitsLost;
  const isShort = source.width !== undefined && ascii.length < source.width && /^\d+$/.test(ascii);
  return isShort ? zerosLost : null;
}

/** The signs of any damage: nearly every text has none of them, and is done with here. */
const suspect = /^\s*#|\p{Nd}[eE]|\p{Nd}{17}|^\s*\p{Nd}+-[A-Za-z]{3}|^\s*[A-Za-z]{3}-\p{Nd}/u;

/** Spreadsheets write a sign and two digits of the exponent; without the sign only a fraction proves the number. */
const exponent = /^\d(?:[.,](\d+))?E\+\d{2,3}$|^\d[.,](\d+)E\d{1,3}$/i;
const exponentInPhones =
  /(?:^|[^\w.,])\d(?:[.,]\d+)?E\+\d{2,3}(?!\w)|(?:^|[^\w.,])\d[.,]\d+E\d{1,3}(?!\w)/i;

function shortened(text: string): Damage | null {
  const match = exponent.exec(text);
  if (match === null) return null;
  // All 15 digits that a spreadsheet keeps: the number was longer.
  return (match[1] ?? match[2] ?? "").length >= 14 ? digitsLost : scientific;
}

function shortenedInPhones(text: string): Damage | null {
  if (exponentInPhones.test(text)) return shortened(text) ?? scientific;
  return null;
}

/** `12-Mar`, `Mar-12`, `12-Mar-24`: what a spreadsheet shows of a number such as 12-3. */
const shownDate =
  /^(?:\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:-\d{2}|-\d{4})?|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-\d{2})$/i;

const errorValue =
  /^#(?:REF!|N\/A|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|UNKNOWN!|CONNECT!|GETTING_DATA)$/i;

/** The maps with only some of their fields. */
export function mapsOf(
  maps: readonly (FieldMap | EventMap)[],
  fields: readonly MapField[],
): readonly EventMap[] {
  return maps.map((map) =>
    Object.fromEntries(Object.entries(map).filter(([name]) => fields.includes(name as MapField))),
  );
}
