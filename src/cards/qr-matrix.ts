/**
 * The QR matrix of a card's URL: version 9 at level M by default (53 modules), larger only when the URL is longer.
 * Our own encoder, because no package mixes the alphanumeric mode of the token with the one byte `#`:
 * in byte mode the same URL needs version 11 and modules of 0.41 mm instead of 0.47 mm on 25 mm.
 */
import { HimsError } from "../platform/errors.ts";
import { type QrVersion, qrCodewords, qrVersions } from "./qr-codewords.ts";
import { qrPenalty } from "./qr-penalty.ts";
import { type BitPlanes, emptyPlanes, type QrTemplate, qrTemplate } from "./qr-template.ts";

export interface QrMatrix {
  readonly version: number;
  /** Modules a side, without the quiet zone. */
  readonly size: number;
  readonly mask: number;
  /** One bit a module, 1 is dark, each row from its highest bit and padded to whole bytes: a 1-bit image. */
  readonly bits: Uint8Array;
}

/** Encodes ASCII text; upper-case letters, digits and `$%*+-./: ` take half the room of others. */
export function makeQrMatrix(text: string): QrMatrix {
  if (/[^\x20-\x7e]/.test(text)) throw new RangeError("a card's QR holds ASCII only");
  for (const version of qrVersions) {
    const codewords = qrCodewords(text, version);
    if (codewords !== null) return drawSymbol(codewords, version);
  }
  throw new HimsError("HIMS_CARD_URL_TOO_LONG", {
    kind: "usage",
    message: `the QR of a card holds less than the ${text.length} characters of this URL`,
    hint: "Configure a shorter card URL: scheme, host and path together in less than 60 characters.",
  });
}

/** Whether the module is dark. */
export function isDark(matrix: QrMatrix, row: number, column: number): boolean {
  const byte = matrix.bits[row * Math.ceil(matrix.size / 8) + (column >> 3)] ?? 0;
  return ((byte << (column & 7)) & 0x80) !== 0;
}

function drawSymbol(codewords: Uint8Array, version: QrVersion): QrMatrix {
  const template = qrTemplate(version);
  const data = placeData(codewords, template);
  let best = applyMask(data, template, 0);
  let bestPenalty = qrPenalty(best, template.size);
  let bestMask = 0;
  for (let mask = 1; mask < template.masks.length; mask += 1) {
    const masked = applyMask(data, template, mask);
    const penalty = qrPenalty(masked, template.size);
    if (penalty < bestPenalty) {
      best = masked;
      bestPenalty = penalty;
      bestMask = mask;
    }
  }
  const { size } = template;
  return { version: version.version, size, mask: bestMask, bits: packBits(best.rows, size) };
}

/** Function patterns and unmasked data; remainder bits stay light. */
function placeData(codewords: Uint8Array, template: QrTemplate): BitPlanes {
  const { dataRows, dataColumns, functions } = template;
  const rows = functions.rows.slice();
  const columns = functions.columns.slice();
  for (let bit = 0; bit < codewords.length * 8; bit += 1) {
    if ((((codewords[bit >> 3] ?? 0) << (bit & 7)) & 0x80) === 0) continue;
    const row = dataRows[bit] ?? 0;
    const column = dataColumns[bit] ?? 0;
    const inRows = row * 2 + (column >> 5);
    const inColumns = column * 2 + (row >> 5);
    rows[inRows] = (rows[inRows] ?? 0) | (1 << (column & 31));
    columns[inColumns] = (columns[inColumns] ?? 0) | (1 << (row & 31));
  }
  return { rows, columns };
}

function applyMask(data: BitPlanes, template: QrTemplate, mask: number): BitPlanes {
  const turned = template.masks[mask];
  const planes = emptyPlanes(template.size);
  if (turned === undefined) return planes;
  for (let word = 0; word < template.size * 2; word += 1) {
    planes.rows[word] = (data.rows[word] ?? 0) ^ (turned.rows[word] ?? 0);
    planes.columns[word] = (data.columns[word] ?? 0) ^ (turned.columns[word] ?? 0);
  }
  return planes;
}

function packBits(rows: Uint32Array, size: number): Uint8Array {
  const bytesPerRow = Math.ceil(size / 8);
  const bits = new Uint8Array(bytesPerRow * size);
  for (let row = 0; row < size; row += 1) {
    for (let byte = 0; byte < bytesPerRow; byte += 1) {
      const word = rows[row * 2 + (byte >> 2)] ?? 0;
      bits[row * bytesPerRow + byte] = reversedBytes[(word >>> ((byte & 3) * 8)) & 0xff] ?? 0;
    }
  }
  return bits;
}

/** Lines keep their first module in the lowest bit, images in the highest. */
export const reversedBytes = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit += 1) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
});
