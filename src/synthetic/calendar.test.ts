import fc from "fast-check";
import { expect, test } from "vitest";
import type { IsoDate } from "../platform/ids.ts";
import { ageOn, asDayMonthName, asDmy, asIso, asMdy, dateOf, dayOf, dayOfIso } from "./calendar.ts";

test("day numbers and dates agree with the ISO calendar from 1850 to 2100", () => {
  fc.assert(
    fc.property(fc.integer({ min: -43_830, max: 47_480 }), (day) => {
      const iso = new Date(day * 86_400_000).toISOString().slice(0, 10);
      expect(asIso(dateOf(day))).toBe(iso);
      expect(dayOf(dateOf(day))).toBe(day);
      expect(dayOfIso(iso as IsoDate)).toBe(day);
    }),
  );
});

test("a year is full on the birthday and not a day earlier", () => {
  const born = dayOf({ year: 2000, month: 2, day: 29 });

  expect(ageOn(born, dayOf({ year: 2018, month: 2, day: 28 }))).toBe(17);
  expect(ageOn(born, dayOf({ year: 2018, month: 3, day: 1 }))).toBe(18);
});

test("a date is written in the orders the hospitals use", () => {
  const date = { year: 1990, month: 8, day: 3 };

  expect([asDmy(date, "-"), asMdy(date), asDayMonthName(date)]).toEqual([
    "03-08-1990",
    "08/03/1990",
    "03-Aug-1990",
  ]);
});
