import { describe, expect, test } from "vitest";
import { cellText, isNothing, withoutFraction } from "./cell-text.ts";

describe("a cell", () => {
  test.each([
    ['="00125"', "00125"],
    ['= "a ""b"" c"', 'a "b" c'],
    ["'00125", "00125"],
    ["'+919811122233", "+919811122233"],
    [" x ", "x"],
  ])("loses what was put around it for a spreadsheet: %s", (cell, text) => {
    expect(cellText(cell)).toBe(text);
  });

  test.each(["=A1+1", '="a"&"b"', "'Ram", "'", "=", '="a'])("is kept as it stands: %s", (cell) => {
    expect(cellText(cell)).toBe(cell);
  });
});

describe("nothing", () => {
  test.each(["", "NULL", "null", "(null)", "\\N"])("is %j in every field", (text) => {
    expect([isNothing(text, "name"), isNothing(text, "value"), isNothing(text, "at")]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("is NA of a patient, while a test may be of sodium and its result nil", () => {
    expect([isNothing("NA", "relationName"), isNothing("NIL", "addressLine")]).toEqual([
      true,
      true,
    ]);
    expect([isNothing("NA", "display"), isNothing("NIL", "value")]).toEqual([false, false]);
  });

  test.each(["-", "n/a", "Not known", "अज्ञात"])("is %s where a date or an age stands", (text) => {
    expect([isNothing(text, "birthDate"), isNothing(text, "age")]).toEqual([true, true]);
  });

  test.each(["Nil", "Na", "Nullah Road", "None"])("is not %s, which names may be", (text) => {
    expect(isNothing(text, "name")).toBe(false);
  });
});

test("a fraction of nothing is taken off whole numbers, and off nothing else", () => {
  expect(withoutFraction("12345.0", "mrn")).toBe("12345");
  expect(withoutFraction("४५.०", "age")).toBe("45");
  expect(withoutFraction("12345.5", "mrn")).toBe("12345.5");
  expect(withoutFraction("1.2.0", "mrn")).toBe("1.2.0");
  expect(withoutFraction("7.0", "value")).toBe("7.0");
});
