/**
 * Aadhaar numbers are found and masked before anything is written (design decisions, "Aadhaar").
 * A candidate is 12 digits of any script, first 2-9, Verhoeff-valid, on digit boundaries: in one piece, in fours with up
 * to three separators between them, or in sixes or threes with one. A separator is white space, a dash, a dot, a slash,
 * or a sign that nobody sees. A 2-4-4-4 group is an ABHA number and none.
 */
import { asciiDigits } from "./digits.ts";

const d = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
  [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
  [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
  [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
  [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
  [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
  [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
  [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
  [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
const p = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
  [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
  [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
  [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
  [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
  [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
  [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/** Verhoeff's dihedral check (1969) over a string of ASCII digits whose last is the check digit. */
export function isVerhoeffValid(digits: string): boolean {
  let check = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    check = d[check]?.[p[index % 8]?.[digit] ?? -1] ?? -1;
  }
  return check === 0;
}

const separator = "[\\s\\p{Cf}\\p{Cc}\\p{Pd}./]";
/** Twelve signs of one class in the groups people write; which grouping it is, the length of the first group says. */
const grouped = (sign: string) =>
  [
    `${sign}{4}${separator}{0,3}${sign}{4}${separator}{0,3}${sign}{4}`,
    `${sign}{6}${separator}${sign}{6}`,
    `${sign}{3}(?:${separator}${sign}{3}){3}`,
  ].join("|");

const mayHold = new RegExp(grouped("\\p{Nd}"), "u");
/** Twelve digits on digit boundaries, as a look-ahead: a number that is none may overlap with one that is. */
const candidateAhead = new RegExp(`(?<!\\p{Nd})(?=(${grouped("\\p{Nd}")})(?!\\p{Nd}))`, "gu");
const separators = new RegExp(separator, "gu");
const invisible = /[\s\p{Cf}\p{Cc}\p{Pd}]/gu;
/** A candidate that may be the last three groups of an ABHA number written 2-4-4-4, and what stands before those. */
const abhaEnd = /^\p{Nd}{4}[ -]\p{Nd}{4}[ -]\p{Nd}{4}$/u;
const abhaStart = /(?<!\p{Nd})\p{Nd}{2}[ -]$/u;

/** True for a text that may hold a candidate: the cheap question before `aadhaarSpans`. */
export function mayHoldAadhaar(text: string): boolean {
  return text.length >= 12 && mayHaveTwelveDigits(text) && mayHold.test(text);
}

/** Asked of every text of every record, so without a pattern: Latin and Devanagari are told sign by sign, and others let pass. */
function mayHaveTwelveDigits(text: string): boolean {
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f && (code < 0x900 || code > 0x97f)) return true;
    if ((code >= 0x30 && code <= 0x39) || (code >= 0x966 && code <= 0x96f)) digits += 1;
  }
  return digits >= 12;
}

/** True for a text that is one Aadhaar-shaped number and nothing else; dots and slashes make it a number of another kind. */
export function isAadhaarShaped(text: string): boolean {
  if (text.length < 12 || text.length > maxShapedChars) return false;
  if (asciiDigitCount(text) > 12) return false;
  return isValidNumber(asciiDigits(text.replace(invisible, "")));
}

/** So many at least: digits of other scripts are not counted. */
function asciiDigitCount(text: string): number {
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x30 && code <= 0x39) digits += 1;
  }
  return digits;
}

/** Twelve digits, of two code units each, with three separators at every place they may stand. */
const maxShapedChars = 64;

function isValidNumber(digits: string): boolean {
  return /^[2-9]\d{11}$/.test(digits) && isVerhoeffValid(digits);
}

/** Where a candidate stands in a text: code units from `start` up to, not including, `end`. */
export interface AadhaarSpan {
  readonly start: number;
  readonly end: number;
}

/** Every Aadhaar candidate of a text, in order, none overlapping another. */
export function aadhaarSpans(text: string): readonly AadhaarSpan[] {
  if (!mayHoldAadhaar(text)) return [];
  const spans: AadhaarSpan[] = [];
  let free = 0;
  for (const match of text.matchAll(candidateAhead)) {
    const candidate = match[1] ?? "";
    const start = match.index;
    // No Aadhaar number begins with 0 or 1: seen before digits are folded, as long lists of numbers are.
    if (start < free || /^[01]/.test(candidate) || isEndOfAbha(text, start, candidate)) continue;
    if (!isValidNumber(asciiDigits(candidate.replace(separators, "")))) continue;
    free = start + candidate.length;
    spans.push({ start, end: free });
  }
  return spans;
}

function isEndOfAbha(text: string, start: number, candidate: string): boolean {
  return abhaEnd.test(candidate) && abhaStart.test(text.slice(Math.max(0, start - 8), start));
}

/** Every Aadhaar candidate in a text, as it stands there. */
export function findAadhaar(text: string): readonly string[] {
  return aadhaarSpans(text).map(({ start, end }) => text.slice(start, end));
}

/** The text with each candidate's digits replaced by signs of as many bytes in UTF-8 and UTF-16: X, ×, ✕ or 𝕏. */
export function maskAadhaar(text: string): string {
  return maskSpans(text, aadhaarSpans(text));
}

/** The text with the digits of these spans masked; as long as it was. */
export function maskSpans(text: string, spans: readonly AadhaarSpan[]): string {
  let masked = "";
  let at = 0;
  for (const { start, end } of spans) {
    masked += text.slice(at, start) + maskDigits(text.slice(start, end));
    at = end;
  }
  return masked + text.slice(at);
}

/** A candidate, or a part of one, with its digits masked; letters can only be digits too, written as hex (`\\X39\\`). */
export function maskDigits(candidate: string): string {
  return candidate.replace(/[0-9A-Fa-f]/g, "X").replace(/\p{Nd}/gu, maskSign);
}

function maskSign(digit: string): string {
  if (digit.length === 2) return "𝕏";
  return digit < "\u0800" ? "×" : "✕";
}

/** As we mask, and as the cards themselves do: `XXXX XXXX 1234`. */
const masked = new RegExp(
  `${grouped("[X×✕𝕏]")}|(?:[Xx*#×]{4}${separator}{0,3}){2}\\p{Nd}{4}(?!\\p{Nd})`,
  "u",
);

/** True for a text that holds a masked number: it identifies nobody and is never a key. */
export function isMasked(text: string): boolean {
  return masked.test(text);
}
