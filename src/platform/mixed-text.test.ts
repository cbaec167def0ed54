import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeMixed, hasIndianUtf8, utf8Length } from "./mixed-text.ts";

describe("bytes of two encodings", () => {
  test("are read as UTF-8 where they are, else as Windows-1252", () => {
    const bytes = Buffer.concat([
      Buffer.from("राम "),
      Buffer.from([0xe9, 0x96]),
      Buffer.from(" é"),
    ]);
    expect(decodeMixed(bytes)).toBe("राम é– é");
  });

  test("that are UTF-8 throughout are read as UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(decodeMixed(Buffer.from(text))).toBe(text);
      }),
    );
  });

  test("lose no byte, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let seen = 0;
        for (let at = 0; at < bytes.length; ) {
          const length = utf8Length(bytes, at);
          expect(
            length === 0 || Buffer.from(bytes.subarray(at, at + length)).length === length,
          ).toBe(true);
          seen += Math.max(1, length);
          at += Math.max(1, length);
        }
        expect(seen).toBe(bytes.length);
        expect(decodeMixed(bytes)).not.toContain("\ufffd\ufffd");
      }),
    );
  });
});

test("letters of Indian scripts are told from Latin letters", () => {
  expect(hasIndianUtf8(Buffer.from("Asha आशा"))).toBe(true);
  expect(hasIndianUtf8(Buffer.from("José – Müller ✓"))).toBe(false);
  expect(hasIndianUtf8(Buffer.from([0xe0, 0xa4]))).toBe(false);
});
