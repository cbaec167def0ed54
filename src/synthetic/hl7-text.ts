/** HL7 v2 text as a hospital's interface engine writes it: escaped, carriage returns, batches with counts. */
import { asCompact, dateOf } from "./calendar.ts";

/** Fields of one segment by their number; MSH starts at 3, since MSH-1 and MSH-2 are the delimiters. */
export type Hl7Fields = Readonly<Record<number, string>>;

const mustEscape = /[\\|^~&\r\n]/;

/** Text made safe for a field: the five delimiters become escape sequences. */
export function hl7Escaped(text: string): string {
  if (!mustEscape.test(text)) return text;
  return text
    .replaceAll("\\", "\\E\\")
    .replaceAll("|", "\\F\\")
    .replaceAll("^", "\\S\\")
    .replaceAll("~", "\\R\\")
    .replaceAll("&", "\\T\\")
    .replaceAll(/[\r\n]+/g, " ");
}

/** Components joined; each is escaped, empty ones at the end are dropped. */
export function hl7Components(...parts: readonly string[]): string {
  return parts.map(hl7Escaped).join("^").replace(/\^+$/, "");
}

/** One segment with its carriage return; field values are taken as they are, empty ones at the end are dropped. */
export function hl7Segment(name: string, fields: Hl7Fields): string {
  const isHeader = name === "MSH" || name === "FHS" || name === "BHS";
  let text = isHeader ? `${name}|^~\\&` : name;
  let reached = isHeader ? 2 : 0;
  // Whole-number keys come in ascending order, and fields above the last non-empty one are not written.
  for (const key in fields) {
    const field = Number(key);
    const value = fields[field] ?? "";
    if (value === "") continue;
    text += "|".repeat(field - reached) + value;
    reached = field;
  }
  return `${text}\r`;
}

/** `20260901093000+0530`: a day number and the minutes since midnight. */
export function hl7Time(day: number, minutes: number): string {
  const hour = String(Math.floor(minutes / 60)).padStart(2, "0");
  const minute = String(minutes % 60).padStart(2, "0");
  return `${asCompact(dateOf(day))}${hour}${minute}00+0530`;
}
