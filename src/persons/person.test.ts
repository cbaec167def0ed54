import { expect, test } from "vitest";
import { allergiesOf, bloodGroupsOf, type MemberRecord, type SourcedAllergy } from "./person.ts";

const allergy = (display: string): SourcedAllergy => ({
  code: null,
  display,
  status: null,
  at: null,
  facility: "f1",
  source: { file: "a.csv", line: 2 },
});

const record = (facility: string, bloodGroup: string | null): MemberRecord => ({
  recordId: "1",
  facility,
  facilityName: facility,
  system: facility,
  mrn: "M1",
  identifiers: [],
  name: null,
  nameLocal: null,
  sex: null,
  birthDate: null,
  birthPrecision: null,
  phones: [],
  bloodGroup,
  seenAt: null,
  source: null,
});

test("an entry of no known allergy never hides a named one and marks the conflict", () => {
  const { entries, conflict } = allergiesOf([allergy("No known allergies"), allergy("Penicillin")]);

  expect(entries.map(({ display }) => display)).toEqual(["Penicillin", "No known allergies"]);
  expect(conflict).toBe(true);
});

test("a substance whose name begins with no is a named allergy", () => {
  expect(allergiesOf([allergy("Novocaine"), allergy("Penicillin")]).conflict).toBe(false);
});

test("two facilities that differ in the blood group are shown both, as a conflict", () => {
  const groups = bloodGroupsOf([record("f1", "A+"), record("f2", null), record("f3", "O+")]);

  expect(groups.entries.map(({ value, facility }) => [value, facility])).toEqual([
    ["A+", "f1"],
    ["O+", "f3"],
  ]);
  expect(groups.conflict).toBe(true);
  expect(bloodGroupsOf([record("f1", "A+"), record("f2", "A+")]).conflict).toBe(false);
});
