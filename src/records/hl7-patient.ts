/** PID and NK1 as patient facts, following the HL7 v2-to-FHIR mapping. A bad value is left out with a warning, never the message. */
import type { Hl7Segment } from "../hl7/segment.ts";
import { readTime } from "../hl7/time.ts";
import type { IsoDate } from "../platform/ids.ts";
import { addressFacts, contactFacts } from "./hl7-contact.ts";
import { type PatientNumbers, patientNumbers } from "./hl7-identifier.ts";
import { nameFacts, plainName } from "./hl7-name.ts";
import { freeText, type Hl7Reading } from "./hl7-reading.ts";
import { normalizeName } from "./normalize-name.ts";
import type { BirthDate, PatientFacts, RecordKey, Sex } from "./patient-record.ts";

export interface Hl7Patient {
  readonly key: RecordKey;
  readonly facts: PatientFacts;
}

/** Null when the PID has no patient number. `relatives` are the NK1 segments that belong to this PID. */
export function hl7Patient(
  reading: Hl7Reading,
  pid: Hl7Segment,
  relatives: readonly Hl7Segment[],
): Hl7Patient | null {
  const numbers = patientNumbers(reading, pid);
  if (numbers === null) return null;
  const sex = sexFact(reading, pid);
  const facts: PatientFacts = {
    ...nameFacts(pid, 5),
    ...relationFacts(relatives, sex.sex ?? null),
    ...sex,
    ...birthFacts(reading, pid),
    ...contactFacts(reading, pid),
    ...addressFacts(pid),
    ...deathFacts(reading, pid),
    ...motherFacts(pid),
    ...identifierFacts(numbers),
  };
  return { key: numbers.key, facts };
}

function identifierFacts(numbers: PatientNumbers): Pick<PatientFacts, "identifiers"> {
  return numbers.identifiers.length === 0 ? {} : { identifiers: numbers.identifiers };
}

/** Table 0001, and what Indian systems write instead. */
const sexes: Readonly<Record<string, Sex>> = {
  M: "male",
  MALE: "male",
  "1": "male",
  F: "female",
  FEMALE: "female",
  "2": "female",
  O: "other",
  A: "other",
  T: "other",
  TG: "other",
  OTHER: "other",
  "3": "other",
};
const sexUnknown = new Set(["U", "N", "UN", "UNK", "UNKNOWN", "NA"]);

function sexFact(reading: Hl7Reading, pid: Hl7Segment): Pick<PatientFacts, "sex"> {
  const fact = pid.fact(8);
  if (fact === undefined) return {};
  if (fact === null) return { sex: null };
  const code = fact.trim().toUpperCase();
  const sex = sexes[code];
  if (sex !== undefined) return { sex };
  if (code !== "" && !sexUnknown.has(code)) {
    const hint = "PID-8 takes F, M, O, U, A or N; the value was left out.";
    const warning = {
      reason: "unknown_code",
      rule: "sex_unknown_code",
      field: "sex",
      hint,
    } as const;
    reading.warn(warning, { segment: pid, position: 8 });
  }
  return {};
}

function birthFacts(reading: Hl7Reading, pid: Hl7Segment): Pick<PatientFacts, "birthDate"> {
  const fact = pid.fact(7);
  if (fact === undefined) return {};
  if (fact === null) return { birthDate: null };
  const birth = birthDate(fact, reading);
  if (typeof birth !== "string") return { birthDate: birth };
  const hint =
    "PID-7 must be a date of the last 130 years, written YYYYMMDD; the value was left out.";
  const warning = { reason: "invalid", rule: birth, field: "birthDate", hint } as const;
  reading.warn(warning, { segment: pid, position: 7 });
  return {};
}

/** The date, or the rule it breaks. The time of the message is the only "today" a message has. */
function birthDate(text: string, reading: Hl7Reading): BirthDate | string {
  const read = readTime(text, reading.context.zone);
  if (!read.ok) return "birth_date_invalid";
  const { at, precision } = read.value;
  const date = at.slice(0, 10) as IsoDate;
  const sentOn = reading.sentAt?.at.slice(0, 10);
  if (sentOn !== undefined && date > sentOn) return "birth_date_in_future";
  if (sentOn !== undefined && Number(date.slice(0, 4)) < Number(sentOn.slice(0, 4)) - 130) {
    return "birth_date_invalid";
  }
  return { date, precision: precision === "year" || precision === "month" ? precision : "day" };
}

/** PID-29. PID-30 = Y alone names no time, and none is invented: it is a warning. */
function deathFacts(reading: Hl7Reading, pid: Hl7Segment): Pick<PatientFacts, "deceasedAt"> {
  if (pid.fact(29) === null) return { deceasedAt: null };
  const died = reading.time({ segment: pid, position: 29 }, "deceasedAt");
  if (died !== null) return { deceasedAt: died.at };
  if (pid.text(30)?.toUpperCase() === "Y") {
    const hint = "PID-30 says the patient died and PID-29 does not say when; nothing was recorded.";
    const warning = {
      reason: "missing",
      rule: "death_time_missing",
      field: "deceasedAt",
      hint,
    } as const;
    reading.warn(warning, { segment: pid, position: 29 });
  }
  return {};
}

/** PID-21, the mother's number of a newborn. */
function motherFacts(pid: Hl7Segment): Pick<PatientFacts, "motherMrn"> {
  const mother = pid.fact(21);
  return mother === undefined ? {} : { motherMrn: freeText(mother) };
}

type RelationType = Exclude<PatientFacts["relationType"], undefined | null>;

/** Table 0063 and words for it; a spouse is husband or wife by the patient's own sex. */
const relationTypes: Readonly<Record<string, RelationType | "spouse">> = {
  FTH: "father",
  FATHER: "father",
  MTH: "mother",
  MOTHER: "mother",
  HUSBAND: "husband",
  WIFE: "wife",
  SPO: "spouse",
  SPOUSE: "spouse",
  GRD: "guardian",
  GUARDIAN: "guardian",
};

/** The first NK1 that is father, mother, husband, wife or guardian and has a name. */
function relationFacts(
  relatives: readonly Hl7Segment[],
  sex: Sex | null,
): Pick<PatientFacts, "relationName" | "relationType"> {
  for (const relative of relatives) {
    const relationType = relationTypeOf(relative, sex);
    const relationName = normalizeName(plainName(relative.repetitions(2)[0]) ?? "").name;
    if (relationType !== null && relationName !== null) return { relationName, relationType };
  }
  return {};
}

function relationTypeOf(relative: Hl7Segment, sex: Sex | null): RelationType | null {
  const words = [relative.text(3, 1), relative.text(3, 2)].map((word) => word?.toUpperCase() ?? "");
  const type = relationTypes[words[0] ?? ""] ?? relationTypes[words[1] ?? ""] ?? null;
  if (type !== "spouse") return type;
  if (sex === "female") return "husband";
  return sex === "male" ? "wife" : null;
}
