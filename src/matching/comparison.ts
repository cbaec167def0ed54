/** How two records agree, field by field. */
import { isLuhnValid } from "../records/abha.ts";
import type { FeatureColumns } from "./feature-columns.ts";
import { splitName } from "./name-key.ts";

export type AgreementLevel = "equal" | "compatible" | "different" | "missing";

/** Two names of one person: what one is called by first agrees with some part of the other, or there is nothing to compare. */
export function compareNames(columns: FeatureColumns, left: number, right: number): AgreementLevel {
  const a = columns.name[left] ?? -1;
  const b = columns.name[right] ?? -1;
  if (a === -1 || b === -1) return "missing";
  if (a === b) return "equal";
  const leftTokens = splitName(columns.names[a] ?? "");
  const rightTokens = splitName(columns.names[b] ?? "");
  // Two scripts cannot be compared by letters: that is the probabilistic matcher's work.
  if (isLatin(leftTokens) !== isLatin(rightTokens)) return "compatible";
  const leftGiven = columns.givenNames[columns.givenName[left] ?? -1] ?? "";
  const rightGiven = columns.givenNames[columns.givenName[right] ?? -1] ?? "";
  // A family name alone is what twins and brothers share.
  const isOneGiven =
    rightTokens.some((token) => tokensAgree(leftGiven, token)) ||
    leftTokens.some((token) => tokensAgree(rightGiven, token));
  return isOneGiven ? "compatible" : "different";
}

function isLatin(tokens: readonly string[]): boolean {
  return tokens.some((token) => /[a-z]/.test(token));
}

/** Spellings of the commonest name, which share no more than two letters. */
const mohammad = /^(?:md|mo|moh|mohd|mohamm?[ae]d|muhamm?[ae]d)$/;

function tokensAgree(left: string, right: string): boolean {
  if (left === right) return left !== "";
  if (mohammad.test(left) && mohammad.test(right)) return true;
  const [short, long] = left.length < right.length ? [left, right] : [right, left];
  if (short.length === 1) return long.startsWith(short);
  return (short.length >= 4 && long.startsWith(short.slice(0, 4))) || isOneSkeleton(left, right);
}

/** `sunita` and `suneeta`, not `rohan` and `sohan`: the first letter and the consonants in order, doubles as one. */
function isOneSkeleton(left: string, right: string): boolean {
  const skeleton = skeletonOf(left);
  return skeleton.length >= 3 && skeleton === skeletonOf(right);
}

function skeletonOf(token: string): string {
  const rest = token.slice(1).replace(/[aeiouyhw]/g, "");
  return (token.slice(0, 1) + rest).replace(/([a-z])\1+/g, "$1");
}

export function compareSexes(columns: FeatureColumns, left: number, right: number): AgreementLevel {
  const a = columns.sex[left] ?? 0;
  const b = columns.sex[right] ?? 0;
  if (a === 0 || b === 0) return "missing";
  return a === b ? "equal" : "different";
}

/** A year only, or an age, agrees with any date within a year or two of it; day and month swapped are a clerk's slip. */
export function compareBirthDates(
  columns: FeatureColumns,
  left: number,
  right: number,
): AgreementLevel {
  const a = columns.birthDate[left] ?? -1;
  const b = columns.birthDate[right] ?? -1;
  if (a === -1 || b === -1) return "missing";
  const coarsest = Math.max(columns.birthPrecision[left] ?? 0, columns.birthPrecision[right] ?? 0);
  if (a === b && coarsest === 1) return "equal";
  const years = Math.abs(Math.trunc(a / 10_000) - Math.trunc(b / 10_000));
  if (years > (toleratedYears[coarsest] ?? 0)) return "different";
  return coarsest > 1 || isSwapped(a, b) ? "compatible" : "different";
}

/** By precision code: day, month, year, estimated. */
const toleratedYears = [0, 0, 0, 0, 2];

function isSwapped(a: number, b: number): boolean {
  const monthDay = (date: number) => [Math.trunc(date / 100) % 100, date % 100] as const;
  const [leftMonth, leftDay] = monthDay(a);
  const [rightMonth, rightDay] = monthDay(b);
  return leftMonth === rightDay && leftDay === rightMonth;
}

export function hasValidAbha(columns: FeatureColumns, index: number): boolean {
  const abha = columns.abha[index] ?? 0;
  return abha !== 0 && isLuhnValid(String(abha).padStart(14, "0"));
}

/** Birth date of day precision that is not 1 January: the day clerks write when they know none. */
export function hasTrueBirthday(columns: FeatureColumns, index: number): boolean {
  return columns.birthPrecision[index] === 1 && (columns.birthDate[index] ?? -1) % 10_000 !== 101;
}
