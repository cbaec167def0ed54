/** Encounters and appointments as FHIR elements. */
import type { AppointmentEvent, EncounterEvent } from "../clinical/clinical-event.ts";
import { timeOf } from "../clinical/recorded-event.ts";
import { concept, instant, period, statusAmong, terminology } from "./data-type.ts";
import type { Elements, Surroundings } from "./event-elements.ts";

const encounterStatuses =
  "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown".split(
    " ",
  );
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

/** A class that is no ActCode is said to be unknown, with the source's word for it. */
export function encounter(event: EncounterEvent, { patient, facility }: Surroundings): Elements {
  const code = event.encounterClass?.toUpperCase() ?? "";
  const display = actCodes[code];
  return {
    status: statusAmong(event.status, encounterStatuses, "unknown"),
    class:
      display === undefined
        ? {
            system: `${terminology}v3-NullFlavor`,
            code: "UNK",
            display: event.encounterClass ?? "unknown",
          }
        : { system: `${terminology}v3-ActCode`, code, display },
    type: [concept(event.code, event.codeSystem, event.display)],
    subject: patient,
    participant: [{ individual: { display: event.performer } }],
    period: period(timeOf(event), event.endAt),
    location: [{ location: { display: event.location } }],
    serviceProvider: facility,
  };
}

/** Without exact start and end FHIR allows only a proposed, waiting or cancelled appointment; the source's own word stands in the comment. */
export function appointment(event: AppointmentEvent, { patient }: Surroundings): Elements {
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
