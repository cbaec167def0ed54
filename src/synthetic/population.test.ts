import { expect, test } from "vitest";
import type { IsoDate } from "../platform/ids.ts";
import { dayOfIso } from "./calendar.ts";
import { luhnDigit } from "./check-digit.ts";
import type { Person } from "./person.ts";
import { peopleOf, registrationsOf } from "./population.ts";
import type { SynthOptions } from "./synth-options.ts";
import { writtenRecord } from "./written-record.ts";

const options: SynthOptions = { people: 4001, seed: 11, today: "2026-11-01" as IsoDate };
const people = [...peopleOf(options, 0)];
const registrations = people.flatMap((person) => registrationsOf(options, person));

test("there are exactly as many humans as asked for, whatever the order", () => {
  const indexes = (list: readonly Person[]) => list.map(({ index }) => index).sort((a, b) => a - b);
  const all = Array.from({ length: 4001 }, (_, index) => index);

  expect(indexes(people)).toEqual(all);
  expect(indexes([...peopleOf(options, 3)])).toEqual(all);
  expect(people.slice(0, 200)).not.toEqual([...peopleOf(options, 1)].slice(0, 200));
});

test("everybody has a readable registration, and about 2.2 of them on average", () => {
  const readable = registrations.filter(({ broken }) => !broken);

  expect(new Set(readable.map(({ person }) => person.index)).size).toBe(people.length);
  expect(readable.length / people.length).toBeGreaterThan(2.1);
  expect(readable.length / people.length).toBeLessThan(2.3);
});

test("without duplicates everybody has exactly one readable registration", () => {
  const single = { ...options, duplicates: 0 };
  const counts = people.map(
    (person) => registrationsOf(single, person).filter(({ broken }) => !broken).length,
  );

  expect(new Set(counts)).toEqual(new Set([1]));
});

test("no facility gives a number twice", () => {
  const keys = registrations.map(({ facility, mrn }) => `${facility.id}/${mrn}`);

  expect(new Set(keys).size).toBe(keys.length);
});

test("ABHA numbers are unique, have 14 digits and a valid Luhn digit, and most people have one", () => {
  const numbers = people.flatMap(({ abha }) => (abha === null ? [] : [abha]));

  expect(new Set(numbers).size).toBe(numbers.length);
  for (const number of numbers) {
    expect(number).toMatch(/^\d{14}$/);
    expect(number.at(-1)).toBe(luhnDigit(number.slice(0, 13)));
  }
  expect(numbers.length / people.length).toBeGreaterThan(0.5);
  expect(numbers.length / people.length).toBeLessThan(0.6);
});

test("nobody is registered before birth or after the anchor date", () => {
  const today = dayOfIso(options.today);
  for (const { person, seenDay } of registrations) {
    expect(seenDay).toBeGreaterThanOrEqual(person.birthDay);
    expect(seenDay).toBeLessThanOrEqual(today);
  }
});

test("the city has twins, newborns, shared mobiles and strangers of one name", () => {
  const births = new Map<string, number>();
  const phones = new Map<string, number>();
  for (const { birthDay, home, phone } of people) {
    const key = `${home.house}/${home.street}/${home.place.locality}/${birthDay}`;
    births.set(key, (births.get(key) ?? 0) + 1);
    phones.set(phone, (phones.get(phone) ?? 0) + 1);
  }

  expect(Math.max(...births.values())).toBeGreaterThanOrEqual(2);
  expect(Math.max(...phones.values())).toBeGreaterThanOrEqual(4);
  expect(people.some(({ newborn }) => newborn !== null)).toBe(true);
});

test("written names are never empty in any form a feed may use", () => {
  for (const registration of registrations) {
    const { name } = writtenRecord(options.seed, registration);
    expect(name.given.trim()).not.toBe("");
    expect(name.full.trim()).not.toBe("");
    expect(name.local.trim()).not.toBe("");
    expect(name.full).not.toMatch(/undefined|null| {2}/);
  }
});

test("facilities differ about the same person, but agree more often than not", () => {
  const pairs = people.flatMap((person) => {
    const [first, second] = registrationsOf(options, person);
    return first === undefined || second === undefined
      ? []
      : [[writtenRecord(11, first), writtenRecord(11, second)] as const];
  });
  const sameGiven = pairs.filter(([a, b]) => a.name.given === b.name.given).length;

  expect(sameGiven / pairs.length).toBeGreaterThan(0.55);
  expect(sameGiven / pairs.length).toBeLessThan(0.95);
});
