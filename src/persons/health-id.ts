/** The health ID: 13 decimal digits without meaning, 12 random and a Damm check digit, shown 3-3-3-4 (design decision 10). */
import type { HealthId } from "../platform/ids.ts";
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";

/** A source of secure random bytes, handed in from an upper floor (`randomBytes` of node:crypto). */
export type RandomBytes = (count: number) => Uint8Array;

export type HealthIdProblem =
  | "health_id_not_13_digits"
  | "health_id_first_digit_zero"
  | "health_id_check_digit";

const payloadCount = 900_000_000_000; // 12 digits, the first not 0
const smallestPayload = 100_000_000_000;
const randomSpace = 2 ** 48;
/** Draws at or above this bound would favor small numbers, so they are drawn again (less than one in 300). */
const unbiasedBound = randomSpace - (randomSpace % payloadCount);

/**
 * Damm's totally anti-symmetric quasigroup of order 10 (H. M. Damm, 2004): it finds every single wrong digit
 * and every swap of neighbors, with one digit and no letter.
 */
const dammRows: readonly string[] = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
];

/** Makes a new health ID from six random bytes (drawn again when they would bias the choice). */
export function makeHealthId(randomBytes: RandomBytes): HealthId {
  let draw = drawNumber(randomBytes);
  while (draw >= unbiasedBound) draw = drawNumber(randomBytes);
  const payload = String(smallestPayload + (draw % payloadCount));
  return `${payload}${dammDigit(payload)}` as HealthId;
}

/** Reads a health ID as printed or typed: spaces and hyphens between digits are ignored, the check digit is not. */
export function parseHealthId(text: string): Parsed<HealthId, HealthIdProblem> {
  const digits = text.trim().replace(/(?<=\d)[ -](?=\d)/g, "");
  if (!/^\d{13}$/.test(digits)) return unparsed("health_id_not_13_digits");
  if (digits.startsWith("0")) return unparsed("health_id_first_digit_zero");
  return dammDigit(digits) === "0" ? parsed(digits as HealthId) : unparsed("health_id_check_digit");
}

/** The printed form, grouped 3-3-3-4 by spaces. */
export function formatHealthId(healthId: HealthId): string {
  const groups = [
    healthId.slice(0, 3),
    healthId.slice(3, 6),
    healthId.slice(6, 9),
    healthId.slice(9),
  ];
  return groups.join(" ");
}

/** The Damm digit of a string of digits; it is 0 for a string that already ends in its own check digit. */
export function dammDigit(digits: string): string {
  let interim = "0";
  for (const digit of digits) interim = dammRows[Number(interim)]?.[Number(digit)] ?? "0";
  return interim;
}

function drawNumber(randomBytes: RandomBytes): number {
  return randomBytes(6).reduce((sum, byte) => sum * 256 + byte, 0);
}
