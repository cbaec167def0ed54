/** Medication and vaccination as FHIR elements. */
import type { ImmunizationEvent, MedicationEvent } from "../clinical/clinical-event.ts";
import { timeOf } from "../clinical/recorded-event.ts";
import { dateTime, period, requiredConcept, statusAmong } from "./data-type.ts";
import { type Elements, note, performerOr, type Surroundings } from "./event-elements.ts";

const medicationStatuses =
  "active completed entered-in-error intended stopped on-hold unknown not-taken".split(" ");

/** What a patient was given or told to take, with the dosage in the source's words. */
export function medication(event: MedicationEvent, around: Surroundings): Elements {
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

/** A vaccination; without a date its occurrence says so, since FHIR requires one. */
export function immunization(event: ImmunizationEvent, around: Surroundings): Elements {
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
