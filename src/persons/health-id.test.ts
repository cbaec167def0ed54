import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HealthId } from "../platform/ids.ts";
import { dammDigit, formatHealthId, makeHealthId, parseHealthId } from "./health-id.ts";

const sixBytes = fc.uint8Array({ minLength: 6, maxLength: 6 });
/** The bytes given once, then zeros, so that a refused draw ends. */
const sourceOf = (bytes: Uint8Array) => {
  let next: Uint8Array = bytes;
  return () => {
    const now = next;
    next = new Uint8Array(6);
    return now;
  };
};

describe("health ID", () => {
  test("the Damm digit agrees with the published example 572 -> 4", () => {
    expect(dammDigit("572")).toBe("4");
    expect(dammDigit("5724")).toBe("0");
  });

  test("whatever the random bytes, it has 13 digits, does not start with 0 and parses back from its printed form", () => {
    fc.assert(
      fc.property(sixBytes, (bytes) => {
        const healthId = makeHealthId(sourceOf(bytes));
        expect(healthId).toMatch(/^[1-9]\d{12}$/);
        expect(parseHealthId(formatHealthId(healthId))).toEqual({ ok: true, value: healthId });
      }),
    );
  });

  test("any single wrong digit and any swap of unequal neighbors is refused", () => {
    fc.assert(
      fc.property(sixBytes, fc.nat(12), fc.integer({ min: 1, max: 9 }), (bytes, place, shift) => {
        const healthId = makeHealthId(sourceOf(bytes));
        const digits = [...healthId].map(Number);
        const wrong = digits.with(place, ((digits[place] ?? 0) + shift) % 10).join("");
        expect(parseHealthId(wrong).ok).toBe(false);
        const swapped = healthId.replace(
          new RegExp(`^(.{${Math.min(place, 11)}})(.)(.)`),
          "$1$3$2",
        );
        if (swapped !== healthId) expect(parseHealthId(swapped).ok).toBe(false);
      }),
    );
  });

  test("it is grouped 3-3-3-4", () => {
    expect(formatHealthId("1234567890123" as HealthId)).toBe("123 456 789 0123");
  });

  test.each([
    ["", "health_id_not_13_digits"],
    ["91234567890", "health_id_not_13_digits"],
    ["12 34567890124", "health_id_check_digit"],
    ["0000000000000", "health_id_first_digit_zero"],
    ["1234567890 123x", "health_id_not_13_digits"],
  ])("the text %j is refused with a reason", (text, reason) => {
    expect(parseHealthId(text)).toEqual({ ok: false, reasons: [reason] });
  });

  test("a draw beyond the unbiased bound is drawn again", () => {
    const draws = [new Uint8Array(6).fill(255), new Uint8Array(6)];
    expect(makeHealthId(() => draws.shift() ?? new Uint8Array(6))).toMatch(/^100000000000\d$/);
    expect(draws).toHaveLength(0);
  });

  test("a thousand secure draws give a thousand different numbers", () => {
    const made = new Set(Array.from({ length: 1000 }, () => makeHealthId(randomBytes)));
    expect(made.size).toBe(1000);
  });
});
