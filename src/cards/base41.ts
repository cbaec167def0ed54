/**
 * base41: two bytes in three characters, like base45 (RFC 9285), but only with characters that are both in
 * QR alphanumeric mode and legal in a URL fragment. Least significant digit first; a last single byte takes two.
 */
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";

export type Base41Problem = "base41_character" | "base41_length" | "base41_overflow";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*+-.:";
const base = alphabet.length;
const digitOf: ReadonlyMap<string, number> = new Map(
  [...alphabet].map((character, digit) => [character, digit]),
);

/** Encodes bytes; every byte string has exactly one encoding. */
export function encodeBase41(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    const pair = (bytes[index] ?? 0) * 256 + (bytes[index + 1] ?? 0);
    text +=
      character(pair) +
      character(Math.floor(pair / base)) +
      character(Math.floor(pair / base ** 2));
  }
  const last = bytes.length % 2 === 1 ? bytes[bytes.length - 1] : undefined;
  return last === undefined ? text : text + character(last) + character(Math.floor(last / base));
}

/** Decodes upper-case text strictly: no foreign character, no dangling one, no value that two or one bytes cannot hold. */
export function decodeBase41(text: string): Parsed<Uint8Array, Base41Problem> {
  if (text.length % 3 === 1) return unparsed("base41_length");
  const bytes = new Uint8Array(Math.floor((text.length * 2) / 3));
  let written = 0;
  for (let index = 0; index < text.length; index += 3) {
    const group = text.slice(index, index + 3);
    const value = groupValue(group);
    if (value === null) return unparsed("base41_character");
    if (value > (group.length === 3 ? 0xffff : 0xff)) return unparsed("base41_overflow");
    if (group.length === 3) bytes[written++] = value >>> 8;
    bytes[written++] = value & 0xff;
  }
  return parsed(bytes);
}

function character(digit: number): string {
  return alphabet[digit % base] ?? "";
}

function groupValue(group: string): number | null {
  let value = 0;
  for (let index = group.length - 1; index >= 0; index -= 1) {
    const digit = digitOf.get(group[index] ?? "");
    if (digit === undefined) return null;
    value = value * base + digit;
  }
  return value;
}
