/** QR codewords (ISO/IEC 18004) at error correction level M: segments to bits, bits to blocks, Reed-Solomon, interleaving. */

/** The block structure of one version at level M (ISO/IEC 18004 table 9); later blocks are one data codeword longer. */
export interface QrVersion {
  readonly version: number;
  readonly shortBlocks: number;
  readonly longBlocks: number;
  readonly shortBlockLength: number;
  readonly eccLength: number;
  /** Centers of the alignment patterns (annex E). */
  readonly alignment: readonly number[];
}

/** The versions a card can carry: 9 by default, the next two when the URL is longer. */
export const qrVersions: readonly QrVersion[] = [
  {
    version: 9,
    shortBlocks: 3,
    longBlocks: 2,
    shortBlockLength: 36,
    eccLength: 22,
    alignment: [6, 26, 46],
  },
  {
    version: 10,
    shortBlocks: 4,
    longBlocks: 1,
    shortBlockLength: 43,
    eccLength: 26,
    alignment: [6, 28, 50],
  },
  {
    version: 11,
    shortBlocks: 1,
    longBlocks: 4,
    shortBlockLength: 50,
    eccLength: 30,
    alignment: [6, 30, 54],
  },
];

/** Alphanumeric mode in the order of its values. */
export const alphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const alphanumericCodes = new Int8Array(128).fill(-1);
for (const [code, character] of [...alphanumerics].entries()) {
  alphanumericCodes[character.charCodeAt(0)] = code;
}

/** Mode indicators (ISO/IEC 18004 table 2). */
export const modes = { alphanumeric: 0b0010, byte: 0b0100 } as const;

interface Segment {
  readonly mode: keyof typeof modes;
  readonly text: string;
}

/** Splits the text where alphanumeric mode ends: in a card's URL that is the single `#`. ASCII only. */
function segmentsOf(text: string): readonly Segment[] {
  const parts = text.match(/[0-9A-Z $%*+\-./:]+|[^0-9A-Z $%*+\-./:]+/g) ?? [];
  return parts.map((part) => ({
    mode: (alphanumericCodes[part.charCodeAt(0)] ?? -1) >= 0 ? "alphanumeric" : "byte",
    text: part,
  }));
}

/** Data and error correction codewords in the order of placement, or null when the text does not fit this version. */
export function qrCodewords(text: string, version: QrVersion): Uint8Array | null {
  const dataLength =
    (version.shortBlocks + version.longBlocks) * version.shortBlockLength + version.longBlocks;
  const bits = new BitWriter(dataLength);
  for (const segment of segmentsOf(text)) writeSegment(bits, segment, version.version);
  return bits.overflown ? null : interleave(bits.padded(), version);
}

class BitWriter {
  readonly #bytes: Uint8Array;
  #length = 0;

  constructor(byteCount: number) {
    this.#bytes = new Uint8Array(byteCount);
  }

  get overflown(): boolean {
    return this.#length > this.#bytes.length * 8;
  }

  write(value: number, width: number): void {
    for (let bit = width - 1; bit >= 0; bit -= 1) {
      const at = this.#length >> 3;
      if (((value >> bit) & 1) === 1 && at < this.#bytes.length) {
        this.#bytes[at] = (this.#bytes[at] ?? 0) | (0x80 >> (this.#length & 7));
      }
      this.#length += 1;
    }
  }

  /** The terminator of four zero bits is already there, the bytes being zero; then the two pad codewords in turn. */
  padded(): Uint8Array {
    const room = this.#bytes.length * 8 - this.#length;
    let at = (this.#length + Math.min(4, room) + 7) >> 3;
    for (let pad = 0xec; at < this.#bytes.length; at += 1) {
      this.#bytes[at] = pad;
      pad ^= 0xec ^ 0x11;
    }
    return this.#bytes;
  }
}

function writeSegment(bits: BitWriter, segment: Segment, version: number): void {
  const { mode, text } = segment;
  bits.write(modes[mode], 4);
  if (mode === "byte") {
    bits.write(text.length, version < 10 ? 8 : 16);
    for (let index = 0; index < text.length; index += 1) bits.write(text.charCodeAt(index), 8);
    return;
  }
  bits.write(text.length, version < 10 ? 9 : 11);
  let index = 0;
  for (; index + 1 < text.length; index += 2) {
    bits.write(codeAt(text, index) * 45 + codeAt(text, index + 1), 11);
  }
  if (index < text.length) bits.write(codeAt(text, index), 6);
}

function codeAt(text: string, index: number): number {
  return alphanumericCodes[text.charCodeAt(index)] ?? 0;
}

/** Splits data into blocks, adds each one's error correction, and deals the codewords out block by block. */
export function interleave(data: Uint8Array, version: QrVersion): Uint8Array {
  const blockCount = version.shortBlocks + version.longBlocks;
  const out = new Uint8Array(data.length + blockCount * version.eccLength);
  let start = 0;
  for (let block = 0; block < blockCount; block += 1) {
    const isLong = block >= version.shortBlocks;
    const blockData = data.subarray(start, start + version.shortBlockLength + (isLong ? 1 : 0));
    start += blockData.length;
    for (let index = 0; index < version.shortBlockLength; index += 1) {
      out[index * blockCount + block] = blockData[index] ?? 0;
    }
    if (isLong) {
      const longRow = version.shortBlockLength * blockCount;
      out[longRow + block - version.shortBlocks] = blockData[version.shortBlockLength] ?? 0;
    }
    const ecc = eccOf(blockData, version.eccLength);
    for (let index = 0; index < ecc.length; index += 1) {
      out[data.length + index * blockCount + block] = ecc[index] ?? 0;
    }
  }
  return out;
}

/** The remainder of the block's polynomial by the generator, a table row of products per step. */
function eccOf(blockData: Uint8Array, eccLength: number): Uint8Array {
  const products = generatorProducts(eccLength);
  const ecc = new Uint8Array(eccLength);
  for (const byte of blockData) {
    const row = (byte ^ (ecc[0] ?? 0)) * eccLength;
    ecc.copyWithin(0, 1);
    ecc[eccLength - 1] = 0;
    for (let index = 0; index < eccLength; index += 1) {
      ecc[index] = (ecc[index] ?? 0) ^ (products[row + index] ?? 0);
    }
  }
  return ecc;
}

const productTables = new Map<number, Uint8Array>();

/** For every byte, its products with the generator's coefficients below the leading one. */
function generatorProducts(eccLength: number): Uint8Array {
  const known = productTables.get(eccLength);
  if (known !== undefined) return known;
  const generator = generatorOf(eccLength);
  const table = new Uint8Array(256 * eccLength);
  for (let byte = 0; byte < 256; byte += 1) {
    for (let index = 0; index < eccLength; index += 1) {
      table[byte * eccLength + index] = multiply(byte, generator[index] ?? 0);
    }
  }
  productTables.set(eccLength, table);
  return table;
}

/** Coefficients of (x - 1)(x - 2)(x - 4)… without the leading one, highest power first. */
function generatorOf(degree: number): Uint8Array {
  const generator = new Uint8Array(degree);
  generator[degree - 1] = 1;
  let root = 1;
  for (let step = 0; step < degree; step += 1) {
    for (let index = 0; index < degree; index += 1) {
      generator[index] = multiply(generator[index] ?? 0, root) ^ (generator[index + 1] ?? 0);
    }
    root = multiply(root, 2);
  }
  return generator;
}

/** The product in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function multiply(left: number, right: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((right >>> bit) & 1) * left;
  }
  return product;
}
