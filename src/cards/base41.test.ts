import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase41, encodeBase41 } from "./base41.ts";

describe("base41", () => {
  test("any bytes come back, in characters legal in a fragment and in QR alphanumeric mode", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase41(bytes);
        expect(text).toMatch(/^[0-9A-Z*+\-.:]*$/);
        expect(text.length).toBe(Math.ceil((bytes.length * 3) / 2));
        expect(decodeBase41(text)).toEqual({ ok: true, value: bytes });
      }),
    );
  });

  test("whatever decodes has exactly one spelling", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Z*+\-.:]{0,30}$/), (text) => {
        const decoded = decodeBase41(text);
        if (decoded.ok) expect(encodeBase41(decoded.value)).toBe(text);
      }),
    );
  });

  test.each([
    ["0", "base41_length"],
    ["0000", "base41_length"],
    [":::", "base41_overflow"],
    ["::", "base41_overflow"],
    ["a00", "base41_character"],
    ["0 0", "base41_character"],
    ["0#0", "base41_character"],
  ])("the text %j is refused with a reason", (text, reason) => {
    expect(decodeBase41(text)).toEqual({ ok: false, reasons: [reason] });
  });
});
