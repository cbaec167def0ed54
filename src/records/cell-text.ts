/** A cell as its program meant it: what databases write for nothing, and what keeps a spreadsheet from reading a number. */
import { asciiDigits } from "./digits.ts";
import { type MapField, patientFieldNames } from "./field-map.ts";

/** `="00125"`: a formula whose result is a text. Exports write it so that a spreadsheet leaves the zeros. */
const textFormula = /^=\s*"((?:[^"]|"")*)"$/;
/** `'00125`: the apostrophe that makes a number a text, when it got into the file. */
const textMark = /^'(?=[\p{Nd}+])/u;

/** The cell trimmed, without what was put around it for a spreadsheet's sake. */
export function cellText(cell: string): string {
  const text = cell.trim();
  const first = text.charCodeAt(0);
  if (first === 0x3d) return textFormula.exec(text)?.[1]?.replaceAll('""', '"').trim() ?? text;
  return first === 0x27 ? text.replace(textMark, "") : text;
}

/** `NULL` as SQL clients and `\N` as MySQL write a missing value: never a text, in no column. */
const nulls = /^(?:\(?null\)?|\\N)$/i;
/** What clerks write where there is nothing. Not so in events: the sodium of a test is `Na`, and its result may be `Nil`. */
const nones = /^(?:[nN]\/[aA]|[nN]\.[aA]\.?|NA|NIL)$/;
const noDates = /^(?:[-–—.]+|n\/?a|nil|none|nan|unknown|not known|not available|अज्ञात)$/i;

const patientFields: ReadonlySet<MapField> = new Set(patientFieldNames);
const readFields: ReadonlySet<MapField> = new Set(["birthDate", "age", "seenAt", "deceasedAt"]);

/** True for a text that stands for no value in this field. */
export function isNothing(text: string, field: MapField): boolean {
  if (text === "" || (text.length <= 6 && nulls.test(text))) return true;
  if (text.length > 15) return false;
  if (readFields.has(field)) return noDates.test(text);
  return text.length <= 4 && patientFields.has(field) && nones.test(text);
}

/** Fields of whole numbers, to which programs that count in fractions add `.0`. */
const wholeFields: ReadonlySet<MapField> = new Set([
  "mrn",
  "identifier",
  "abhaNumber",
  "motherMrn",
  "guardianMrn",
  "phone",
  "age",
  "sex",
]);
const fraction = /^\p{Nd}{1,15}\.[0०]+$/u;

/** `12345.0` as 12345 where the field holds whole numbers; any other text as it stands. */
export function withoutFraction(text: string, field: MapField): string {
  if (!text.includes(".") || !wholeFields.has(field) || !fraction.test(text)) return text;
  return asciiDigits(text).replace(/\.0+$/, "");
}
