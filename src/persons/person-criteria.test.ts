import { expect, test } from "vitest";
import {
  identifierScope,
  identifierUri,
  mrnSystem,
  shownIdentifiers,
} from "./identifier-system.ts";
import {
  parseBirthDateQuery,
  parseIdentifierQuery,
  parseNameQuery,
  parsePhoneQuery,
} from "./person-criteria.ts";

test.each([
  ["2001-05-02", "2001-05-02", "2001-05-02"],
  ["2001-02", "2001-02-01", "2001-02-28"],
  ["1984", "1984-01-01", "1984-12-31"],
  ["ge1984-03-01", "1984-03-01", "9999-12-31"],
  ["gt1984", "1985-01-01", "9999-12-31"],
  ["lt2000-03-01", "0001-01-01", "2000-02-29"],
  ["le2000-02", "0001-01-01", "2000-02-29"],
])("the birth date query %s spans its days", (text, from, to) => {
  expect(parseBirthDateQuery(text)).toMatchObject({ ok: true, value: { from, to } });
});

test("an exact day does not mean people of whom only the year is known", () => {
  expect(parseBirthDateQuery("1984-01-01")).toMatchObject({ value: { precisions: ["day"] } });
});

test.each(["", "2001-02-30", "02/05/2001", "ap2001", "2001-13"])("%j is no birth date", (text) => {
  expect(parseBirthDateQuery(text).ok).toBe(false);
});

test("an ABHA number is looked for with and without its hyphens", () => {
  expect(parseIdentifierQuery("91-1234-5678-9012")).toMatchObject({
    value: { scope: { kind: "any" }, values: ["91-1234-5678-9012", "91123456789012"] },
  });
});

test("a system before the bar narrows the scope, in our words or as the URI we show", () => {
  expect(parseIdentifierQuery("abha-number|1")).toMatchObject({
    value: { scope: { kind: "system", system: "abha-number" } },
  });
  expect(identifierScope(mrnSystem("Ward 7/b"))).toEqual({
    kind: "facility",
    facility: "Ward 7/b",
  });
  expect(identifierScope(identifierUri("LNJP^MR") ?? "")).toEqual({
    kind: "system",
    system: "LNJP^MR",
  });
  expect(identifierScope("urn:hims:facility:50%")).toEqual({ kind: "facility", facility: "50%" });
});

test("a query of white space and signs alone is refused", () => {
  expect(parseIdentifierQuery("x|  ").ok).toBe(false);
  expect(parseNameQuery(" - ").ok).toBe(false);
  expect(parsePhoneQuery("12").ok).toBe(false);
});

test("identifiers are shown once, and the hash of an Aadhaar number never", () => {
  const record = {
    facility: "f1",
    facilityName: "One",
    system: "f1",
    mrn: "M1",
    identifiers: [
      { system: "aadhaar-hash", value: "aa", type: null },
      { system: "abha-number", value: "91123456789012", type: null },
    ],
  };

  const shown = shownIdentifiers(null, [record, record]);

  expect(shown.map(({ type, value }) => [type, value])).toEqual([
    ["MR", "M1"],
    ["HIN", "91123456789012"],
  ]);
});
