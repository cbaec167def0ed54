import fc from "fast-check";
import { expect, test } from "vitest";
import { luhnDigit, verhoeffDigit } from "./check-digit.ts";

const body = fc.stringMatching(/^\d{11,13}$/);

test("the textbook numbers get their textbook digits", () => {
  expect(luhnDigit("7992739871")).toBe("3");
  expect(verhoeffDigit("236")).toBe("3");
  expect(verhoeffDigit("12345")).toBe("1");
});

test.each([
  ["Luhn", luhnDigit],
  ["Verhoeff", verhoeffDigit],
])("one wrong digit always changes the %s digit", (_name, digitOf) => {
  fc.assert(
    fc.property(body, fc.nat(10), fc.integer({ min: 1, max: 9 }), (digits, at, add) => {
      const wrong = (Number(digits[at]) + add) % 10;
      const changed = digits.slice(0, at) + wrong + digits.slice(at + 1);
      expect(digitOf(changed)).not.toBe(digitOf(digits));
    }),
  );
});
