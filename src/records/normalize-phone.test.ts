import fc from "fast-check";
import { expect, test } from "vitest";
import { isFillerPhone, normalizePhone, normalizePhones } from "./normalize-phone.ts";

test.each([
  "9811122233",
  "+91 98111 22233",
  "+91-9811122233",
  "919811122233",
  "00919811122233",
  "09811122233",
  "0 98111-22233",
  "(+91) 98111 22233",
  "+91.98111.22233",
  "Mob. 98111 22233",
  "Mobile No: 9811122233",
  "Ph:+91-98111-22233",
  "मो० 9811122233",
  "9811122233 (son)",
  "9811122233 (पति)",
])("%s is one mobile number", (text) => {
  expect(normalizePhone(text)).toEqual({ ok: true, value: "+919811122233" });
});

test("Hindi digits are read", () => {
  expect(normalizePhone("९८१११२२२३३")).toEqual({ ok: true, value: "+919811122233" });
});

test.each([
  ["011-23456789", "+911123456789"],
  ["+91-11-2345 6789", "+911123456789"],
  ["0120 4567890", "+911204567890"],
  ["011-23456789 ext. 12", "+911123456789"],
])("a landline keeps its area code: %s", (text, value) => {
  expect(normalizePhone(text)).toEqual({ ok: true, value });
});

test.each([
  "9811122233,9811122244",
  "9811122233 / +91 98111-22244",
  "9811122233 9811122244",
  "98111 22233 098111 22244",
  "+91 98111 22233 & 9811122244",
  "9811122233 or 9811122244",
  "9811122233+9811122244",
  "9811122233 +91 9811122244",
  "9811122233\\9811122244",
])("a cell may hold two numbers: %s", (text) => {
  expect(normalizePhones(text)).toEqual([
    { ok: true, value: "+919811122233" },
    { ok: true, value: "+919811122244" },
  ]);
});

test("a number with something left over is none", () => {
  expect(normalizePhones("9811122233 98111").map(({ ok }) => ok)).toEqual([false]);
});

test.each(["98111", "98111222334455", "9.81E+09", "NA", "not known 9811122233x99", "abc", ""])(
  "%j is no number",
  (text) => {
    expect(normalizePhone(text).ok).toBe(false);
  },
);

test("what was normalized stays as it is", () => {
  fc.assert(
    fc.property(fc.integer({ min: 6_000_000_000, max: 9_999_999_999 }), (number) => {
      const once = normalizePhone(String(number));
      if (!once.ok) throw new Error("ten digits are a number");
      expect(normalizePhone(once.value)).toEqual(once);
    }),
  );
});

test.each([
  ["+919999999999", true],
  ["+919800000000", true],
  ["+919876543210", true],
  ["+911234567890", true],
  ["+919811122233", false],
])("%s is a filler: %s", (phone, filler) => {
  expect(isFillerPhone(phone)).toBe(filler);
});
