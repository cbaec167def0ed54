import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { IsoDate, RecordId } from "../platform/ids.ts";
import { isLuhnValid } from "../records/abha.ts";
import type { BirthDate } from "../records/patient-record.ts";
import { buildFeatureColumns, type RecordFeatures } from "./feature-columns.ts";
import { ambiguousPairs, link } from "./link.ts";
import type { MatchModel } from "./match-model.ts";
import { nameKey, nameTokensForMatching, splitName } from "./name-key.ts";

const model: MatchModel = {
  version: 1,
  name: "test",
  kind: "deterministic",
  rules: {
    same_abha: { weight: 30, max_records_per_number: 200 },
    same_demographics: { weight: 20, max_given_names_per_phone: 2 },
  },
};
const born = (date: string, precision: BirthDate["precision"] = "day"): BirthDate => ({
  date: date as IsoDate,
  precision,
});

let next = 0n;
function aRecord(more: Partial<RecordFeatures> = {}): RecordFeatures {
  next += 1n;
  return {
    recordId: next as RecordId,
    name: "Ram Lal",
    nameLocal: null,
    givenName: null,
    middleName: null,
    familyName: null,
    sex: "male",
    birthDate: born("1985-02-05"),
    phones: ["+919811122233"],
    abhaNumbers: [],
    ...more,
  };
}
const patterns = (...records: readonly RecordFeatures[]) =>
  link(buildFeatureColumns(records), model).map(({ lo, hi, pattern }) => `${lo}-${hi} ${pattern}`);

/** Luhn-valid. */
const abha = "91123456789015";
const validAbha =
  [...Array(10).keys()]
    .map((digit) => `9112345678901${digit}`)
    .find((number) => {
      const digits = [...number].reverse().map(Number);
      const sum = digits.reduce(
        (total, digit, index) =>
          total + (index % 2 === 1 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit),
        0,
      );
      return sum % 10 === 0;
    }) ?? abha;

describe("same demographics", () => {
  test("all must agree; swapped names and case do not matter", () => {
    expect(patterns(aRecord(), aRecord({ name: "LAL, Ram" }))).toEqual(["0-1 same_demographics"]);
  });

  test.each<[string, Partial<RecordFeatures>]>([
    ["another name", { name: "Ram Lall" }],
    ["another sex", { sex: "female" }],
    ["no sex", { sex: null }],
    ["another birthday", { birthDate: born("1985-02-06") }],
    ["another phone", { phones: ["+919811122234"] }],
    ["no phone", { phones: [] }],
  ])("%s tells two records apart", (_, other) => {
    expect(patterns(aRecord(), aRecord(other))).toEqual([]);
  });

  test.each<[string, Partial<RecordFeatures>]>([
    ["a year only", { birthDate: born("1985-01-01", "year") }],
    ["an age", { birthDate: born("1985-01-01", "estimated") }],
    ["1 January", { birthDate: born("1985-01-01") }],
    ["a filler phone", { phones: ["+919999999999"] }],
  ])("%s proves nothing", (_, both) => {
    expect(patterns(aRecord(both), aRecord(both))).toEqual([]);
  });

  test("a phone that many given names share proves nothing", () => {
    const household = ["Asha", "Uma", "Ram Lal", "Ram Lal"].map((name) => aRecord({ name }));
    expect(patterns(...household)).toEqual([]);
    expect(patterns(...household.slice(1))).toEqual(["1-2 same_demographics"]);
  });
});

