import fc from "fast-check";
import { expect, test } from "vitest";
import { closestTo, editDistance, suggestionOr } from "./suggestion.ts";

test("a slip of the finger leads to the word that was meant", () => {
  expect(closestTo("facilty", ["facility", "history"])).toBe("facility");
  expect(closestTo("rnu", ["run", "serve"])).toBe("run");
  expect(closestTo("Serve", ["run", "serve"])).toBe("serve");
});

test("a word that resembles nothing leads nowhere", () => {
  expect(closestTo("onboard", ["run", "serve"])).toBeNull();
  expect(suggestionOr("onboard", ["run"], "See --help.")).toBe("See --help.");
});

test("swapped neighbors are one slip", () => {
  expect(editDistance("serve", "sevre")).toBe(1);
  expect(editDistance("kitten", "sitting")).toBe(3);
});

test("the distance is symmetric, zero for equal words only, and at most the longer word", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
      const distance = editDistance(left, right);
      expect(distance).toBe(editDistance(right, left));
      expect(distance === 0).toBe(left === right);
      expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
    }),
  );
});
