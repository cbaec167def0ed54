/** An HL7 message as source facts: which types are mapped, and what each of them says. */
import type { Hl7Message } from "../hl7/message.ts";
import { instantOf } from "../hl7/time.ts";
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import { isTooLong } from "../records/hl7-identifier.ts";
import { hl7Patient } from "../records/hl7-patient.ts";
import { type Hl7Context, Hl7Reading } from "../records/hl7-reading.ts";
import type { RecordKey } from "../records/patient-record.ts";
import type { Problem } from "../records/problem.ts";
import { maxIdentifierLength } from "../records/text-limit.ts";
import type { ClinicalEvent } from "./clinical-event.ts";
import { chartEvents } from "./hl7-chart.ts";
import { KeyCounter } from "./hl7-event-key.ts";
import { named, type PatientGroup, patientGroups } from "./hl7-group.ts";
import { limitedEvent, limitedFacts } from "./hl7-limit.ts";
import { mergesOf, mergeTriggers } from "./hl7-merge.ts";
import { reportEvents } from "./hl7-report.ts";
import { immunizationsOf } from "./hl7-vaccination.ts";
import { encounterOf, visitNumber } from "./hl7-visit.ts";
import type { MergeClaim, PatientClaim, SourceFacts } from "./source-facts.ts";

type Mapping = "visit" | "person" | "merge" | "result" | "vaccination";

const visitTriggers = "A01 A02 A03 A04 A05 A06 A07 A08 A11 A12 A13".split(" ");
const mappings: ReadonlyMap<string, Mapping> = new Map<string, Mapping>([
  ...visitTriggers.map((trigger) => [`ADT^${trigger}`, "visit"] as const),
  ["ADT^A28", "person"],
  ["ADT^A31", "person"],
  ...[...mergeTriggers].map((trigger) => [`ADT^${trigger}`, "merge"] as const),
  // A type without trigger is what it nearly always is; all that use more than one are told apart by it.
  ["ORU^", "result"],
  ["ORU^R01", "result"],
  ["ORU^R30", "result"],
  ["OUL^R22", "result"],
  ["OUL^R23", "result"],
  ["OUL^R24", "result"],
  ["VXU^", "vaccination"],
  ["VXU^V04", "vaccination"],
]);

/**
 * What a message says. A type that is not mapped answers with `landedOnly`; a mapped one without a patient number, or
 * one that says nothing, with a problem. Values that cannot be read are left out and stand in `warnings`.
 */
export function normalizeMessage(
  message: Hl7Message,
  context: Hl7Context,
): Parsed<SourceFacts, Problem> {
  const { type } = message;
  if (type === null) return unparsed(typeMissing);
  const name = `${type}^${message.trigger ?? ""}`;
  const mapping = mappings.get(name);
  const reading = new Hl7Reading(message, context);
  if (mapping === undefined) return parsed(factsOf(reading, { landedOnly: shownType(message) }));
  const groups = patientGroups(message);
  if (groups.length === 0) return unparsed(numberMissing("PID[1]-3"));
  const keys = new KeyCounter();
  const patients: PatientClaim[] = [];
  const merges: MergeClaim[] = [];
  for (const group of groups) {
    const patient = hl7Patient(reading, group.pid, named(group.segments, "NK1"));
    // One group without a number refuses the message: its results must not be lost beside the others'.
    if (patient === null) return unparsed(numberMissing(group.pid.coordinate(3)));
    const { key } = patient;
    if (isTooLong(key)) return unparsed(identifierTooLong(group.pid.coordinate(3)));
    const facts = limitedFacts(reading, patient.facts);
    const own = eventsOf({ mapping, reading, key, keys }, group);
    const events = uniqueKeys(keys, own).map((event) => limitedEvent(reading, event));
    patients.push({ key, facts, authority: authorityOf(mapping), events });
    if (mapping === "merge") merges.push(...mergesOf(reading, key, group));
  }
  const facts = factsOf(reading, { patients, merges });
  return saysNothing(facts) ? unparsed(nothingSaid) : parsed(facts);
}

/** A type people get to read in reports and logs: what is not written like one may be anything, a name too. */
function shownType({ type, trigger }: Hl7Message): string {
  const shown = trigger === null ? (type ?? "") : `${type}^${trigger}`;
  return /^[A-Z]{3}(\^[A-Z0-9]{3})?$/.test(shown) ? shown : "other";
}

interface GroupContext {
  readonly mapping: Mapping;
  readonly reading: Hl7Reading;
  readonly key: RecordKey;
  readonly keys: KeyCounter;
}

function eventsOf(context: GroupContext, group: PatientGroup): readonly ClinicalEvent[] {
  const { mapping, reading, key } = context;
  switch (mapping) {
    case "visit": {
      const encounter = encounterOf(reading, key, group);
      const encounterId = encounter?.eventKey ?? null;
      const chart = chartEvents({ reading, key, encounterId }, group);
      return encounter === null ? chart : [encounter, ...chart];
    }
    case "person":
      return chartEvents({ reading, key, encounterId: visitNumber(group) }, group);
    case "merge":
      return [];
    case "result":
      return reportEvents(context, group);
    case "vaccination":
      return immunizationsOf(context, group);
  }
}

/** Reports and immunizations number their keys themselves, as others point to them; the rest are numbered here. */
function uniqueKeys(keys: KeyCounter, events: readonly ClinicalEvent[]): readonly ClinicalEvent[] {
  const numbered = new Set(["report", "observation", "immunization"]);
  return events.map((event) =>
    numbered.has(event.kind)
      ? event
      : { ...event, eventKey: keys.unique(event.kind, event.eventKey) },
  );
}

function authorityOf(mapping: Mapping): PatientClaim["authority"] {
  return mapping === "result" || mapping === "vaccination" ? "event" : "patient";
}

function factsOf(reading: Hl7Reading, said: Partial<SourceFacts>): SourceFacts {
  return {
    patients: [],
    merges: [],
    messageTime: reading.sentAt === null ? null : instantOf(reading.sentAt, reading.context.zone),
    landedOnly: null,
    warnings: reading.warnings,
    ...said,
  };
}

/** A patient message with a number alone still makes a record; a result or vaccination message has to bring something. */
function saysNothing(facts: SourceFacts): boolean {
  return facts.patients.every(
    ({ authority, events, facts: said }) =>
      authority === "event" && events.length === 0 && Object.keys(said).length === 0,
  );
}

function numberMissing(segment: string): Problem {
  return {
    reason: "missing",
    field: "mrn",
    rule: "identifier_missing",
    segment,
    hint: "Send the patient's number in PID-3 (type MR, PI, PT or none) with its assigning authority.",
  };
}

function identifierTooLong(segment: string): Problem {
  return {
    reason: "invalid",
    field: "mrn",
    rule: "identifier_too_long",
    segment,
    hint: `A patient number and its assigning authority have at most ${maxIdentifierLength} signs each; ask the sender to correct PID-3.`,
  };
}

const typeMissing: Problem = {
  reason: "missing",
  field: null,
  rule: "message_type_missing",
  segment: "MSH[1]-9",
  hint: "MSH-9 must name the message type, e.g. ADT^A01; ask the sender to correct it.",
};
const nothingSaid: Problem = {
  reason: "missing",
  field: null,
  rule: "message_says_nothing",
  segment: null,
  hint: "The message has a patient number and nothing else; check what the sender meant to send.",
};
