import { describe, expect, test } from "vitest";
import { builtInFormat, customFormat, numberText } from "./number-format.ts";

const shown = (value: number, code: string, startsIn1904 = false) =>
  numberText(value, customFormat(code), startsIn1904).text;

test.each([
  [9_810_000_000, "9810000000"],
  [999_999_999_999_999, "999999999999999"],
  [-5, "-5"],
  [0.1 + 0.2, "0.3"],
  [0.000_000_1, "0.0000001"],
  [98.6, "98.6"],
])("%d is printed in full", (value, text) => {
  expect(shown(value, "General")).toBe(text);
  expect(shown(value, "#,##0.00")).toBe(text);
});

test("a whole number of more than 15 digits is printed so that nothing reads it as one", () => {
  expect(shown(1_234_567_890_123_450, "General")).toBe("1.23456789012345E+15");
  expect(shown(1e20, "0")).toBe("1.00000000000000E+20");
});

test.each([
  [123, "00000000", "00000123"],
  [123, '"MR"00000', "MR00123"],
  [12_345_678_901_234, "00\\-0000\\-0000\\-0000", "12-3456-7890-1234"],
  [123_456, "0000", "123456"],
  [0.45, "0%", "45%"],
  [0.455, "0.0%", "45.5%"],
  [7, "@", "7"],
])("%d in the format %s is %s", (value, code, text) => {
  expect(shown(value, code)).toBe(text);
});

describe("dates", () => {
  test.each([
    [1, "1900-01-01"],
    [59, "1900-02-28"],
    // The day that was not.
    [60, "1900-02-29"],
    [61, "1900-03-01"],
    [31_412, "1985-12-31"],
    [45_123, "2023-07-16"],
    [2_958_465, "9999-12-31"],
  ])("day %d is %s", (value, text) => {
    expect(shown(value, "dd/mm/yyyy")).toBe(text);
  });

  test("count from 1904 where the workbook says so", () => {
    expect(shown(0, "dd/mm/yyyy", true)).toBe("1904-01-01");
    expect(shown(45_123 - 1462, "dd/mm/yyyy", true)).toBe("2023-07-16");
  });

  test("carry a time that is shown or stored, to the second", () => {
    expect(shown(45_123.5, "dd/mm/yyyy")).toBe("2023-07-16T12:00:00");
    expect(shown(45_123, "dd/mm/yyyy hh:mm")).toBe("2023-07-16T00:00:00");
    expect(shown(45_123.999_999_99, "dd/mm/yyyy")).toBe("2023-07-17");
    expect(shown(0.4375, "h:mm AM/PM")).toBe("10:30:00");
  });

  test.each([
    "dd\\-mmm\\-yyyy",
    "[$-4009]dd/mm/yyyy;@",
    'd"." mmmm yyyy',
    "mmm-yy",
    "yyyy",
    "[Red]d/m/yy",
  ])("are told by the format %s", (code) => {
    expect(customFormat(code)).toMatchObject({ kind: "date", hasDay: true });
  });

  test.each(["General", "0.00", "[Red]0", '"day" 0', "#,##0 \\d", "0.00E+00"])(
    "are not told by the format %s",
    (code) => {
      expect(customFormat(code).kind).not.toBe("date");
    },
  );

  test("are told by the built-in formats 14 to 22 and 45 to 47", () => {
    const dates = [...Array(60).keys()].filter((id) => builtInFormat(id).kind === "date");
    expect(dates).toEqual(expect.arrayContaining([14, 17, 18, 22, 30, 45, 47, 57]));
    expect(dates).not.toContain(0);
    expect(dates).not.toContain(49);
  });

  test("out of the calendar are numbers", () => {
    expect(shown(-1, "dd/mm/yyyy")).toBe("-1");
    expect(shown(9_810_000_000, "dd/mm/yyyy")).toBe("9810000000");
  });
});
