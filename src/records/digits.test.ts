import { expect, test } from "vitest";
import { asciiDigits } from "./digits.ts";

test.each([
  ["Devanagari", 0x0966],
  ["Gurmukhi", 0x0a66],
  ["Arabic-Indic", 0x0660],
  ["extended Arabic-Indic (Urdu)", 0x06f0],
])("all ten digits of %s are read", (_, zero) => {
  const digits = Array.from({ length: 10 }, (__, index) => String.fromCharCode(zero + index));
  expect(asciiDigits(digits.join(""))).toBe("0123456789");
});

test("letters and signs of those scripts stay", () => {
  expect(asciiDigits("राम ਸੀਤਾ ٪ 12")).toBe("राम ਸੀਤਾ ٪ 12");
});
