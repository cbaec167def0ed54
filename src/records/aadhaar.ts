/**
 * Aadhaar numbers are found and masked before anything is written (design decisions, "Aadhaar").
 * A candidate is 12 digits, first 2-9, Verhoeff-valid, on digit boundaries; spaces and hyphens may stand between groups.
 * A 2-4-4-4 group is an ABHA number and none.
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

const anyDigit = "[0-9\\u0966-\\u096f]";
const mayHold = /[0-9\u0966-\u096f]{4}[ -]?[0-9\u0966-\u096f]{4}[ -]?[0-9\u0966-\u096f]{4}/u;
/** Twelve digits on digit boundaries, as a look-ahead: a number that is none may overlap with one that is. */
const candidateAhead = new RegExp(
  `(?<!${anyDigit})(?=(${anyDigit}{4}[ -]?${anyDigit}{4}[ -]?${anyDigit}{4})(?!${anyDigit}))`,
  "gu",
);
/** What stands before the last three groups of an ABHA number written 2-4-4-4. */
const abhaStart = new RegExp(`(?<!${anyDigit})${anyDigit}{2}[ -]$`, "u");

/** True for a text that is one Aadhaar-shaped number and nothing else. */
export function isAadhaarShaped(text: string): boolean {
  const digits = asciiDigits(text).replace(/[ -]/g, "");
  return /^[2-9]\d{11}$/.test(digits) && isVerhoeffValid(digits);
}

/** Where a candidate stands in a text: code units from `start` up to, not including, `end`. */
export interface AadhaarSpan {
  readonly start: number;
  readonly end: number;
}

/** Every Aadhaar candidate of a text, in order, none overlapping another. */
export function aadhaarSpans(text: string): readonly AadhaarSpan[] {
  if (text.length < 12 || !mayHold.test(text)) return [];
  const spans: AadhaarSpan[] = [];
  let free = 0;
  for (const match of text.matchAll(candidateAhead)) {
    const candidate = match[1] ?? "";
    const start = match.index;
    if (start < free || !isAadhaarShaped(candidate) || isEndOfAbha(text, start, candidate))
      continue;
    free = start + candidate.length;
    spans.push({ start, end: free });
  }
  return spans;
}

function isEndOfAbha(text: string, start: number, candidate: string): boolean {
  return candidate.length === 14 && abhaStart.test(text.slice(Math.max(0, start - 4), start));
}

/** Every Aadhaar candidate in a text, as it stands there. */
export function findAadhaar(text: string): readonly string[] {
  return aadhaarSpans(text).map(({ start, end }) => text.slice(start, end));
}

/** The text with each candidate's digits replaced by X (`✕` for a Devanagari digit: as many bytes as the digit had). */
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

export function maskDigits(candidate: string): string {
  return candidate.replace(/[0-9]/g, "X").replace(/[\u0966-\u096f]/gu, "✕");
}

/** True for a text that holds a masked number: it identifies nobody and is never a key. */
export function isMasked(text: string): boolean {
  return /[X✕]{4}[ -]?[X✕]{4}[ -]?[X✕]{4}/u.test(text);
}
