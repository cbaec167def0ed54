/**
 * Reads a card's matrix back without any error correction: the structural gate before printing. It sees the very bits that go
 * into the file, and refuses whatever is not exactly what the encoder should have drawn.
 */
import { alphanumerics, interleave, modes, type QrVersion, qrVersions } from "./qr-codewords.ts";
import { type QrMatrix, reversedBytes } from "./qr-matrix.ts";
import { type QrTemplate, qrTemplate } from "./qr-template.ts";

/** The text of the matrix, or null unless function patterns, format and every codeword are exact. */
export function readQrMatrix(matrix: QrMatrix): string | null {
  const version = qrVersions.find((candidate) => candidate.version === matrix.version);
  if (version === undefined) return null;
  const template = qrTemplate(version);
  if (template.size !== matrix.size) return null;
  const rows = unmaskedRows(matrix, template);
  if (rows === null) return null;
  const data = deinterleave(readPlaces(rows, template), version);
  return data === null ? null : readSegments(data, version.version);
}

/** Data as placed, or null when anything outside the data modules differs from the template. */
function unmaskedRows(matrix: QrMatrix, template: QrTemplate): Uint32Array | null {
  const mask = template.masks[matrix.mask]?.rows;
  if (mask === undefined) return null;
  const rows = unpackBits(matrix.bits, matrix.size).map((word, index) => word ^ (mask[index] ?? 0));
  const functions = template.functions.rows;
  const data = template.data.rows;
  const isExact = rows.every(
    (word, index) => ((word ^ (functions[index] ?? 0)) & ~(data[index] ?? 0)) === 0,
  );
  return isExact ? rows : null;
}

function readPlaces(rows: Uint32Array, { dataRows, dataColumns }: QrTemplate): Uint8Array {
  const codewords = new Uint8Array(dataRows.length >> 3);
  for (let bit = 0; bit < codewords.length * 8; bit += 1) {
    const column = dataColumns[bit] ?? 0;
    const word = rows[(dataRows[bit] ?? 0) * 2 + (column >> 5)] ?? 0;
    codewords[bit >> 3] = ((codewords[bit >> 3] ?? 0) << 1) | ((word >>> (column & 31)) & 1);
  }
  return codewords;
}

function unpackBits(bits: Uint8Array, size: number): Uint32Array {
  const bytesPerRow = Math.ceil(size / 8);
  const rows = new Uint32Array(size * 2);
  for (let at = 0; at < bits.length; at += 1) {
    const byte = at % bytesPerRow;
    const word = Math.floor(at / bytesPerRow) * 2 + (byte >> 2);
    rows[word] = (rows[word] ?? 0) | ((reversedBytes[bits[at] ?? 0] ?? 0) << ((byte & 3) * 8));
  }
  return rows;
}

const terminator = 0;

function readSegments(data: Uint8Array, version: number): string | null {
  const bits = new BitReader(data);
  let text = "";
  while (bits.left >= 4) {
    const mode = bits.read(4);
    if (mode === terminator) return text;
    if (mode !== modes.byte && mode !== modes.alphanumeric) return null;
    text += mode === modes.byte ? readBytes(bits, version) : readAlphanumerics(bits, version);
    if (bits.left < 0) return null;
  }
  return text;
}

function readBytes(bits: BitReader, version: number): string {
  let text = "";
  for (let left = bits.read(version < 10 ? 8 : 16); left > 0; left -= 1) {
    text += String.fromCharCode(bits.read(8));
  }
  return text;
}

function readAlphanumerics(bits: BitReader, version: number): string {
  let text = "";
  for (let left = bits.read(version < 10 ? 9 : 11); left > 0; left -= 2) {
    const pair = bits.read(left === 1 ? 6 : 11);
    if (left > 1) text += alphanumerics[Math.floor(pair / 45)] ?? "";
    text += alphanumerics[pair % 45] ?? "";
  }
  return text;
}

/** Interleaves again what was taken apart and compares: with the error correction made anew, every codeword must agree. */
function deinterleave(codewords: Uint8Array, version: QrVersion): Uint8Array | null {
  const blockCount = version.shortBlocks + version.longBlocks;
  const dataLength = codewords.length - blockCount * version.eccLength;
  const data = new Uint8Array(dataLength);
  let start = 0;
  for (let block = 0; block < blockCount; block += 1) {
    for (let index = 0; index < version.shortBlockLength; index += 1) {
      data[start + index] = codewords[index * blockCount + block] ?? 0;
    }
    start += version.shortBlockLength;
    if (block < version.shortBlocks) continue;
    data[start] =
      codewords[version.shortBlockLength * blockCount + block - version.shortBlocks] ?? 0;
    start += 1;
  }
  const again = interleave(data, version);
  return again.every((codeword, index) => codeword === codewords[index]) ? data : null;
}

/** Reads bits from the highest of each byte; beyond the end there are zeros. */
class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length * 8 - this.#at;
  }

  read(width: number): number {
    let value = 0;
    for (let bit = 0; bit < width; bit += 1) {
      value = (value << 1) | (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }
}
