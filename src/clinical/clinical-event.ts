/** One dated clinical fact, attached to the source record and never to the person. The union is closed. */

export type TimePrecision = "second" | "minute" | "day" | "month" | "year";

/** ISO 8601 with the zone it was said in (`2026-03-01T10:30:00+05:30`), or a bare date when no time was given. */
export interface EventTime {
  readonly at: string;
  readonly precision: TimePrecision;
}

interface EventBase {
  /** Unique per (facility, kind): the source's own number, else derived from what identifies the fact (see `eventKeyOf`). */
  readonly eventKey: string;
  readonly code: string | null;
  /** `http://loinc.org`, `http://snomed.info/sct`, `http://hl7.org/fhir/sid/cvx`, `urn:hims:local:<facility>`, ... */
  readonly codeSystem: string | null;
  readonly display: string | null;
  readonly time: EventTime | null;
  readonly endAt: string | null;
  /** The source's status in FHIR's words for the kind, where it could be translated (final, completed, cancelled, ...). */
  readonly status: string | null;
  readonly encounterId: string | null;
  readonly performer: string | null;
  readonly note: string | null;
}

export interface EncounterEvent extends EventBase {
  readonly kind: "encounter";
  /** HL7 v3 ActCode: IMP, AMB, EMER, ... */
  readonly encounterClass: string | null;
  readonly location: string | null;
}
/** A health check: one measured or observed value. */
export interface ObservationEvent extends EventBase {
  readonly kind: "observation";
  readonly value: string | null;
  readonly unit: string | null;
  readonly range: string | null;
  readonly flag: string | null;
  /** Key of the report this observation stands in, where there is one. */
  readonly reportKey: string | null;
}
/** A follow-up. `dueAt` is the day the patient is expected. */
export interface AppointmentEvent extends EventBase {
  readonly kind: "appointment";
  readonly dueAt: string | null;
}
/** A surgery or other procedure. */
export interface ProcedureEvent extends EventBase {
  readonly kind: "procedure";
}
export interface MedicationEvent extends EventBase {
  readonly kind: "medication";
  readonly dose: string | null;
  readonly route: string | null;
  readonly frequency: string | null;
  readonly quantity: string | null;
}
/** A vaccination. */
export interface ImmunizationEvent extends EventBase {
  readonly kind: "immunization";
  readonly lot: string | null;
  readonly doseNumber: string | null;
  readonly dose: string | null;
  readonly route: string | null;
  readonly dueAt: string | null;
}
export interface ConditionEvent extends EventBase {
  readonly kind: "condition";
}
export interface AllergyEvent extends EventBase {
  readonly kind: "allergy";
  readonly reaction: string | null;
  readonly severity: string | null;
}
export interface ReportEvent extends EventBase {
  readonly kind: "report";
}

export type ClinicalEvent =
  | EncounterEvent
  | ObservationEvent
  | AppointmentEvent
  | ProcedureEvent
  | MedicationEvent
  | ImmunizationEvent
  | ConditionEvent
  | AllergyEvent
  | ReportEvent;

export type EventKind = ClinicalEvent["kind"];

export const eventKinds = [
  "encounter",
  "observation",
  "appointment",
  "procedure",
  "medication",
  "immunization",
  "condition",
  "allergy",
  "report",
] as const satisfies readonly EventKind[];
