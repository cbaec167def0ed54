/** ORU and OUL: one report for each OBR, one observation for each OBX below it; an NTE belongs to the segment before it. */
import type { Hl7Segment } from "../hl7/segment.ts";
import { freeLines, freeText, type Hl7Reading, maskedLines } from "../records/hl7-reading.ts";
import type { RecordKey } from "../records/patient-record.ts";
import type { ClinicalEvent, ObservationEvent, ReportEvent } from "./clinical-event.ts";
import { codingText, fieldCoding } from "./hl7-coding.ts";
import { derivedKey, type KeyCounter, patientPart, sourceKey } from "./hl7-event-key.ts";
import { type PatientGroup, runsOf, type SegmentRun } from "./hl7-group.ts";
import { observedValue } from "./hl7-observed-value.ts";
import { visitNumber } from "./hl7-visit.ts";

export interface ReportContext {
  readonly reading: Hl7Reading;
  readonly key: RecordKey;
  readonly keys: KeyCounter;
}

/** Table 0123 as FHIR's report status. */
const reportStatuses: Readonly<Record<string, string>> = {
  O: "registered",
  I: "registered",
  S: "registered",
  A: "partial",
  P: "preliminary",
  R: "partial",
  C: "corrected",
  F: "final",
  X: "cancelled",
};
/** Table 0085 as FHIR's observation status. */
const observationStatuses: Readonly<Record<string, string>> = {
  C: "corrected",
  D: "entered-in-error",
  F: "final",
  I: "registered",
  P: "preliminary",
  R: "preliminary",
  S: "preliminary",
  U: "final",
  W: "entered-in-error",
  X: "cancelled",
};

/** Reports and observations of a patient's group. OBX before the first OBR (about the patient) stand in no report. */
export function reportEvents(
  context: ReportContext,
  group: PatientGroup,
): readonly ClinicalEvent[] {
  const encounterId = visitNumber(group);
  const firstOrder = group.segments.findIndex((segment) => segment.name === "OBR");
  const orders = firstOrder === -1 ? [] : runsOf(group.segments, ["OBR"]);
  const loose = firstOrder === -1 ? group.segments : group.segments.slice(0, firstOrder);
  const events: ClinicalEvent[] = [...observations(context, loose, null, encounterId)];
  for (const order of orders) {
    const report = reportOf(context, order, encounterId);
    events.push(report, ...observations(context, order.rest, { order, report }, encounterId));
  }
  return events;
}

interface ReportFrame {
  readonly order: SegmentRun;
  readonly report: ReportEvent;
}

function reportOf(
  context: ReportContext,
  order: SegmentRun,
  encounterId: string | null,
): ReportEvent {
  const { reading } = context;
  const { lead } = order;
  const coding = fieldCoding(lead, 4, reading.context.facilityId);
  const specimenAt = reading.time({ segment: lead, position: 7 }, "at");
  const reader = lead.repetitions(32)[0];
  return {
    kind: "report",
    eventKey: context.keys.unique("report", reportKey(context, lead)),
    ...coding,
    time: specimenAt ?? reading.time({ segment: lead, position: 22 }, "at"),
    endAt: null,
    status: reportStatuses[lead.text(25)?.toUpperCase() ?? ""] ?? null,
    encounterId,
    // NDL packs the reader's name into the first component's subcomponents: id, family, given.
    performer: freeText([reader?.text(1, 3), reader?.text(1, 2)].filter((part) => part).join(" ")),
    note: notesAfter(order.rest),
  };
}

/** The filler's number (OBR-3), else the placer's (OBR-2), with the test asked for, as one number may cover several tests. */
function reportKey({ reading, key }: ReportContext, lead: Hl7Segment): string {
  const number = lead.text(3) ?? lead.text(2);
  const test = lead.text(4, 1) ?? lead.text(4, 2) ?? lead.text(4, 4);
  if (number !== null) return sourceKey(number, test);
  return derivedKey(patientPart(key), test, lead.text(7) ?? reading.message.controlId);
}

function observations(
  context: ReportContext,
  segments: readonly Hl7Segment[],
  frame: ReportFrame | null,
  encounterId: string | null,
): readonly ObservationEvent[] {
  return runsOf(segments, ["OBX", "SPM", "SAC", "ORC"])
    .filter(({ lead }) => lead.name === "OBX")
    .map((run) => observationOf(context, run, frame, encounterId));
}

function observationOf(
  context: ReportContext,
  run: SegmentRun,
  frame: ReportFrame | null,
  encounterId: string | null,
): ObservationEvent {
  const { reading } = context;
  const { lead } = run;
  const coding = fieldCoding(lead, 3, reading.context.facilityId);
  const flags = lead.repetitions(8).map((flag) => freeText(flag.text(1)));
  return {
    kind: "observation",
    eventKey: context.keys.unique("observation", observationKey(context, lead, frame)),
    ...coding,
    time: reading.time({ segment: lead, position: 14 }, "at") ?? frame?.report.time ?? null,
    endAt: null,
    status: observationStatuses[lead.text(11)?.toUpperCase() ?? ""] ?? null,
    encounterId,
    performer: freeText(lead.text(23) ?? lead.text(15, 2) ?? lead.text(15)),
    note: notesAfter(run.rest),
    value: observedValue(reading, lead),
    unit: freeText(lead.text(6) ?? lead.text(6, 2)),
    range: freeText(lead.text(7)),
    flag: flags.filter((flag) => flag !== null).join(",") || null,
    reportKey: frame?.report.eventKey ?? null,
  };
}

/** Report, OBX-3 and OBX-4; without a report, the patient and the time stand for it. */
function observationKey(
  { reading, key }: ReportContext,
  lead: Hl7Segment,
  frame: ReportFrame | null,
): string {
  const what =
    lead.text(3, 1) ?? lead.text(3, 4) ?? codingText(fieldCoding(lead, 3, key.facilityId));
  if (frame !== null) return sourceKey(frame.report.eventKey, what, lead.text(4));
  const at = lead.text(14) ?? reading.message.controlId;
  return derivedKey(patientPart(key), what, lead.text(4), at);
}

/** The NTE segments directly after a lead, before anything else, as lines of text. */
function notesAfter(rest: readonly Hl7Segment[]): string | null {
  const end = rest.findIndex((segment) => segment.name !== "NTE");
  const notes = end === -1 ? rest : rest.slice(0, end);
  const lines = notes.flatMap((note) =>
    note.repetitions(3).map((line) => freeLines(line.wholeText())),
  );
  return maskedLines(lines);
}
