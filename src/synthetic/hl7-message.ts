/** The HL7 messages of the Delhi government hospital: registrations, stays, results and vaccinations. */
import { ageOn, asCompact, dateOf, dayOf } from "./calendar.ts";
import { allergens, departments, diagnoses, labs, vaccineFor, vitals } from "./code-list.ts";
import { yamunaGeneral } from "./facility-list.ts";
import { hl7Components, hl7Segment, hl7Time } from "./hl7-text.ts";
import { flagOf, measuredValue } from "./measured-value.ts";
import type { Registration } from "./population.ts";
import type { Random } from "./random.ts";
import type { WrittenRecord } from "./written-record.ts";

/** What one message is about. */
export interface MessageSubject {
  readonly registration: Registration;
  readonly record: WrittenRecord;
  readonly random: Random;
  /** Day number and minute of MSH-7. */
  readonly day: number;
  readonly minutes: number;
  /** MSH-10; unique in the file. */
  readonly controlId: string;
}

const authority = yamunaGeneral.id;
const sexes = { male: "M", female: "F", other: "O" } as const;
const relationCodes = {
  father: "FTH^Father^HL70063",
  mother: "MTH^Mother^HL70063",
  husband: "SPO^Spouse^HL70063",
} as const;

/** MSH of version 2.5 with the text in UTF-8; `type` is MSH-9. */
function header(subject: MessageSubject, type: string): string {
  return hl7Segment("MSH", {
    3: "EHOSPITAL",
    4: authority,
    5: "HIMS",
    6: "DELHI",
    7: hl7Time(subject.day, subject.minutes),
    9: type,
    10: subject.controlId,
    11: "P",
    12: "2.5",
    17: "IND",
    18: "UNICODE UTF-8",
  });
}

function birthField({ record }: MessageSubject): string {
  const { birth, seenDay } = record;
  if (birth.kind === "date") return asCompact(birth.date);
  return birth.kind === "age" ? String(dateOf(seenDay).year - birth.years) : "";
}

function nameField({ record, random }: MessageSubject): string {
  const { family, given, middle, title, local } = record.name;
  const latin = hl7Components(family, given, middle, "", title, "", "L", "A");
  if (!random.chance(0.25)) return latin;
  const [first = "", ...rest] = local.split(" ");
  return `${latin}~${hl7Components(rest.join(" "), first, "", "", "", "", "L", "I")}`;
}

function patient(subject: MessageSubject, withNumber: boolean): string {
  const { record, registration } = subject;
  const { home } = record;
  const abha = record.abha === "" ? "" : `~${hl7Components(record.abha, "", "", "ABDM", "HIN")}`;
  const number = hl7Components(record.mrn, "", "", authority, "MR") + abha;
  const { place } = home;
  const line = `${home.house}, ${home.street}`;
  const address = [line, place.locality, "Delhi", "DL", place.pinCode, "IND"];
  return hl7Segment("PID", {
    1: "1",
    3: withNumber ? number : "",
    5: nameField(subject),
    7: birthField(subject),
    8: sexes[record.sex],
    11: hl7Components(...address),
    13: record.phone === "" ? "" : hl7Components(record.phone, "PRN", "CP"),
    24: registration.person.newborn?.twin ? "Y" : "",
  });
}

function nextOfKin({ record }: MessageSubject): string {
  if (record.relationName === "") return "";
  const [given = "", ...rest] = record.relationName.split(" ");
  const name = hl7Components(rest.at(-1) ?? "", given, rest.slice(0, -1).join(" "));
  return hl7Segment("NK1", { 1: "1", 2: name, 3: relationCodes[record.relationType] });
}

function visit(subject: MessageSubject, patientClass: "I" | "O", end: string): string {
  const { random, registration } = subject;
  const unit = hl7Components(
    random.pick(departments),
    String(random.between(1, 40)),
    "",
    authority,
  );
  return hl7Segment("PV1", {
    1: "1",
    2: patientClass,
    3: unit,
    19: hl7Components(`${patientClass}${registration.mrn}`, "", "", authority, "VN"),
    44: hl7Time(registration.seenDay, 540),
    45: end,
  });
}

