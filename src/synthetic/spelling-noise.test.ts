import fc from "fast-check";
import { expect, test } from "vitest";
import { familyNames, givenNames } from "./name-list.ts";
import { Random } from "./random.ts";
import { misdialed, mistyped, respelled } from "./spelling-noise.ts";

const names = [...Object.values(givenNames).flatMap(({ male, female }) => [...male, ...female])]
  .concat(Object.values(familyNames).flat())
  .map(({ latin }) => latin);

test("every name of the lists has both spellings", () => {
  for (const { latin, local } of Object.values(familyNames).flat()) {
    expect(latin).toMatch(/^[A-Z][\p{L}']+$/u);
    expect(local).toMatch(/^\p{Script=Devanagari}+$/u);
  }
});

test("a changed name keeps its first letter or is a usual variant, and is never empty", () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.integer(), (name, seed) => {
      const random = new Random(seed, 1);
      expect(respelled(name, random).length).toBeGreaterThanOrEqual(2);
      expect(mistyped(name, random).charAt(0)).toBe(name.charAt(0));
    }),
  );
});

test("a misdialed number differs in one digit and keeps its first two", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[6-9]\d{9}$/), fc.integer(), (digits, seed) => {
      const wrong = misdialed(digits, new Random(seed, 2));
      const differing = [...digits].filter((digit, at) => digit !== wrong[at]);
      expect(differing).toHaveLength(1);
      expect(wrong.slice(0, 2)).toBe(digits.slice(0, 2));
    }),
  );
});
