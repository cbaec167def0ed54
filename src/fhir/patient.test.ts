import { expect, test } from "vitest";
import type { PersonSummary } from "../persons/person.ts";
import type { PersonId } from "../platform/ids.ts";
import { toPatient, toReplacedPatient } from "./patient.ts";

function aPerson(golden: Record<string, string>): PersonSummary {
  return {
    personId: "p1" as PersonId,
    healthId: null,
    changedRun: "20260301-101112-abcdef",
    golden,
    records: [],
  };
}

test.each([
  ["day", "1984-05-02"],
  ["month", "1984-05"],
  ["year", "1984"],
  ["estimated", "1984"],
])(
  "a birth date of precision %s is written as exactly as it is known",
  (birthPrecision, birthDate) => {
    const patient = toPatient(aPerson({ birthDate: "1984-05-02", birthPrecision }));

    expect(patient["birthDate"]).toBe(birthDate);
  },
);

test("what nobody gave is left out, with no null and no empty list", () => {
  expect(toPatient(aPerson({}))).toEqual({
    resourceType: "Patient",
    id: "p1",
    meta: { versionId: "20260301-101112-abcdef", lastUpdated: "2026-03-01T10:11:12Z" },
    active: true,
  });
});

test("a name in local script alone is the official one, with its language", () => {
  expect(toPatient(aPerson({ nameLocal: "ਹਰਪ੍ਰੀਤ" }))["name"]).toEqual([
    {
      extension: [{ url: "http://hl7.org/fhir/StructureDefinition/language", valueCode: "pa" }],
      use: "official",
      text: "ਹਰਪ੍ਰੀਤ",
    },
  ]);
});

test("name parts make the whole name where none was given", () => {
  expect(toPatient(aPerson({ givenName: "Ram", familyName: "Lal" }))["name"]).toEqual([
    { use: "official", text: "Ram Lal", family: "Lal", given: ["Ram"] },
  ]);
});

test("death without a readable date is still told", () => {
  expect(toPatient(aPerson({ deceasedAt: "2026-02-01" }))["deceasedDateTime"]).toBe("2026-02-01");
  expect(toPatient(aPerson({ deceasedAt: "yes" }))["deceasedBoolean"]).toBe(true);
});

test("a replaced Patient is inactive and names its survivor", () => {
  expect(toReplacedPatient("p2", "p1", "r1")).toEqual({
    resourceType: "Patient",
    id: "p2",
    meta: { versionId: "r1" },
    active: false,
    link: [{ other: { reference: "Patient/p1" }, type: "replaced-by" }],
  });
});
