/** A person of the master patient index as a FHIR Patient. */
import { type ShownIdentifier, shownIdentifiers } from "../persons/identifier-system.ts";
import type { GoldenFields, PersonSummary } from "../persons/person.ts";
import { dateTime } from "./data-type.ts";
import { type Draft, type Resource, referenceTo, resource } from "./resource.ts";

/** An active person, or a retired one, which is not active any more. */
export function toPatient(person: PersonSummary, active = true): Resource {
  const { golden } = person;
  return resource("Patient", person.personId, {
    meta: versionMeta(person.changedRun),
    identifier: shownIdentifiers(person.healthId, person.records).map(identifier),
    active,
    name: names(golden),
    telecom: telecom(golden),
    gender: gender(golden["sex"]),
    birthDate: birthDate(golden),
    ...deceased(golden["deceasedAt"]),
    address: [address(golden)],
  });
}

/** What is left of a person who was merged: the id, and where its records are now. */
export function toReplacedPatient(
  personId: string,
  survivorId: string,
  changedRun: string,
): Resource {
  return resource("Patient", personId, {
    meta: versionMeta(changedRun),
    active: false,
    link: [{ other: referenceTo("Patient", survivorId), type: "replaced-by" }],
  });
}

/** The run that changed a person last is the version; its id begins with its time in UTC. */
function versionMeta(changedRun: string): Draft {
  const time = /^(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})-/.exec(changedRun);
  return {
    versionId: /^[A-Za-z0-9.-]{1,64}$/.test(changedRun) ? changedRun : null,
    lastUpdated:
      time === null ? null : `${time[1]}-${time[2]}-${time[3]}T${time[4]}:${time[5]}:${time[6]}Z`,
  };
}

const v2IdentifierTypes = "http://terminology.hl7.org/CodeSystem/v2-0203";
const indianIdentifierTypes = "https://nrces.in/ndhm/fhir/r4/CodeSystem/ndhm-identifier-type-code";
const typeNames: Readonly<Record<string, string>> = {
  MR: "Medical record number",
  PI: "Patient internal identifier",
  HIN: "Health ID number (ABHA number)",
  ABHA: "ABHA address",
};

function identifier({ system, value, type, assigner }: ShownIdentifier): Draft {
  const coding =
    type === null
      ? null
      : {
          system: type === "HIN" || type === "ABHA" ? indianIdentifierTypes : v2IdentifierTypes,
          code: type.trim(),
          display: typeNames[type] ?? null,
        };
  return {
    use: type === "MR" ? "usual" : "official",
    type: coding === null ? null : { coding: [coding], text: coding.display ?? type },
    system,
    value,
    assigner: { display: assigner },
  };
}

/** The Latin name is the official one; the name in the patient's own script stands second, marked by its language where the script tells it. */
function names(golden: GoldenFields): readonly Draft[] {
  const given = [golden["givenName"] ?? null, golden["middleName"] ?? null];
  const family = golden["familyName"] ?? null;
  const parts = [...given, family].filter((part) => part !== null);
  const whole = golden["name"] ?? (parts.length === 0 ? null : parts.join(" "));
  const official = whole === null ? null : { use: "official", text: whole, family, given };
  const local = golden["nameLocal"] ?? null;
  if (local === null) return [official];
  return [
    official,
    { ...scriptLanguage(local), use: official === null ? "official" : "usual", text: local },
  ];
}

const scripts: readonly (readonly [RegExp, string])[] = [
  [/\p{Script=Devanagari}/u, "hi"],
  [/\p{Script=Gurmukhi}/u, "pa"],
  [/\p{Script=Arabic}/u, "ur"],
];

function scriptLanguage(text: string): Readonly<Record<string, Draft>> {
  const language = scripts.find(([script]) => script.test(text))?.[1];
  if (language === undefined) return {};
  return {
    extension: [{ url: "http://hl7.org/fhir/StructureDefinition/language", valueCode: language }],
  };
}

function telecom(golden: GoldenFields): readonly Draft[] {
  const { phone, email } = { phone: golden["phone"], email: golden["email"] };
  return [
    phone === undefined ? null : { system: "phone", value: phone, use: phoneUse(phone) },
    email === undefined ? null : { system: "email", value: email },
  ];
}

function gender(sex: string | undefined): Draft {
  return sex === "male" || sex === "female" || sex === "other" ? sex : null;
}

/** As exact as it is known: an estimated date says only its year. */
function birthDate(golden: GoldenFields): Draft {
  const date = golden["birthDate"];
  if (date === undefined || !/^\d{4}(-\d{2}(-\d{2})?)?$/.test(date)) return null;
  switch (golden["birthPrecision"]) {
    case "year":
    case "estimated":
      return date.slice(0, 4);
    case "month":
      return date.slice(0, 7);
    default:
      return date;
  }
}

function deceased(deceasedAt: string | undefined): Readonly<Record<string, Draft>> {
  if (deceasedAt === undefined) return {};
  const time = dateTime(deceasedAt);
  return time === null ? { deceasedBoolean: true } : { deceasedDateTime: time };
}

function address(golden: GoldenFields): Draft {
  const parts = ["addressLine", "locality", "city", "district", "state", "postalCode"];
  if (parts.every((part) => golden[part] === undefined)) return null;
  return {
    use: "home",
    line: [golden["addressLine"] ?? null, golden["locality"] ?? null],
    city: golden["city"] ?? null,
    district: golden["district"] ?? null,
    state: golden["state"] ?? null,
    postalCode: golden["postalCode"] ?? null,
  };
}

/** Indian mobiles begin with 6 to 9; what else a number is used for nobody told us. */
function phoneUse(phone: string): Draft {
  return /^\+91[6-9]\d{9}$/.test(phone) ? "mobile" : null;
}
