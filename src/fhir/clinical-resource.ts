/** Clinical events as FHIR resources, one for each kind. Required elements a source left out are said to be unknown, not guessed. */
import type { ClinicalEvent, EventKind } from "../clinical/clinical-event.ts";
import { type RecordedEvent, timeOf } from "../clinical/recorded-event.ts";
import { dateTime, period, requiredConcept, sourceMeta, statusAmong } from "./data-type.ts";
import {
  clinicalStatus,
  type Elements,
  note,
  performerOr,
  type Surroundings,
} from "./event-elements.ts";
import { allergy, observation } from "./finding-elements.ts";
import { organizationId } from "./organization.ts";
import { type Resource, type ResourceType, referenceTo, resource } from "./resource.ts";
import { immunization, medication } from "./treatment-elements.ts";
import { appointment, encounter } from "./visit-elements.ts";

const resourceTypes: Readonly<Record<EventKind, ResourceType>> = {
  encounter: "Encounter",
  observation: "Observation",
  appointment: "Appointment",
  procedure: "Procedure",
  medication: "MedicationStatement",
  immunization: "Immunization",
  condition: "Condition",
  allergy: "AllergyIntolerance",
  report: "DiagnosticReport",
};

/** Unique and the same at every reading: the ids of the source record and of the event. */
export function clinicalResourceId(recordId: string, eventId: string): string {
  return `${recordId}-${eventId}`;
}

/**
 * @param patientId the person whose event it is now
 * @param results ids (`clinicalResourceId`) of the observations of a report
 */
export function toClinicalResource(
  recorded: RecordedEvent,
  patientId: string,
  results: readonly string[],
): Resource {
  const { event, recordId, eventId, encounterEventId } = recorded;
  const elements = elementsOf(event, {
    patient: referenceTo("Patient", patientId),
    facility: referenceTo("Organization", organizationId(recorded.facility)),
    encounter:
      encounterEventId === null
        ? null
        : referenceTo("Encounter", clinicalResourceId(recordId, encounterEventId)),
    results: results.map((id) => referenceTo("Observation", id)),
  });
  return resource(resourceTypes[event.kind], clinicalResourceId(recordId, eventId), {
    meta: sourceMeta(recorded.source),
    identifier: [
      {
        system: `urn:hims:facility:${encodeURIComponent(recorded.facility)}:${event.kind}`,
        value: event.eventKey,
      },
    ],
    ...elements,
  });
}

function elementsOf(event: ClinicalEvent, around: Surroundings): Elements {
  switch (event.kind) {
    case "encounter":
      return encounter(event, around);
    case "observation":
      return observation(event, around);
    case "appointment":
      return appointment(event, around);
    case "medication":
      return medication(event, around);
    case "immunization":
      return immunization(event, around);
    case "allergy":
      return allergy(event, around);
    case "procedure":
      return {
        status: statusAmong(event.status, eventStatuses, "unknown"),
        code: requiredConcept(event),
        subject: around.patient,
        encounter: around.encounter,
        ...performed(event),
        performer: [{ actor: performerOr(event, around.facility) }],
        note: note(event),
      };
    case "condition":
      return {
        clinicalStatus: clinicalStatus("condition-clinical", event.status, conditionStatuses, null),
        code: requiredConcept(event),
        subject: around.patient,
        encounter: around.encounter,
        onsetDateTime: dateTime(timeOf(event)),
        abatementDateTime: dateTime(event.endAt),
        asserter: { display: event.performer },
        note: note(event),
      };
    case "report":
      return {
        status: statusAmong(event.status, reportStatuses, "unknown"),
        code: requiredConcept(event),
        subject: around.patient,
        encounter: around.encounter,
        effectiveDateTime: dateTime(timeOf(event)),
        performer: [performerOr(event, around.facility)],
        result: around.results,
        conclusion: event.note,
      };
  }
}

const eventStatuses =
  "preparation in-progress not-done on-hold stopped completed entered-in-error unknown".split(" ");
const conditionStatuses = "active recurrence relapse inactive remission resolved".split(" ");
const reportStatuses =
  "registered partial preliminary final amended corrected appended cancelled entered-in-error unknown".split(
    " ",
  );

function performed(event: ClinicalEvent): Elements {
  return event.endAt === null
    ? { performedDateTime: dateTime(timeOf(event)) }
    : { performedPeriod: period(timeOf(event), event.endAt) };
}