function diagnosis({ random, day }: MessageSubject): string {
  const [code, display] = random.pick(diagnoses);
  return hl7Segment("DG1", {
    1: "1",
    3: hl7Components(code, display, "I10"),
    5: asCompact(dateOf(day)),
    6: "W",
  });
}

function allergy({ random }: MessageSubject): string {
  if (!random.chance(0.04)) return "";
  const [code, display] = random.pick(allergens);
  const substance = hl7Components(code, display, "RXNORM");
  return hl7Segment("AL1", { 1: "1", 2: "DA", 3: substance, 4: "SV", 5: "Rash" });
}

/** An ADT message. Without `withNumber` it misses PID-3, as a broken registration does. */
export function adtMessage(
  subject: MessageSubject,
  trigger: "A01" | "A03" | "A04" | "A08",
  withNumber = true,
): string {
  const structure = trigger === "A03" ? "ADT_A03" : "ADT_A01";
  const time = hl7Time(subject.day, subject.minutes);
  const isStay = trigger === "A01" || trigger === "A03";
  return (
    header(subject, `ADT^${trigger}^${structure}`) +
    hl7Segment("EVN", { 1: trigger, 2: time }) +
    patient(subject, withNumber) +
    nextOfKin(subject) +
    visit(subject, isStay ? "I" : "O", trigger === "A03" ? time : "") +
    (trigger === "A04" ? allergy(subject) : "") +
    (isStay ? diagnosis(subject) : "")
  );
}

/** An ORU^R01 with two to five vital signs or laboratory values. */
export function oruMessage(subject: MessageSubject): string {
  const { random, controlId, registration, day } = subject;
  const age = ageOn(registration.person.birthDay, day);
  const panel = random.chance(0.5) ? vitals : labs;
  const service =
    panel === vitals ? "85353-1^Vital signs^LN" : "24323-8^Comprehensive metabolic panel^LN";
  const time = hl7Time(subject.day, subject.minutes);
  let text =
    header(subject, "ORU^R01^ORU_R01") +
    patient(subject, true) +
    hl7Segment("OBR", { 1: "1", 3: `R${controlId}`, 4: service, 7: time, 22: time, 25: "F" });
  const count = random.between(2, Math.min(5, panel.length));
  const start = random.between(0, panel.length - 1);
  for (let set = 1; set <= count; set++) {
    const measurement = panel[(start + set) % panel.length] ?? panel[0];
    const value = measuredValue(measurement, age, random);
    text += hl7Segment("OBX", {
      1: String(set),
      2: "NM",
      3: hl7Components(measurement.code, measurement.display, "LN"),
      5: value,
      6: hl7Components(measurement.unit, "", "UCUM"),
      7: hl7Components(measurement.range),
      8: flagOf(measurement, value),
      11: "F",
      14: time,
    });
  }
  return text;
}

/** A VXU^V04 with one vaccination. */
export function vxuMessage(subject: MessageSubject): string {
  const { random, registration, day, controlId } = subject;
  const age = ageOn(registration.person.birthDay, day);
  const [code, display] = vaccineFor(age, random);
  const date = asCompact(dateOf(day));
  return (
    header(subject, "VXU^V04^VXU_V04") +
    patient(subject, true) +
    hl7Segment("ORC", { 1: "RE", 3: hl7Components(`V${controlId}`, authority) }) +
    hl7Segment("RXA", {
      1: "0",
      2: String(random.between(1, 3)),
      3: date,
      4: date,
      5: hl7Components(code, display, "CVX"),
      6: "0.5",
      7: "mL^^UCUM",
      9: "00^New immunization record^NIP001",
      15: `B${random.digits(5)}`,
      16: asCompact(dateOf(dayOf({ year: dateOf(day).year + 1, month: 12, day: 31 }))),
      20: "CP",
      21: "A",
    }) +
    hl7Segment("RXR", { 1: "IM^Intramuscular^HL70162", 2: "LA^Left arm^HL70163" })
  );
}
