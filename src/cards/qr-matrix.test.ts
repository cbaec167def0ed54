import fc from "fast-check";
import { encodeQR } from "qr";
import { describe, expect, test } from "vitest";
import { readQrCodes } from "../../test/support/qr-reader.ts";
import vectors from "../../test/vectors/cards/card-tokens.json" with { type: "json" };
import { isDark, makeQrMatrix, type QrMatrix } from "./qr-matrix.ts";
import { readQrMatrix } from "./qr-reading.ts";

const token = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*+-.:";
const urlOf = (length: number) => `HTTPS://HIMS.INVALID/C#${token.repeat(9)}`.slice(0, length);

/** The symbol with its quiet zone of four modules, four pixels a module. */
function imageOf(matrix: QrMatrix) {
  const scale = 4;
  const width = (matrix.size + 8) * scale;
  const pixels = new Uint8Array(width * width).fill(255);
  for (let y = 0; y < width; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const row = Math.floor(y / scale) - 4;
      const column = Math.floor(x / scale) - 4;
      const inside = Math.min(row, column) >= 0 && Math.max(row, column) < matrix.size;
      if (inside && isDark(matrix, row, column)) pixels[y * width + x] = 0;
    }
  }
  return { width, height: width, pixels };
}

describe("the QR of a card", () => {
  test("zxing reads every accepted vector back, letter for letter", async () => {
    for (const vector of vectors.accepted) {
      const text = vector.text.trim().toUpperCase();
      expect(await readQrCodes(imageOf(makeQrMatrix(text)))).toEqual([text]);
    }
  });

  test("it is version 9 up to the capacity of level M, then 10 and 11, and each is read back", async () => {
    // V9-M has 1456 bits; 134 + 20 are the head and the #, 13 the header of the token: 234 characters of token.
    expect([257, 258].map((length) => makeQrMatrix(urlOf(length)).version)).toEqual([9, 10]);
    for (const length of [257, 258, 300, 330]) {
      const matrix = makeQrMatrix(urlOf(length));
      expect(matrix.size).toBe(matrix.version * 4 + 17);
      expect(await readQrCodes(imageOf(matrix))).toEqual([urlOf(length)]);
    }
    expect(makeQrMatrix(urlOf(330)).version).toBe(11);
  });

  test("a default card URL with the longest name is version 9: modules of 0.47 mm on 25 mm", () => {
    for (const vector of vectors.accepted) {
      if (vector.text.includes(":8443/")) continue;
      const matrix = makeQrMatrix(vector.text.trim().toUpperCase());
      expect(25 / matrix.size).toBeGreaterThanOrEqual(0.47);
    }
  });

  test("for text of one mode it equals the qr package, module for module", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Z $%*+\-./:]{1,320}$/), (text) => {
        const matrix = makeQrMatrix(text);
        const { version, mask, size } = matrix;
        const peer = encodeQR(text, "raw", {
          ecc: "medium",
          encoding: "alphanumeric",
          version,
          mask,
          border: 1,
        });
        const differences = peer
          .slice(1, -1)
          .flatMap((line, row) =>
            line.slice(1, -1).filter((dark, column) => dark !== isDark(matrix, row, column)),
          );
        expect(peer.length - 2).toBe(size);
        expect(differences).toHaveLength(0);
      }),
      { numRuns: 60 },
    );
  });

  test("our own strict reader reads every text back, and none with a single changed module", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 150 }),
        fc.nat(),
        (text, place) => {
          const matrix = makeQrMatrix(text);
          expect(readQrMatrix(matrix)).toBe(text);
          const [row, column] = [
            place % matrix.size,
            Math.floor(place / matrix.size) % matrix.size,
          ];
          const bits = matrix.bits.slice();
          const at = row * Math.ceil(matrix.size / 8) + (column >> 3);
          bits[at] = (bits[at] ?? 0) ^ (0x80 >> (column & 7));
          expect(readQrMatrix({ ...matrix, bits })).toBeNull();
        },
      ),
    );
    for (const length of [257, 258, 330]) {
      expect(readQrMatrix(makeQrMatrix(urlOf(length)))).toBe(urlOf(length));
    }
  });

  test("a URL that no version of a card holds is refused with a hint, and not repeated", () => {
    expect(() => makeQrMatrix(urlOf(390))).toThrow(
      expect.objectContaining({ code: "HIMS_CARD_URL_TOO_LONG" }),
    );
  });
});
