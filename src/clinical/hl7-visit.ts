/** PV1 as an encounter, by the trigger of its ADT message. */
import type { Hl7Segment } from "../hl7/segment.ts";
import { plainName } from "../records/hl7-name.ts";
import { freeText, type Hl7Reading, wordText } from "../records/hl7-reading.ts";
import { squeeze } from "../records/normalize-name.ts";
import type { RecordKey } from "../records/patient-record.ts";
import { maxIdentifierLength } from "../records/text-limit.ts";
import type { EncounterEvent, EventTime } from "./clinical-event.ts";
import { derivedKey, patientPart } from "./hl7-event-key.ts";
import { named, type PatientGroup } from "./hl7-group.ts";

/** Table 0004 as HL7 v3 ActCode (v2-to-fhir), codes already of ActCode, and the words for them. */
const classes: Readonly<Record<string, string>> = {
  I: "IMP",
  IMP: "IMP",
  O: "AMB",
  AMB: "AMB",
  E: "EMER",
  EMER: "EMER",
  P: "PRENC",
  PRENC: "PRENC",
  R: "AMB",
  B: "IMP",
  INPATIENT: "IMP",
  OUTPATIENT: "AMB",
  EMERGENCY: "EMER",
};
const noClass = new Set(["", "N", "U"]);

type VisitStatus = "planned" | "in-progress" | "finished" | "cancelled";

const statuses: Readonly<Record<string, VisitStatus>> = {
  A03: "finished",
  A05: "planned",
  A11: "cancelled",
};

/** A visit as a message tells it; null where its PV1 says nothing of a visit. */
export function encounterOf(
  reading: Hl7Reading,
  key: RecordKey,
  group: PatientGroup,
): EncounterEvent | null {
  const [visit] = named(group.segments, "PV1");
  if (visit === undefined || !tellsOfVisit(visit)) return null;
  const trigger = reading.message.trigger ?? "";
  const eventKey = visitKey(reading, key, visit);
  const ended = endOf(reading, visit, trigger);
  return {
    kind: "encounter",
    eventKey,
    code: null,
    codeSystem: null,
    display: null,
    time: startOf(reading, visit, trigger),
    endAt: ended,
    status: statuses[trigger] ?? (ended === null ? "in-progress" : "finished"),
    encounterId: eventKey,
    performer: plainName(visit.repetitions(7)[0], 2),
    note: reasonOf(group),
    encounterClass: classOf(reading, visit),
    location: locationOf(visit),
  };
}

/** PV1-19 of a group, as the key its events point to; null where it has none. */
export function visitNumber(group: PatientGroup): string | null {
  const [visit] = named(group.segments, "PV1");
  return visit === undefined ? null : numberOf(visit);
}

/** Null where there is none, or one that is longer than any visit's number. */
function numberOf(visit: Hl7Segment): string | null {
  const number = squeeze(visit.text(19) ?? "");
  return number === "" || number.length > maxIdentifierLength ? null : number;
}

function tellsOfVisit(visit: Hl7Segment): boolean {
  if (visit.text(19) !== null) return true;
  const isNone = noClass.has(visit.text(2)?.toUpperCase() ?? "");
  return !isNone || visit.text(44) !== null || locationOf(visit) !== null;
}

/** PV1-19, else a hash of patient, class, PV1-44 or MSH-7, and location, with a warning (design decisions, "Fields"). */
function visitKey(reading: Hl7Reading, key: RecordKey, visit: Hl7Segment): string {
  const number = numberOf(visit);
  if (number !== null) return number;
  if ((visit.text(19)?.length ?? 0) > maxIdentifierLength) reading.warnTooLong("encounterId");
  const hint =
    "Without a visit number (PV1-19) later messages of the same stay may not find it; send PV1-19.";
  const warning = {
    reason: "missing",
    rule: "visit_number_missing",
    field: "encounterId",
    hint,
  } as const;
  reading.warn(warning, { segment: visit, position: 19 });
  const began = visit.text(44) ?? reading.message.header.text(7);
  return derivedKey(patientPart(key), visit.text(2), began, locationOf(visit));
}

function classOf(reading: Hl7Reading, visit: Hl7Segment): string | null {
  const code = visit.text(2)?.trim().toUpperCase() ?? "";
  const known = classes[code];
  if (known !== undefined || noClass.has(code)) return known ?? null;
  const hint = "PV1-2 has a patient class that is not in HL7 table 0004; the class was left out.";
  const warning = {
    reason: "unknown_code",
    rule: "encounter_class_unknown",
    field: "eventKind",
    hint,
  } as const;
  reading.warn(warning, { segment: visit, position: 2 });
  return null;
}

/** PV1-44; a message that begins a visit dates it by itself when PV1-44 is empty. */
function startOf(reading: Hl7Reading, visit: Hl7Segment, trigger: string): EventTime | null {
  const admitted = reading.time({ segment: visit, position: 44 }, "at");
  if (admitted !== null) return admitted;
  return trigger === "A01" || trigger === "A04" ? happenedAt(reading) : null;
}

/** PV1-45; a discharge dates it by itself. A13 takes the discharge back. */
function endOf(reading: Hl7Reading, visit: Hl7Segment, trigger: string): string | null {
  if (trigger === "A13") return null;
  const discharged = reading.time({ segment: visit, position: 45 }, "endAt");
  if (discharged !== null) return discharged.at;
  return trigger === "A03" ? (happenedAt(reading)?.at ?? null) : null;
}

/** EVN-6, else the time of the message. */
function happenedAt(reading: Hl7Reading): EventTime | null {
  const event = reading.message.first("EVN");
  const happened = event === null ? null : reading.time({ segment: event, position: 6 }, "at");
  return happened ?? reading.sentAt;
}

/** Ward, room, bed, facility of PV1-3. */
function locationOf(visit: Hl7Segment): string | null {
  const [place] = visit.repetitions(3);
  if (place === undefined) return null;
  const parts = [1, 2, 3, 4].map((component) => wordText(place.text(component)));
  return freeText(parts.filter((part) => part !== null).join(" "));
}

/** PV2-3, the reason of an admission. */
function reasonOf(group: PatientGroup): string | null {
  const [more] = named(group.segments, "PV2");
  return freeText(more?.text(3, 2) ?? more?.text(3, 1) ?? null);
}
