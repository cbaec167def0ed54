/** AL1, DG1 and PR1 of an ADT message as allergies, conditions and procedures. */
import type { Hl7Segment } from "../hl7/segment.ts";
import { plainName } from "../records/hl7-name.ts";
import { freeText, type Hl7Reading } from "../records/hl7-reading.ts";
import type { RecordKey } from "../records/patient-record.ts";
import type {
  AllergyEvent,
  ClinicalEvent,
  ConditionEvent,
  ProcedureEvent,
} from "./clinical-event.ts";
import { type Coding, codingText, fieldCoding } from "./hl7-coding.ts";
import { derivedKey, patientPart, sourceKey } from "./hl7-event-key.ts";
import type { PatientGroup } from "./hl7-group.ts";

interface ChartContext {
  readonly reading: Hl7Reading;
  readonly key: RecordKey;
  readonly encounterId: string | null;
}

/** Every AL1, DG1 and PR1 of a patient's group; one without code and words is left out with a warning. */
export function chartEvents(context: ChartContext, group: PatientGroup): readonly ClinicalEvent[] {
  const events: ClinicalEvent[] = [];
  for (const segment of group.segments) {
    const event = chartEvent(context, segment);
    if (event !== null) events.push(event);
  }
  return events;
}

function chartEvent(context: ChartContext, segment: Hl7Segment): ClinicalEvent | null {
  switch (segment.name) {
    case "AL1":
      return allergyOf(context, segment);
    case "DG1":
      return conditionOf(context, segment);
    case "PR1":
      return procedureOf(context, segment);
    default:
      return null;
  }
}

/** Table 0128. */
const severities: Readonly<Record<string, string>> = { SV: "severe", MO: "moderate", MI: "mild" };

function allergyOf(context: ChartContext, segment: Hl7Segment): AllergyEvent | null {
  const { reading, key } = context;
  const coding = fieldCoding(segment, 3, reading.context.facilityId);
  if (saysNothing(reading, segment, coding)) return null;
  const severity = segment.text(4)?.toUpperCase() ?? null;
  const reactions = segment
    .repetitions(5)
    .map((reaction) => freeText(reaction.text(2) ?? reaction.text(1)));
  return {
    kind: "allergy",
    eventKey: derivedKey(patientPart(key), coding.code, codingText(coding)),
    ...coding,
    time: reading.time({ segment, position: 6 }, "at"),
    endAt: null,
    status: "active",
    encounterId: context.encounterId,
    performer: null,
    note: null,
    reaction: freeText(reactions.filter((reaction) => reaction !== null).join("; ")),
    severity: severity === null ? null : (severities[severity] ?? null),
  };
}

/** Table 0052 as FHIR's verification status. */
const certainties: Readonly<Record<string, string>> = {
  F: "confirmed",
  A: "provisional",
  W: "provisional",
};

function conditionOf(context: ChartContext, segment: Hl7Segment): ConditionEvent | null {
  const { reading, key, encounterId } = context;
  const coding = describedCoding(reading, segment);
  if (saysNothing(reading, segment, coding)) return null;
  const number = segment.text(20);
  const isDeleted = segment.text(21)?.toUpperCase() === "D";
  const certainty = certainties[segment.text(6)?.toUpperCase() ?? ""] ?? null;
  return {
    kind: "condition",
    eventKey:
      ownKey(number) ?? derivedKey(patientPart(key), encounterId, coding.code, codingText(coding)),
    ...coding,
    time: reading.time({ segment, position: 5 }, "at"),
    endAt: null,
    status: isDeleted ? "entered-in-error" : certainty,
    encounterId,
    performer: plainName(segment.repetitions(16)[0], 2),
    note: null,
  };
}

function procedureOf(context: ChartContext, segment: Hl7Segment): ProcedureEvent | null {
  const { reading, key, encounterId } = context;
  const coding = describedCoding(reading, segment);
  if (saysNothing(reading, segment, coding)) return null;
  const derived = derivedKey(
    patientPart(key),
    encounterId,
    coding.code ?? coding.display,
    segment.text(5),
  );
  return {
    kind: "procedure",
    eventKey: ownKey(segment.text(19)) ?? derived,
    ...coding,
    time: reading.time({ segment, position: 5 }, "at"),
    endAt: null,
    status: segment.text(20)?.toUpperCase() === "D" ? "entered-in-error" : "completed",
    encounterId,
    performer: plainName(segment.repetitions(11)[0], 2),
    note: null,
  };
}

function ownKey(number: string | null): string | null {
  return number === null ? null : sourceKey(number);
}

/** Field 3 with the coding method of field 2 and, where it has no words, the description of field 4 (DG1, PR1 alike). */
function describedCoding(reading: Hl7Reading, segment: Hl7Segment): Coding {
  const coding = fieldCoding(segment, 3, reading.context.facilityId, segment.text(2));
  return { ...coding, display: coding.display ?? freeText(segment.text(4)) };
}

function saysNothing(reading: Hl7Reading, segment: Hl7Segment, coding: Coding): boolean {
  if (codingText(coding) !== null) return false;
  const hint = "The segment names neither a code nor words for what it tells; it was left out.";
  const warning = { reason: "missing", rule: "event_code_missing", field: "code", hint } as const;
  reading.warn(warning, { segment, position: 3 });
  return true;
}
