import { expect, test } from "vitest";
import type { IsoDate } from "../platform/ids.ts";
import { type CellKind, shapeOf } from "./cell-kind.ts";
import { profileColumn } from "./column-profile.ts";

const today = "2026-11-20" as IsoDate;
const profile = (...cells: readonly string[]) => profileColumn("Column", cells, today);

test.each<[CellKind, readonly string[]]>([
  ["sex", ["M", "f", "पु", "महिला", "Boy", "2"]],
  ["relationType", ["S/o", "W/O", "Father", "पति"]],
  ["relationPrefix", ["S/o Ram", "W/O. SHYAM", "D/o Mohan"]],
  ["phone", ["9811012345", "+91 98110 12345", "09811012345", "९८११०१२३४५"]],
  ["abhaNumber", ["91-1234-5678-9012", "91123456789012"]],
  ["abhaAddress", ["someone@abdm"]],
  ["pin", ["110092", "201 301"]],
  ["bloodGroup", ["A+", "O -ve", "AB Positive", "B(+)"]],
  ["age", ["45", "45 Y 3 M", "8 months", "४५ वर्ष"]],
  ["person", ["RAM LAL", "Mohd. Arif", "श्रीमती सुनीता देवी"]],
  ["devanagari", ["राम", "मकान 12"]],
  ["address", ["H.No 12, Gali 3", "B-23, Jamia Nagar", "मकान 4, गली 2"]],
  ["identifier", ["20261101", "DDU/26/1001", "U-77"]],
  ["icd", ["J02.9", "I10"]],
  ["vaccine", ["BCG", "OPV 1", "Hepatitis B"]],
])("cells of kind %s are known as such", (kind, cells) => {
  expect(profile(...cells).shares[kind]).toBe(1);
});

test.each<[CellKind, readonly string[]]>([
  ["person", ["9811012345", "45", "J02.9"]],
  ["phone", ["110092", "91-1234-5678-9012", "RAM"]],
  ["age", ["121", "1981", "RAM"]],
  ["identifier", ["Ram Lal", "H.No 12, Gali 3"]],
  ["aadhaar", ["9811012345", "123456789012", "91-1234-5678-9012"]],
])("cells that are not of kind %s are not taken for it", (kind, cells) => {
  expect(profile(...cells).shares[kind]).toBe(0);
});

test("blank cells and what clerks write for them count as blank", () => {
  const { blankRate, filled, distinct } = profile("A1", "", " ", "-", "N/A", "A2");

  expect({ blankRate: Math.round(blankRate * 100), filled, distinct }).toEqual({
    blankRate: 67,
    filled: 2,
    distinct: 2,
  });
});

test("dates are counted by what they prove of their order", () => {
  const { dates } = profile("31/12/1985", "12/31/1985", "01/02/1990", "05/05/1990", "1999-01-02");

  expect(dates).toMatchObject({ share: 1, dayFirst: 1, monthFirst: 1, either: 1, plain: 2 });
});

test("registration numbers of eight digits are told from written dates", () => {
  const { dates } = profile("20261101", "20261102", "20261103");

  expect(dates.share - dates.compact).toBe(0);
});

test("a running number is seen as one", () => {
  expect(profile("1", "2", "3", "4").isSerial).toBe(true);
  expect(profile("1001", "1002", "1003", "1004").isSerial).toBe(false);
});

test("Hindi typed for the Kruti Dev font is flagged", () => {
  expect(profile("jke dqekj", "lqfurk nsoh").isKrutiDev).toBe(true);
  expect(profile("Ram Kumar", "Sunita Devi").isKrutiDev).toBe(false);
});

test("the shape of a cell holds none of its letters and digits", () => {
  expect(shapeOf("31/12/1985")).toBe("NN/NN/NNNN");
  expect(shapeOf("9811012345")).toBe("N×10");
  expect(shapeOf("RAM Lal")).toBe("A+ Aa+");
  expect(shapeOf("राम")).toBe("a+");
});
