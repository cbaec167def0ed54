/** Clinical events as FHIR resources, one for each kind. Required elements a source left out are said to be unknown, not guessed. */
import type {
  AllergyEvent,
  AppointmentEvent,
  ClinicalEvent,
  EncounterEvent,
  EventKind,
  ImmunizationEvent,
  MedicationEvent,
  ObservationEvent,
} from "../clinical/clinical-event.ts";
import { type RecordedEvent, timeOf } from "../clinical/recorded-event.ts";
import {
  concept,
  dateTime,
  instant,
  measuredValue,
  period,
  requiredConcept,
  sourceMeta,
  statusAmong,
} from "./data-type.ts";
import { organizationId } from "./organization.ts";
import { type Draft, type Resource, type ResourceType, referenceTo, resource } from "./resource.ts";

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

type Elements = Readonly<Record<string, Draft>>;

/** What every mapping may refer to. */
interface Surroundings {
  readonly patient: Draft;
  readonly facility: Draft;
  readonly encounter: Draft;
  /** Observations that the report consists of. */
  readonly results: readonly Draft[];
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
const encounterStatuses =
  "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown".split(
    " ",
  );
const observationStatuses =
  "registered preliminary final amended corrected cancelled entered-in-error unknown".split(" ");
const medicationStatuses =
  "active completed entered-in-error intended stopped on-hold unknown not-taken".split(" ");
const actCodes: Readonly<Record<string, string>> = {
  AMB: "ambulatory",
  EMER: "emergency",
  FLD: "field",
  HH: "home health",
  IMP: "inpatient encounter",
  ACUTE: "inpatient acute",
  NONAC: "inpatient non-acute",
  OBSENC: "observation encounter",
  PRENC: "pre-admission",
  SS: "short stay",
  VR: "virtual",
};
const v3 = "http://terminology.hl7.org/CodeSystem/v3-";

function encounter(event: EncounterEvent, { patient, facility }: Surroundings): Elements {
  const code = event.encounterClass?.toUpperCase() ?? "";
  const display = actCodes[code];
  return {
    status: statusAmong(event.status, encounterStatuses, "unknown"),
    class:
      display === undefined
        ? { system: `${v3}NullFlavor`, code: "UNK", display: event.encounterClass ?? "unknown" }
        : { system: `${v3}ActCode`, code, display },
    type: [concept(event.code, event.codeSystem, event.display)],
    subject: patient,
    participant: [{ individual: { display: event.performer } }],
    period: period(timeOf(event), event.endAt),
    location: [{ location: { display: event.location } }],
    serviceProvider: facility,
  };
}

const interpretations = "L LL H HH N A AA < > POS NEG IND R S I".split(" ");

function observation(event: ObservationEvent, around: Surroundings): Elements {
  const { flag } = event;
  const isKnown = flag !== null && interpretations.includes(flag.toUpperCase());
  const interpretation = isKnown
    ? { coding: [{ system: `${v3}ObservationInterpretation`, code: flag.toUpperCase() }] }
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

/** Without exact start and end FHIR allows only a proposed, waiting or cancelled appointment; the source's own word stands in the comment. */
function appointment(event: AppointmentEvent, { patient }: Surroundings): Elements {
  const start = instant(event.time?.at ?? event.dueAt);
  const end = instant(event.endAt);
  const isExact = start !== null && end !== null;
  const allowed = isExact
    ? "proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in waitlist"
    : "proposed cancelled waitlist";
  const status = statusAmong(event.status, allowed.split(" "), isExact ? "booked" : "proposed");
  const said = event.status === null || event.status === status ? null : `status: ${event.status}`;
  return {
    status,
    serviceType: [concept(event.code, event.codeSystem, event.display)],
    description: event.display,
    start: isExact ? start : null,
    end: isExact ? end : null,
    comment: [said, event.note].filter((text) => text !== null).join("; "),
    participant: [
      { actor: patient, status: "needs-action" },
      event.performer === null
        ? null
        : { actor: { display: event.performer }, status: "needs-action" },
    ],
    requestedPeriod: isExact ? [] : [period(event.dueAt ?? event.time?.at ?? null, event.endAt)],
  };
}

function medication(event: MedicationEvent, around: Surroundings): Elements {
  const words = [event.dose, event.route, event.frequency, event.quantity];
  const dosage = words.filter((text) => text !== null).join(", ");
  return {
    status: statusAmong(event.status, medicationStatuses, "unknown"),
    medicationCodeableConcept: requiredConcept(event),
    subject: around.patient,
    context: around.encounter,
    ...(event.endAt === null
      ? { effectiveDateTime: dateTime(timeOf(event)) }
      : { effectivePeriod: period(timeOf(event), event.endAt) }),
    informationSource: performerOr(event, around.facility),
    note: note(event),
    dosage: [{ text: dosage, route: { text: event.route } }],
  };
}

function immunization(event: ImmunizationEvent, around: Surroundings): Elements {
  const given = dateTime(timeOf(event));
  const doseNumber = event.doseNumber?.trim() ?? null;
  const isCount = doseNumber !== null && /^[1-9]\d{0,3}$/.test(doseNumber);
  return {
    status: statusAmong(event.status, ["completed", "entered-in-error", "not-done"], "completed"),
    vaccineCode: requiredConcept(event),
    patient: around.patient,
    encounter: around.encounter,
    ...(given === null ? { occurrenceString: "not stated" } : { occurrenceDateTime: given }),
    lotNumber: event.lot,
    route: { text: event.route },
    performer: [{ actor: performerOr(event, around.facility) }],
    note: [...note(event), event.dose === null ? null : { text: `dose: ${event.dose}` }],
    protocolApplied:
      doseNumber === null
        ? []
        : [
            isCount
              ? { doseNumberPositiveInt: Number(doseNumber) }
              : { doseNumberString: doseNumber },
          ],
  };
}

/** An allergy counts as active unless its source says otherwise: FHIR wants a status, and the careful one is this. */
function allergy(event: AllergyEvent, around: Surroundings): Elements {
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

function clinicalStatus(
  codeSystem: string,
  status: string | null,
  allowed: readonly string[],
  otherwise: string | null,
): Draft {
  const code = statusAmong(status, allowed, otherwise ?? "");
  if (code === "") return null;
  return {
    coding: [{ system: `http://terminology.hl7.org/CodeSystem/${codeSystem}`, code }],
  };
}

function performed(event: ClinicalEvent): Elements {
  return event.endAt === null
    ? { performedDateTime: dateTime(timeOf(event)) }
    : { performedPeriod: period(timeOf(event), event.endAt) };
}

/** The one who did it by name where the source tells, else the facility. */
function performerOr(event: ClinicalEvent, facility: Draft): Draft {
  return event.performer === null ? facility : { display: event.performer };
}

function note(event: ClinicalEvent): readonly Draft[] {
  return event.note === null ? [] : [{ text: event.note }];
}
