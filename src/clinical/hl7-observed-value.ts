/** OBX-5 as text, by its type in OBX-2. Numbers stay as they were written: no value passes through Number. */
import type { Hl7Repetition, Hl7Segment } from "../hl7/segment.ts";
import { readTime } from "../hl7/time.ts";
import { freeLines, freeText, type Hl7Reading, maskedLines } from "../records/hl7-reading.ts";

/** The value of an OBX, repetitions on lines of their own; null where there is none. Embedded documents (ED) are left out with a warning. */
export function observedValue(reading: Hl7Reading, lead: Hl7Segment): string | null {
  const type = lead.text(2)?.trim().toUpperCase() ?? "";
  if (type === "ED" && lead.field(5) !== "") {
    const hint =
      "Documents embedded in OBX-5 are kept in the raw message only; the observation has no value.";
    const warning = {
      reason: "refused",
      rule: "document_not_mapped",
      field: "value",
      hint,
    } as const;
    reading.warn(warning, { segment: lead, position: 5 });
    return null;
  }
  const values = lead
    .repetitions(5)
    .map((repetition) => repetitionValue(type, repetition, reading));
  return maskedLines(values);
}

function repetitionValue(
  type: string,
  repetition: Hl7Repetition,
  reading: Hl7Reading,
): string | null {
  switch (type) {
    case "CE":
    case "CNE":
    case "CWE":
    case "CF":
      return freeText(firstText(repetition, [2, 5, 9, 1, 4]));
    case "SN":
      return freeText(structuredNumber(repetition));
    case "DT":
    case "TS":
    case "DTM":
      return timeText(repetition, reading);
    case "NM":
    case "ID":
    case "IS":
    case "SI":
    case "TM":
      return freeText(repetition.text(1));
    case "RP":
      return freeText(repetition.text(1));
    default:
      // ST, TX, FT and types that are not known: what stands there, component signs and all.
      return freeLines(repetition.wholeText());
  }
}

function firstText(repetition: Hl7Repetition, components: readonly number[]): string | null {
  return (
    components.map((component) => repetition.text(component)).find((text) => text !== null) ?? null
  );
}

/** `>^100` is `>100`, `^1^:^128` is `1:128`. */
function structuredNumber(repetition: Hl7Repetition): string {
  return [1, 2, 3, 4].map((component) => repetition.text(component) ?? "").join("");
}

function timeText(repetition: Hl7Repetition, reading: Hl7Reading): string | null {
  const text = repetition.text(1);
  const read = text === null ? null : readTime(text, reading.context.zone);
  return read?.ok === true ? read.value.at : freeText(text);
}
