import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CborTag, type CborValue, decodeCbor, encodeCbor } from "./cbor.ts";

const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const anyValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.string({ unit: "grapheme" }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(fc.integer(), fc.string()), tie("value")), { maxLength: 4 })
      .map((entries) => new Map(entries)),
    tie("value").map((value) => new CborTag(18, value)),
  ),
})).value;

describe("cbor", () => {
  test.each([
    ["00", 0],
    ["17", 23],
    ["1818", 24],
    ["1903e8", 1000],
    ["1a000f4240", 1_000_000],
    ["1b000000e8d4a51000", 1_000_000_000_000],
    ["20", -1],
    ["3903e7", -1000],
    ["4401020304", hex("01020304")],
    ["62c3bc", "\u00fc"],
    ["83010203", [1, 2, 3]],
  ] as const)("the example %s of RFC 8949 appendix A is read and written", (encoded, value) => {
    expect(toHex(encodeCbor(value))).toBe(encoded);
    expect(decodeCbor(hex(encoded))).toEqual({ ok: true, value });
  });

  test("every value comes back equal, and what was read is written the same", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const encoded = encodeCbor(value);
        const decoded = decodeCbor(encoded);
        expect(decoded.ok).toBe(true);
        if (decoded.ok) expect(toHex(encodeCbor(decoded.value))).toBe(toHex(encoded));
      }),
    );
  });

  test("any bytes that decode at all are the one deterministic encoding", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const decoded = decodeCbor(bytes);
        if (decoded.ok) expect(toHex(encodeCbor(decoded.value))).toBe(toHex(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["nothing", ""],
    ["a trailing byte", "0000"],
    ["an integer longer than needed", "1817"],
    ["a two-byte integer longer than needed", "1900ff"],
    ["an integer beyond 2^53", "1b0020000000000000"],
    ["a reserved head", "1c"],
    ["an indefinite byte string", "5f4101ff"],
    ["an indefinite array", "9f01ff"],
    ["an indefinite map", "bf0101ff"],
    ["a truncated byte string", "4401"],
    ["a length beyond any input", "5affffffff"],
    ["a repeated map key", "a201010102"],
    ["map keys out of order", "a202010101"],
    ["an array as map key", "a1800 1".replace(" ", "")],
    ["text that is not UTF-8", "61ff"],
    ["a boolean", "f5"],
    ["a float", "f93c00"],
    ["nesting without end", "818181818181818181818100"],
  ])("%s is refused", (_name, encoded) => {
    expect(decodeCbor(hex(encoded)).ok).toBe(false);
  });
});
