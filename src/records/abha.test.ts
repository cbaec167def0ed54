import { expect, test } from "vitest";
import { abhaAddressOf, abhaNumberOf, isLuhnValid } from "./abha.ts";

test.each([
  ["91-1234-5678-9012", "91123456789012"],
  ["91 1234 5678 9012", "91123456789012"],
  ["९११२३४५६७८९०१२", "91123456789012"],
  ["911234567890", null],
  ["911234567890123", null],
  ["91-1234-5678-901X", null],
])("an ABHA number is fourteen digits however they are grouped: %s", (text, number) => {
  expect(abhaNumberOf(text)).toBe(number);
});

test.each([
  [" Ram.Kumar@ABDM ", "ram.kumar@abdm"],
  ["ram@sbx", "ram@sbx"],
  ["ram@example.org", null],
  ["r@abdm", null],
])("an ABHA address is a name at a known host: %s", (text, address) => {
  expect(abhaAddressOf(text)).toBe(address);
});

test("Luhn accepts its published vectors and refuses one wrong digit", () => {
  expect(isLuhnValid("79927398713")).toBe(true);
  expect(isLuhnValid("4539578763621486")).toBe(true);
  expect(isLuhnValid("79927398714")).toBe(false);
});
