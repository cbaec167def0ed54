/** VXU: one immunization for each RXA, with its RXR (route) and the OBX below it that say dose number and next due date. */
import type { Hl7Segment } from "../hl7/segment.ts";
import { readTime } from "../hl7/time.ts";
import { plainName } from "../records/hl7-name.ts";
import { freeLines, freeText, type Hl7Reading, maskedLines } from "../records/hl7-reading.ts";
import type { RecordKey } from "../records/patient-record.ts";
import type { ImmunizationEvent } from "./clinical-event.ts";
import { codingText, fieldCoding } from "./hl7-coding.ts";
import { derivedKey, type KeyCounter, patientPart, sourceKey } from "./hl7-event-key.ts";
import { named, type PatientGroup, runsOf, type SegmentRun } from "./hl7-group.ts";
import { visitNumber } from "./hl7-visit.ts";

export interface VaccinationContext {
  readonly reading: Hl7Reading;
  readonly key: RecordKey;
  readonly keys: KeyCounter;
}

/** CVX "no vaccine administered": the RXA only carries OBX that are no immunization. */
const noVaccine = "998";
/** What senders write into ORC-3 when there was no order (CDC guide, 2.5.1). */
const noOrderNumber = "9999";
/** LOINC codes of OBX below an RXA. */
const doseNumberCode = "30973-2";
const dueDateCodes = new Set(["30980-7", "30981-5"]);

/** The immunizations of a patient's group. */
export function immunizationsOf(
  context: VaccinationContext,
  group: PatientGroup,
): readonly ImmunizationEvent[] {
  const events: ImmunizationEvent[] = [];
  let order: Hl7Segment | null = null;
  for (const run of runsOf(group.segments, ["ORC", "RXA"])) {
    if (run.lead.name === "ORC") {
      order = run.lead;
      continue;
    }
    const event = immunizationOf(context, run, order, group);
    if (event !== null) events.push(event);
    // An order stands for the RXA that follows it, not for later ones.
    order = null;
  }
  return events;
}

function immunizationOf(
  context: VaccinationContext,
  run: SegmentRun,
  order: Hl7Segment | null,
  group: PatientGroup,
): ImmunizationEvent | null {
  const { reading } = context;
  const { lead } = run;
  const coding = fieldCoding(lead, 5, reading.context.facilityId);
  if (coding.code === noVaccine) return null;
  if (codingText(coding) === null) {
    const hint = "RXA-5 names no vaccine; the administration was left out.";
    const warning = { reason: "missing", rule: "event_code_missing", field: "code", hint } as const;
    reading.warn(warning, { segment: lead, position: 5 });
    return null;
  }
  const [route] = named(run.rest, "RXR");
  return {
    kind: "immunization",
    eventKey: context.keys.unique("immunization", vaccinationKey(context, lead, order)),
    ...coding,
    time: reading.time({ segment: lead, position: 3 }, "at"),
    endAt: null,
    status: statusOf(lead),
    encounterId: visitNumber(group),
    performer: plainName(lead.repetitions(10)[0], 2),
    note: noteOf(run),
    lot: freeText(lead.text(15)),
    doseNumber: freeText(below(run, (code) => code === doseNumberCode)),
    dose: doseOf(lead),
    route: freeText(route?.text(1, 2) ?? route?.text(1, 1) ?? null),
    dueAt: dueAtOf(reading, run),
  };
}

/** The order's filler number (ORC-3), else patient, vaccine and time. */
function vaccinationKey(
  { key }: VaccinationContext,
  lead: Hl7Segment,
  order: Hl7Segment | null,
): string {
  const number = order?.text(3)?.trim();
  if (number !== undefined && number !== "" && number !== noOrderNumber) return sourceKey(number);
  return derivedKey(patientPart(key), lead.text(5, 1) ?? lead.text(5, 2), lead.text(3));
}

/** RXA-21 D takes it back; RXA-20 RE and NA, or a reason in RXA-18, say it was not given (v2-to-fhir). */
function statusOf(lead: Hl7Segment): string {
  if (lead.text(21)?.toUpperCase() === "D") return "entered-in-error";
  const completion = lead.text(20)?.toUpperCase() ?? "";
  if (completion === "RE" || completion === "NA") return "not-done";
  return completion === "" && lead.text(18) !== null ? "not-done" : "completed";
}

/** RXA-6 and RXA-7; 999 is HL7's "amount unknown". */
function doseOf(lead: Hl7Segment): string | null {
  const amount = freeText(lead.text(6));
  if (amount === null || amount === "999") return null;
  const unit = freeText(lead.text(7, 1) ?? lead.text(7, 2));
  return unit === null ? amount : freeText(`${amount} ${unit}`);
}

/** The reason of a refusal (RXA-18), and the NTE of the administration. */
function noteOf({ lead, rest }: SegmentRun): string | null {
  const refusal = freeText(lead.text(18, 2) ?? lead.text(18, 1));
  const notes = named(rest, "NTE").map((note) =>
    freeLines(note.repetitions(3)[0]?.wholeText() ?? null),
  );
  return maskedLines([refusal, ...notes]);
}

function below(run: SegmentRun, wanted: (code: string) => boolean): string | null {
  const found = named(run.rest, "OBX").find((observation) => wanted(observation.text(3) ?? ""));
  return found?.text(5, 1) ?? null;
}

function dueAtOf(reading: Hl7Reading, run: SegmentRun): string | null {
  const text = below(run, (code) => dueDateCodes.has(code));
  const read = text === null ? null : readTime(text, reading.context.zone);
  return read?.ok === true ? read.value.at : null;
}
