/** Seeded numbers that pass as Aadhaar numbers, in the ways people write them. Synthetic: drawn, not anybody's. */
import { isVerhoeffValid } from "../../src/records/aadhaar.ts";

/** mulberry32: the same numbers in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function withCheckDigit(start: string): string {
  return start + ([..."0123456789"].find((digit) => isVerhoeffValid(start + digit)) ?? "");
}

const devanagari = (text: string) =>
  text.replace(/\d/g, (digit) => String.fromCharCode(0x0966 + Number(digit)));

/** How many ways `written` knows. */
export const waysToWrite = 7;

/** A number in one of the ways people write it. */
export function written(number: string, way: number): string {
  const groups = number.match(/.{4}/g) ?? [];
  const ways = [
    number,
    groups.join(" "),
    groups.join("-"),
    devanagari(number),
    devanagari(groups.join(" ")),
    groups.join("\u00a0"),
    groups.join("–"),
  ];
  return ways[way % ways.length] ?? number;
}

/** Positions of those numbers of which the text holds any way of writing them. */
export function survivorsOf(numbers: readonly string[], kept: string): readonly number[] {
  const ways = Array.from({ length: waysToWrite }, (_, way) => way);
  return numbers.flatMap((number, index) =>
    ways.some((way) => kept.includes(written(number, way))) ? [index] : [],
  );
}

/** Those of many numbers that a large text holds, however they are written there: its digits are read as one would say them. */
export function numbersIn(text: string, numbers: ReadonlySet<string>): readonly string[] {
  const plain = text
    .replace(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - 0x0966))
    .replace(/(?<=\d)[ \u00a0–-](?=\d)/g, "");
  const windows = [...plain.matchAll(/\d{12,}/g)].flatMap(([run]) =>
    Array.from({ length: run.length - 11 }, (_, start) => run.slice(start, start + 12)),
  );
  return windows.filter((window) => numbers.has(window));
}

/** Bytes as every text they may be, one after the other. */
export function everyReadingOf(bytes: Buffer): string {
  const labels = ["utf-8", "windows-1252", "utf-16le", "utf-16be"];
  return labels
    .flatMap((label) => [0, 1].map((start) => new TextDecoder(label).decode(bytes.subarray(start))))
    .join("\n");
}
