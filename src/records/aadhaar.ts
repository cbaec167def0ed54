/**
 * Aadhaar numbers are found and masked before anything is written (design decisions, "Aadhaar").
 * A candidate is 12 digits, first 2-9, Verhoeff-valid, on digit boundaries; spaces and hyphens may stand between groups.
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
const candidates = new RegExp(
  `(?<!${anyDigit}|${anyDigit}[ -])${anyDigit}{4}[ -]?${anyDigit}{4}[ -]?${anyDigit}{4}(?!${anyDigit}|[ -]${anyDigit})`,
  "gu",
);

/** True for a text that is one Aadhaar-shaped number and nothing else. */
export function isAadhaarShaped(text: string): boolean {
  const digits = asciiDigits(text).replace(/[ -]/g, "");
  return /^[2-9]\d{11}$/.test(digits) && isVerhoeffValid(digits);
}

/** Every Aadhaar candidate in a text, as it stands there. */
export function findAadhaar(text: string): readonly string[] {
  if (!/[0-9\u0966-\u096f]/.test(text)) return [];
  const found: string[] = [];
  for (const [candidate] of text.matchAll(candidates))
    if (isAadhaarShaped(candidate)) found.push(candidate);
  return found;
}

/** The text with each candidate's digits replaced by X (`✕` for a Devanagari digit: as many bytes as the digit had). */
export function maskAadhaar(text: string): string {
  if (!/[0-9\u0966-\u096f]/.test(text)) return text;
  return text.replace(candidates, (candidate) =>
    isAadhaarShaped(candidate) ? maskDigits(candidate) : candidate,
  );
}

export function maskDigits(candidate: string): string {
  return candidate.replace(/[0-9]/g, "X").replace(/[\u0966-\u096f]/gu, "✕");
}
