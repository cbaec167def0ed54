/** What people are looked for by. Criteria are joined by AND; at least one is needed. */
import type { HealthId, PersonId } from "../platform/ids.ts";
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import { abhaAddressOf, abhaNumberOf } from "../records/abha.ts";
import { normalizePhone } from "../records/normalize-phone.ts";
import { parseHealthId } from "./health-id.ts";
import { type IdentifierScope, identifierScope } from "./identifier-system.ts";
import { nameTokens } from "./name-token.ts";

export interface PersonCriteria {
  /** Each inner list: any of these. */
  readonly personIds?: readonly PersonId[];
  readonly identifiers?: readonly IdentifierQuery[];
  /** Tokens of `nameTokens`; a person must carry each of them in one name or another. */
  readonly nameTokens?: readonly string[];
  readonly birthDates?: readonly BirthDateQuery[];
  /** As `normalizePhone` writes it. */
  readonly phone?: string;
  readonly healthId?: HealthId;
}

export interface IdentifierQuery {
  readonly scope: IdentifierScope;
  /** Spellings of the one value that was asked for. */
  readonly values: readonly string[];
}

/** First and last day asked for (`YYYY-MM-DD`, inclusive), and how exactly a birth date must be known to be meant. */
export interface BirthDateQuery {
  readonly from: string;
  readonly to: string;
  readonly precisions: readonly string[];
}

export type CriterionProblem =
  | "identifier_empty"
  | "name_empty"
  | "birth_date_invalid"
  | "phone_invalid"
  | "health_id_invalid";

/** `value` or `system|value`. ABHA numbers and health IDs match with or without hyphens and spaces. */
export function parseIdentifierQuery(text: string): Parsed<IdentifierQuery, CriterionProblem> {
  const bar = text.indexOf("|");
  const scope = identifierScope(bar === -1 ? "" : text.slice(0, bar).trim());
  const value = text.slice(bar + 1).trim();
  // No identifier holds a NUL, and PostgreSQL's text cannot.
  if (value === "" || text.includes("\u0000")) return unparsed("identifier_empty");
  const healthId = parseHealthId(value);
  const spellings = [value, abhaNumberOf(value), abhaAddressOf(value)];
  const values = [...spellings, healthId.ok ? healthId.value : null].filter(
    (spelling) => spelling !== null,
  );
  return parsed({ scope, values: [...new Set(values)] });
}

export function parseNameQuery(text: string): Parsed<readonly string[], CriterionProblem> {
  const tokens = nameTokens(text);
  return tokens.length === 0 ? unparsed("name_empty") : parsed(tokens);
}

export function parsePhoneQuery(text: string): Parsed<string, CriterionProblem> {
  const phone = normalizePhone(text);
  return phone.ok ? phone : unparsed("phone_invalid");
}

export function parseHealthIdQuery(text: string): Parsed<HealthId, CriterionProblem> {
  const healthId = parseHealthId(text);
  return healthId.ok ? healthId : unparsed("health_id_invalid");
}

const knownTo = {
  day: ["day"],
  month: ["day", "month"],
  year: ["day", "month", "year", "estimated"],
} as const;
const beginning = "0001-01-01";
const end = "9999-12-31";

/** `2001-05-02`, `2001-05`, `2001`, with FHIR's prefixes eq, ge, le, gt, lt. A year finds all who were born in it. */
export function parseBirthDateQuery(text: string): Parsed<BirthDateQuery, CriterionProblem> {
  const match = /^(eq|ge|le|gt|lt)?(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text.trim());
  const [, prefix = "eq", year = "", month, day] = match ?? [];
  if (match === null || !isCalendarDate(Number(year), Number(month ?? 1), Number(day ?? 1)))
    return unparsed("birth_date_invalid");
  const first = `${year}-${month ?? "01"}-${day ?? "01"}`;
  const last = day !== undefined ? first : lastDay(year, month);
  const precision = day !== undefined ? "day" : month !== undefined ? "month" : "year";
  if (prefix === "eq") return parsed({ from: first, to: last, precisions: knownTo[precision] });
  const precisions = knownTo.year;
  if (prefix === "ge") return parsed({ from: first, to: end, precisions });
  if (prefix === "le") return parsed({ from: beginning, to: last, precisions });
  if (prefix === "gt") return parsed({ from: neighborDay(last, 1), to: end, precisions });
  return parsed({ from: beginning, to: neighborDay(first, -1), precisions });
}

function isCalendarDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function lastDay(year: string, month: string | undefined): string {
  return month === undefined ? `${year}-12-31` : isoDay(Date.UTC(Number(year), Number(month), 0));
}

const dayMs = 86_400_000;

function neighborDay(day: string, days: number): string {
  return isoDay(Date.parse(`${day}T00:00:00Z`) + days * dayMs);
}

function isoDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
