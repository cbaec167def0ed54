import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aadhaarSpans,
  findAadhaar,
  isAadhaarShaped,
  isMasked,
  isVerhoeffValid,
  maskAadhaar,
} from "./aadhaar.ts";

/** Eleven digits and the one check digit that Verhoeff accepts. */
function withCheckDigit(digits: string): string {
  const check = "0123456789".split("").find((digit) => isVerhoeffValid(digits + digit));
  if (check === undefined) throw new Error("Verhoeff has a check digit for every number");
  return digits + check;
}
const aadhaar = fc
  .tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 0, max: 9_999_999_999 }))
  .map(([first, rest]) => withCheckDigit(`${first}${String(rest).padStart(10, "0")}`));
const devanagari = (digits: string) =>
  digits.replace(/\d/g, (digit) => String.fromCharCode(0x0966 + Number(digit)));
const grouped = (digits: string, sign: string) =>
  digits.replace(/(.{4})(.{4})(.{4})/, `$1${sign}$2${sign}$3`);

describe("Verhoeff", () => {
  test.each(["2363", "123451", "84736430954837284567892", "758722"])("%s is valid", (digits) => {
    expect(isVerhoeffValid(digits)).toBe(true);
  });

  test("it catches every wrong digit and every swap of neighbors", () => {
    fc.assert(
      fc.property(aadhaar, fc.nat(11), fc.integer({ min: 1, max: 9 }), (number, at, by) => {
        const digit = (Number(number[at]) + by) % 10;
        expect(isVerhoeffValid(number.slice(0, at) + digit + number.slice(at + 1))).toBe(false);
        const [left = "", right = ""] = [number[at], number[at + 1]];
        if (right !== "" && left !== right)
          expect(isVerhoeffValid(number.slice(0, at) + right + left + number.slice(at + 2))).toBe(
            false,
          );
      }),
    );
  });

  test("about one in ten of any numbers passes", () => {
    const passing = Array.from({ length: 10_000 }, (_, index) =>
      String(234_567_000_000 + index * 7),
    ).filter(isVerhoeffValid);
    expect(passing.length).toBeGreaterThan(900);
    expect(passing.length).toBeLessThan(1100);
  });
});

describe("candidates", () => {
  const number = withCheckDigit("23456789012");

  test("a first digit of 0 or 1, eleven or thirteen digits are none", () => {
    expect(isAadhaarShaped(withCheckDigit("12345678901"))).toBe(false);
    expect(isAadhaarShaped(withCheckDigit("02345678901"))).toBe(false);
    expect(findAadhaar(`${number}1`)).toEqual([]);
    expect(findAadhaar(`1${number}`)).toEqual([]);
    expect(findAadhaar(number.slice(1))).toEqual([]);
  });

  test.each([
    ["an ABHA number in groups", `12-${grouped(number, "-")}`],
    ["an ABHA number in spaced groups", `12 ${grouped(number, " ")}`],
    ["an ABHA number of fourteen digits", `12${number}`],
  ])("%s is none", (_, text) => {
    expect(findAadhaar(text)).toEqual([]);
    expect(maskAadhaar(text)).toBe(text);
  });

  test.each([
    ["a house number before it", `H no 7 ${grouped(number, " ")}`],
    ["an age before it, unspaced", `aged 45 ${number}`],
    ["a mobile after it", `${grouped(number, " ")} 9811111111`],
    ["an overlapping number before it", `1234 ${grouped(number, " ")}`],
    ["letters around it", `uid${number}x`],
  ])("%s hides none", (_, text) => {
    expect(findAadhaar(text)).toHaveLength(1);
    expect(isMasked(maskAadhaar(text))).toBe(true);
  });

  test.each(["XXXX XXXX 1234", "XXXXXXXX1234", "xxxx-xxxx-1234", "**** **** 1234"])(
    "the card's own masking is known: %s",
    (text) => {
      expect(isMasked(text)).toBe(true);
    },
  );

  test.each(["XX-1234", "XXXX 1234", "XXXX XXXX 12345"])("%s is not masked", (text) => {
    expect(isMasked(text)).toBe(false);
  });

  test("any is found and masked anywhere in a text, in either script, with its length kept in UTF-8", () => {
    const words = fc.string({
      unit: fc.constantFrom("a", "र", " ", ".", ",", "|", "\n"),
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        fc.tuple(aadhaar, fc.constantFrom("", " ", "-"), fc.boolean()),
        fc.tuple(words, words),
        ([digits, sign, hindi], [before, after]) => {
          const written = grouped(hindi ? devanagari(digits) : digits, sign);
          const text = before + written + after;
          expect(findAadhaar(text)).toEqual([written]);
          expect(aadhaarSpans(text)).toEqual([
            { start: before.length, end: before.length + written.length },
          ]);
          const masked = maskAadhaar(text);
          expect(masked).not.toMatch(/[0-9\u0966-\u096f]/);
          expect(Buffer.byteLength(masked)).toBe(Buffer.byteLength(text));
        },
      ),
    );
  });

  test("masking twice changes nothing more", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."0123456789 -xय"), maxLength: 40 }),
        (text) => {
          expect(maskAadhaar(maskAadhaar(text))).toBe(maskAadhaar(text));
        },
      ),
    );
  });
});
