/** Texts of an HL7 message that are too long to keep: left out with a warning, as an optional field that cannot be read is. */
import type { Hl7Reading } from "../records/hl7-reading.ts";
import type { PatientFacts } from "../records/patient-record.ts";
import { maxIdentifierLength, maxLineLength, maxTextLength } from "../records/text-limit.ts";
import type { ClinicalEvent } from "./clinical-event.ts";

/** The facts without texts of more than a line; identifiers have their own limit where they are read. */
export function limitedFacts(reading: Hl7Reading, facts: PatientFacts): PatientFacts {
  const long = longFields(facts, () => maxLineLength);
  if (long.length === 0) return facts;
  for (const field of long) reading.warnTooLong(field);
  // Absent, not null: a text that cannot be kept says nothing, and must not clear what is known.
  return Object.fromEntries(
    Object.entries(facts).filter(([field]) => !long.includes(field)),
  ) as PatientFacts;
}

const longTexts = new Set(["value", "note"]);
const codes = new Set(["code", "codeSystem", "status", "lot"]);

/** The event with null for texts that are too long: notes and values may be long, codes are short. */
export function limitedEvent(reading: Hl7Reading, event: ClinicalEvent): ClinicalEvent {
  const long = longFields(event, maxLengthOf);
  if (long.length === 0) return event;
  for (const field of long) reading.warnTooLong(field);
  return { ...event, ...Object.fromEntries(long.map((field) => [field, null])) };
}

function maxLengthOf(field: string): number {
  if (longTexts.has(field)) return maxTextLength;
  return codes.has(field) ? maxIdentifierLength : maxLineLength;
}

function longFields(said: object, limitOf: (field: string) => number): readonly string[] {
  return Object.entries(said)
    .filter(([field, text]) => typeof text === "string" && text.length > limitOf(field))
    .map(([field]) => field);
}
