import { expect, test } from "vitest";
import { headerMeanings, isKnownHeader } from "./header-synonym.ts";
import { headerWords } from "./header-word.ts";

test.each([
  ["Pt. Regn. No", "patient reg no"],
  ["रोगी पंजीकरण संख्या", "patient reg no"],
  ["Marij Panjikaran Sankhya", "patient reg no"],
  ["PatientRegNo", "patient reg no"],
  ["patientregno", "patient reg no"],
  ["आने की तिथि", "visit date"],
  ["3. D.O.B.", "birth date"],
  ["Father's Name", "father name"],
])("the header %s is read as %s", (header, words) => {
  expect(headerWords(header).join(" ")).toBe(words);
});

test.each([
  ["UHID", "mrn"],
  ["C.R. No.", "mrn"],
  ["ओपीडी संख्या", "mrn"],
  ["F/H Name", "relationName"],
  ["S/o, D/o, W/o", "relationName"],
  ["पिता/पति का नाम", "relationName"],
  ["Pita ka Naam", "relationName"],
  ["Umar", "age"],
  ["लिंग (पु/म)", "sex"],
  ["जन्मतिथि", "birthDate"],
  ["Contact No", "phone"],
  ["Name (in Hindi)", "nameLocal"],
  ["UID No", "aadhaar"],
  ["Regd. On", "seenAt"],
  ["Biological Ref. Interval", "range"],
  ["Pateint Name", "name"],
])("the header %s means %s first of all", (header, field) => {
  expect(headerMeanings(header)[0]).toMatchObject({ field });
});

test.each(["S.No.", "Ward", "Hospital Name", "Token No", "Religion", "Father's Occupation"])(
  "the header %s is known and no field takes it",
  (header) => {
    expect(headerMeanings(header)[0]?.field ?? null).toBeNull();
  },
);

test("a header that says two things is neither of them in full", () => {
  const [first, second] = headerMeanings("Age/Sex");

  expect(first?.likeness).toBeLessThan(1);
  expect([first?.field, second?.field].sort()).toEqual(["age", "sex"]);
});

test("a cell with a number in it is no header", () => {
  expect(isKnownHeader("Mobile No")).toBe(true);
  expect(isKnownHeader("9811012345")).toBe(false);
  expect(isKnownHeader("Ram Lal")).toBe(false);
});
