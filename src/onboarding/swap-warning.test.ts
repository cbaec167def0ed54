import { expect, test } from "vitest";
import type { IsoDate } from "../platform/ids.ts";
import type { MapField } from "../records/field-map.ts";
import type { MappedColumn } from "./mapping.ts";
import { findSwaps, withoutSwaps } from "./swap-warning.ts";

const mapped = (fields: readonly MapField[]): readonly MappedColumn[] =>
  fields.map((field) => ({ column: `Column of ${field}`, field, confidence: 0.9, against: null }));
const swapsIn = (fields: readonly MapField[], row: readonly string[], count = 10) => {
  const mapping = mapped(fields);
  const rows = Array.from({ length: count }, () => row);
  const columns = mapping.map(({ column }) => column);
  return findSwaps(mapping, { rows, columns, today: "2026-11-20" as IsoDate, dateOrder: "dmy" });
};

test("patients seen before they were born have the two dates swapped", () => {
  expect(swapsIn(["birthDate", "seenAt"], ["13/11/2026", "01/02/1980"])).toMatchObject([
    { fields: ["birthDate", "seenAt"] },
  ]);
  expect(swapsIn(["birthDate", "seenAt"], ["01/02/1980", "13/11/2026"])).toEqual([]);
});

test("newborns seen on the day they were born are no swap", () => {
  expect(swapsIn(["birthDate", "seenAt"], ["13/11/2026", "13/11/2026"])).toEqual([]);
});

test("women with names of men and husbands with names of women are a swap", () => {
  expect(swapsIn(["name", "relationName", "sex"], ["Ram Lal", "Sunita Devi", "F"])).toMatchObject([
    { fields: ["name", "relationName"] },
  ]);
  expect(swapsIn(["name", "relationName", "sex"], ["Sunita Devi", "Ram Lal", "F"])).toEqual([]);
});

test("mothers of boys are no swap", () => {
  expect(swapsIn(["name", "relationName", "sex"], ["Ram Lal", "Sunita Devi", "M"])).toEqual([]);
});

test("S/o in the column of names is a swap", () => {
  expect(swapsIn(["name", "relationName"], ["S/o Mohan", "Arif"])).toHaveLength(1);
});

test("family names under given names are a swap", () => {
  expect(swapsIn(["givenName", "familyName"], ["Sharma", "Pooja"])).toHaveLength(1);
  expect(swapsIn(["givenName", "familyName"], ["Pooja", "Sharma"])).toEqual([]);
});

test("a few rows prove nothing", () => {
  expect(swapsIn(["birthDate", "seenAt"], ["13/11/2026", "01/02/1980"], 3)).toEqual([]);
});

test("a proved swap is put right, and says against what", () => {
  const mapping = mapped(["birthDate", "seenAt", "name"]);
  const swaps = swapsIn(["birthDate", "seenAt"], ["13/11/2026", "01/02/1980"]);

  expect(withoutSwaps(mapping, swaps).map(({ field, against }) => [field, against])).toEqual([
    ["seenAt", "birthDate"],
    ["birthDate", "seenAt"],
    ["name", null],
  ]);
});