describe("same ABHA number", () => {
  const carrier = (more: Partial<RecordFeatures> = {}) =>
    aRecord({ abhaNumbers: [validAbha], phones: [], ...more });

  test.each<[string, Partial<RecordFeatures>]>([
    ["an initial", { name: "R Lal" }],
    ["another script", { name: "राम लाल" }],
    ["a year only", { birthDate: born("1985-01-01", "year") }],
    ["day and month swapped", { birthDate: born("1985-05-02") }],
    ["nothing else known", { sex: null, birthDate: null }],
  ])("links a compatible record: %s", (_, other) => {
    expect(patterns(carrier(), carrier(other))).toEqual(["0-1 same_abha"]);
  });

  test.each<[string, Partial<RecordFeatures>]>([
    ["another name", { name: "Sita Devi" }],
    ["another sex", { sex: "female" }],
    ["another birth date", { birthDate: born("1990-02-05") }],
    [
      "a wrong check digit",
      { abhaNumbers: [validAbha.replace(/.$/, (digit) => String((Number(digit) + 1) % 10))] },
    ],
    ["two numbers", { abhaNumbers: [validAbha, "91000000000000"] }],
  ])("does not link: %s", (_, other) => {
    expect(patterns(carrier(), carrier(other))).toEqual([]);
  });
});

test("edges do not depend on the order of records", () => {
  const some = fc.record({
    name: fc.constantFrom("Ram Lal", "Lal Ram", "Sita Devi"),
    sex: fc.constantFrom("male" as const, "female" as const),
    phones: fc.constantFrom(["+919811122233"], ["+919811122234"]),
    abhaNumbers: fc.constantFrom([], [validAbha]),
  });
  fc.assert(
    fc.property(fc.array(some, { maxLength: 8 }), (given) => {
      const records = given.map((more) => aRecord(more));
      expect(patterns(...records.toReversed())).toEqual(patterns(...records));
    }),
  );
});

describe("name keys", () => {
  test("case, order, punctuation and Latin accents do not tell names apart; vowels of Indian scripts do", () => {
    expect(nameKey(splitName("D’Souza, Zoë"))).toBe(nameKey(splitName("zoe d'souza")));
    expect(nameKey(splitName("राम"))).not.toBe(nameKey(splitName("रम")));
    expect(nameKey([])).toBeNull();
  });

  test("parts stand for a whole name, and the local script only where there is nothing else", () => {
    const parts = {
      name: null,
      nameLocal: "राम",
      givenName: "Ram",
      middleName: null,
      familyName: "Lal",
    };
    expect(nameTokensForMatching(parts)).toEqual(["ram", "lal"]);
    expect(nameTokensForMatching({ ...parts, givenName: null, familyName: null })).toEqual(["राम"]);
  });
});

test("an ABHA number on more records than one person can have links nobody", () => {
  const limit = model.rules.same_abha.max_records_per_number;
  const crowd = (size: number) =>
    Array.from({ length: size }, () => aRecord({ phones: [], abhaNumbers: [validAbha] }));
  expect(patterns(...crowd(limit))).not.toEqual([]);
  expect(patterns(...crowd(limit + 1))).toEqual([]);
});

test("a record that fits two ABHA numbers alike joins neither, and both pairs go to a person", () => {
  const other =
    [...Array(10).keys()].map((digit) => `9122345678901${digit}`).find(isLuhnValid) ?? "";
  const bare = aRecord();
  const columns = buildFeatureColumns([
    bare,
    aRecord({ abhaNumbers: [validAbha] }),
    aRecord({ abhaNumbers: [other] }),
  ]);
  expect(link(columns, model)).toEqual([]);
  expect(ambiguousPairs(columns, model)).toEqual([
    [0, 1],
    [0, 2],
  ]);
  const alone = buildFeatureColumns([bare, aRecord({ abhaNumbers: [validAbha] })]);
  expect(ambiguousPairs(alone, model)).toEqual([]);
  expect(link(alone, model)).toHaveLength(1);
});

test.each([
  ["Rohan Verma", "Sohan Verma", false],
  ["Ramesh Kumar", "Rakesh Kumar", false],
  ["Sunita Devi", "Suneeta Devi", true],
  ["Mohd Arif", "Mohammad Arif", true],
  ["Verma Rohan", "Rohan Verma", true],
  ["R Verma", "Rohan Verma", true],
])("one ABHA number for %s and %s is one person: %s", (left, right, isOne) => {
  const found = patterns(
    aRecord({ name: left, phones: [], abhaNumbers: [validAbha] }),
    aRecord({ name: right, phones: [], abhaNumbers: [validAbha] }),
  );
  expect(found.length > 0).toBe(isOne);
});
