/**
 * The little of CBOR (RFC 8949) that a card token needs, in its deterministic form only (section 4.2.1):
 * shortest heads, definite lengths, map keys in byte order and once. The decoder refuses everything else.
 */
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";

export type CborKey = number | string;
/** Integers are safe JavaScript integers. */
export type CborValue = number | string | Uint8Array | readonly CborValue[] | CborMap | CborTag;
export type CborMap = ReadonlyMap<CborKey, CborValue>;

/** A tagged item; a class, so that it cannot be mistaken for a map. */
export class CborTag {
  readonly tag: number;
  readonly value: CborValue;

  constructor(tag: number, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

const major = { uint: 0, nint: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6 } as const;
const deepestNesting = 6;
const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Encodes deterministically: equal values give equal bytes, whatever the order in which a map was filled. */
export function encodeCbor(value: CborValue): Uint8Array {
  const out: number[] = [];
  writeItem(out, value);
  return Uint8Array.from(out);
}

/** Decodes exactly one item that fills the whole input and is what `encodeCbor` would have written. */
export function decodeCbor(bytes: Uint8Array): Parsed<CborValue, "cbor_not_deterministic"> {
  const reader: Reader = { bytes, at: 0 };
  const value = readItem(reader, 0);
  return value === null || reader.at !== bytes.length
    ? unparsed("cbor_not_deterministic")
    : parsed(value);
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function writeItem(out: number[], value: CborValue): void {
  if (typeof value === "number") {
    writeHead(out, value < 0 ? major.nint : major.uint, value < 0 ? -1 - value : value);
  } else if (typeof value === "string") {
    const encoded = utf8Encoder.encode(value);
    writeHead(out, major.text, encoded.length);
    out.push(...encoded);
  } else if (value instanceof Uint8Array) {
    writeHead(out, major.bytes, value.length);
    out.push(...value);
  } else if (value instanceof CborTag) {
    writeHead(out, major.tag, value.tag);
    writeItem(out, value.value);
  } else if (value instanceof Map) {
    writeMap(out, value);
  } else {
    writeHead(out, major.array, (value as readonly CborValue[]).length);
    for (const item of value as readonly CborValue[]) writeItem(out, item);
  }
}

function writeMap(out: number[], map: CborMap): void {
  const entries = [...map].map(([key, value]) => ({ key: encodeCbor(key), value }));
  entries.sort((left, right) => compareBytes(left.key, right.key));
  writeHead(out, major.map, entries.length);
  for (const { key, value } of entries) {
    out.push(...key);
    writeItem(out, value);
  }
}

function writeHead(out: number[], type: number, argument: number): void {
  if (!Number.isSafeInteger(argument) || argument < 0)
    throw new RangeError("CBOR argument is not a safe integer");
  const size =
    argument < 24 ? 0 : argument < 2 ** 8 ? 1 : argument < 2 ** 16 ? 2 : argument < 2 ** 32 ? 4 : 8;
  out.push((type << 5) | (size === 0 ? argument : 24 + Math.log2(size)));
  for (let place = size - 1; place >= 0; place -= 1)
    out.push(Math.floor(argument / 256 ** place) % 256);
}

/** One item, or null for anything outside the subset. */
function readItem(reader: Reader, depth: number): CborValue | null {
  const first = reader.bytes[reader.at];
  if (first === undefined || depth > deepestNesting) return null;
  reader.at += 1;
  const argument = readArgument(reader, first & 0x1f);
  if (argument === null) return null;
  switch (first >>> 5) {
    case major.uint:
      return argument;
    case major.nint:
      return -1 - argument;
    case major.bytes:
      return readBytes(reader, argument);
    case major.text:
      return readText(reader, argument);
    case major.array:
      return readArray(reader, argument, depth);
    case major.map:
      return readMap(reader, argument, depth);
    case major.tag: {
      const tagged = readItem(reader, depth + 1);
      return tagged === null ? null : new CborTag(argument, tagged);
    }
  }
  return null; // major type 7: no booleans, floats or breaks in a card
}

/** The head's argument in its shortest form; 28-31 (reserved, indefinite) and unsafe integers are refused. */
function readArgument(reader: Reader, additional: number): number | null {
  if (additional < 24) return additional;
  if (additional > 27) return null;
  const size = 2 ** (additional - 24);
  const encoded = readBytes(reader, size);
  if (encoded === null) return null;
  const argument = encoded.reduce((sum, byte) => sum * 256 + byte, 0);
  const smallest = size === 1 ? 24 : 256 ** (size / 2);
  return argument < smallest || !Number.isSafeInteger(argument) ? null : argument;
}

function readBytes(reader: Reader, length: number): Uint8Array | null {
  if (length > reader.bytes.length - reader.at) return null;
  reader.at += length;
  return reader.bytes.slice(reader.at - length, reader.at);
}

function readText(reader: Reader, length: number): string | null {
  const encoded = readBytes(reader, length);
  if (encoded === null) return null;
  try {
    return utf8Decoder.decode(encoded);
  } catch (error) {
    if (error instanceof TypeError) return null; // not UTF-8: bad data, not a bad program
    throw error;
  }
}

function readArray(reader: Reader, length: number, depth: number): readonly CborValue[] | null {
  const items: CborValue[] = [];
  for (let index = 0; index < length; index += 1) {
    const item = readItem(reader, depth + 1);
    if (item === null) return null;
    items.push(item);
  }
  return items;
}

function readMap(reader: Reader, length: number, depth: number): CborMap | null {
  const map = new Map<CborKey, CborValue>();
  let previous: Uint8Array | null = null;
  for (let index = 0; index < length; index += 1) {
    const start = reader.at;
    const key = readItem(reader, depth + 1);
    if (typeof key !== "number" && typeof key !== "string") return null;
    const encoded = reader.bytes.slice(start, reader.at);
    if (previous !== null && compareBytes(previous, encoded) >= 0) return null; // a repeat or out of order
    previous = encoded;
    const value = readItem(reader, depth + 1);
    if (value === null) return null;
    map.set(key, value);
  }
  return map;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
