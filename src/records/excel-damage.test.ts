import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { excelDamage } from "./excel-damage.ts";
import { fieldMapSchema, type MapField } from "./field-map.ts";

const source = (width?: number) => {
  const map = fieldMapSchema.parse({ mrn: { column: "MRN", ...(width ? { width } : {}) } });
  return map.mrn;
};
const ruleOf = (text: string, field: MapField = "mrn", width?: number) =>
  excelDamage(field, text, source(width))?.rule ?? null;

test.each([
  ["9.81E+09", "excel_scientific"],
  ["9.81E9", "excel_scientific"],
  ["9,81E+09", "excel_scientific"],
  ["1.23457E+13", "excel_scientific"],
  ["9E+09", "excel_scientific"],
  ["9.81e+09", "excel_scientific"],
  ["९.८१E+०९", "excel_scientific"],
  ["1.23456789012345E+15", "excel_digits_lost"],
  ["12345678901234500", "excel_digits_lost"],
  ["12345678901234500000", "excel_digits_lost"],
  ["12-Mar", "excel_date"],
  ["Mar-12", "excel_date"],
  ["3-Dec-24", "excel_date"],
  ["#DATE!2024-03-12", "excel_date"],
  ["#ZEROS!43", "leading_zeros_lost"],
  ["#REF!", "excel_error"],
  ["#N/A", "excel_error"],
])("%s identifies nobody: %s", (text, rule) => {
  expect(ruleOf(text)).toBe(rule);
});

test.each([
  "5E12",
  "12E3",
  "DEL/2024/17",
  "MRN-1234",
  "2024/123",
  "1234567890123450",
  "20240115000012",
  "91-1234-5678-9012",
  "JAN-2024-17",
  "#17",
  "007",
])("%s may be meant", (text) => {
  expect(ruleOf(text)).toBeNull();
});

describe("phones", () => {
  test.each([["9.81E+09"], ["9.81E+09 / 9811122233"], ["Mob 9.81E+09"]])(
    "that are shortened are damaged: %s",
    (text) => {
      expect(ruleOf(text, "phone")).toBe("excel_scientific");
    },
  );

  test.each(["+91 98111 22233", "011-23456789", "9811122233, 9811122244"])(
    "are left alone: %s",
    (text) => {
      expect(ruleOf(text, "phone")).toBeNull();
    },
  );
});

test("a number shorter than its column is wide has lost zeros", () => {
  expect(ruleOf("4321", "mrn", 8)).toBe("leading_zeros_lost");
  expect(ruleOf("४३२१", "mrn", 8)).toBe("leading_zeros_lost");
  expect(ruleOf("00004321", "mrn", 8)).toBeNull();
  expect(ruleOf("A4321", "mrn", 8)).toBeNull();
});

test("in fields that name nothing only errors are damage, and the row is kept", () => {
  expect(ruleOf("9.81E+09", "value")).toBeNull();
  expect(ruleOf("12-Mar", "name")).toBeNull();
  expect(excelDamage("name", "#REF!", source())).toMatchObject({
    rule: "excel_error",
    keepsRow: true,
  });
});

test("no number of up to 16 digits is damage", () => {
  const number = fc.bigInt({ min: 0n, max: 9_999_999_999_999_999n });
  fc.assert(
    fc.property(number, (digits) => {
      expect(ruleOf(String(digits))).toBeNull();
    }),
  );
});
