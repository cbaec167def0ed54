/** Observations and allergies as FHIR elements. */
import type { AllergyEvent, ObservationEvent } from "../clinical/clinical-event.ts";
import { timeOf } from "../clinical/recorded-event.ts";
import { dateTime, measuredValue, requiredConcept, statusAmong, terminology } from "./data-type.ts";
import {
  clinicalStatus,
  type Elements,
  note,
  performerOr,
  type Surroundings,
} from "./event-elements.ts";

const observationStatuses =
  "registered preliminary final amended corrected cancelled entered-in-error unknown".split(" ");
const interpretations = "L LL H HH N A AA < > POS NEG IND R S I".split(" ");

/** One measured or observed value, with its flag and range. */
export function observation(event: ObservationEvent, around: Surroundings): Elements {
  const { flag } = event;
  const isKnown = flag !== null && interpretations.includes(flag.toUpperCase());
  const interpretation = isKnown
    ? {
        coding: [
          { system: `${terminology}v3-ObservationInterpretation`, code: flag.toUpperCase() },
        ],
      }
    : { text: flag };
  return {
    status: statusAmong(event.status, observationStatuses, "unknown"),
    code: requiredConcept(event),
    subject: around.patient,
    encounter: around.encounter,
    effectiveDateTime: dateTime(timeOf(event)),
    performer: [performerOr(event, around.facility)],
    ...measuredValue(event.value, event.unit),
    interpretation: [interpretation],
    note: note(event),
    referenceRange: [{ text: event.range }],
  };
}

/** An allergy counts as active unless its source says otherwise: FHIR wants a status, and the careful one is this. */
export function allergy(event: AllergyEvent, around: Surroundings): Elements {
  const { reaction, severity } = event;
  const manifestation = reaction ?? (severity === null ? null : "not stated");
  return {
    clinicalStatus: clinicalStatus(
      "allergyintolerance-clinical",
      event.status,
      ["active", "inactive", "resolved"],
      "active",
    ),
    code: requiredConcept(event),
    patient: around.patient,
    encounter: around.encounter,
    recordedDate: dateTime(timeOf(event)),
    asserter: { display: event.performer },
    note: note(event),
    reaction: [
      manifestation === null
        ? null
        : { manifestation: [{ text: manifestation }], severity: reactionSeverity(severity) },
    ],
  };
}

function reactionSeverity(severity: string | null): string | null {
  const words: Readonly<Record<string, string>> = {
    mi: "mild",
    mild: "mild",
    mo: "moderate",
    moderate: "moderate",
    sv: "severe",
    severe: "severe",
  };
  return words[severity?.trim().toLowerCase() ?? ""] ?? null;
}
