/** What a search or a page of it may ask for, and how it is read. */
import { z } from "zod";
import {
  type CriterionProblem,
  type PersonCriteria,
  parseBirthDateQuery,
  parseIdentifierQuery,
  parseNameQuery,
  parsePhoneQuery,
} from "../persons/person-criteria.ts";
import type { PersonId } from "../platform/ids.ts";
import type { Parsed } from "../platform/parsed.ts";
import type { EventPosition } from "../store/event-reads.ts";
import { RequestFailure } from "./failure.ts";

const text = z.string().min(1).max(400);
const format = z.enum(["json", "application/json", "application/fhir+json"]);
const count = z.coerce.number().int().min(0);

/** Parameters of the Patient search. Others are refused: one that was ignored would show people nobody asked for. */
export const patientSearchSchema = z.strictObject({
  _id: text.optional().describe("The Patient's id; several joined by commas"),
  identifier: text
    .optional()
    .describe(
      "`value` or `system|value`: MRN, ABHA number or address, health ID; several joined by commas",
    ),
  name: text
    .optional()
    .describe(
      "Whole words of any of the person's names, in any order and case; each must be there",
    ),
  birthdate: text
    .optional()
    .describe("YYYY, YYYY-MM or YYYY-MM-DD, with prefix eq, ge, le, gt or lt"),
  phone: text.optional().describe("A phone number, with or without +91"),
  _count: count.optional().describe("Entries of a page, at most 200"),
  _format: format.optional().describe("json"),
  page: text.optional().describe("Where the page begins; taken from a next link"),
});

export type PatientSearch = z.infer<typeof patientSearchSchema>;

/** Parameters of `$everything`. */
export const everythingSchema = z.strictObject({
  _count: count.optional().describe("Entries of a page, at most 1000"),
  _format: format.optional().describe("json"),
  page: text.optional().describe("Where the page begins; taken from a next link"),
});

/** @throws RequestFailure 400 without a criterion, or with one that cannot be read */
export function toCriteria(search: PatientSearch): PersonCriteria {
  const criteria: PersonCriteria = {
    ...when(search._id, (ids) => ({ personIds: alternatives(ids).filter(isPersonId) })),
    ...when(search.identifier, (texts) => ({
      identifiers: alternatives(texts).map((one) => read("identifier", parseIdentifierQuery(one))),
    })),
    ...when(search.name, (name) => ({ nameTokens: readName(name) })),
    ...when(search.birthdate, (date) => ({
      birthDates: [read("birthdate", parseBirthDateQuery(date))],
    })),
    ...when(search.phone, (phone) => ({ phone: read("phone", parsePhoneQuery(phone)) })),
  };
  if (Object.keys(criteria).length > 0) return criteria;
  throw new RequestFailure(
    400,
    "required",
    "search by at least one of _id, identifier, name, birthdate, phone",
  );
}

/** Names of the criteria that were used, for the access log: never their values. */
export function criteriaNames(search: PatientSearch): string {
  const names = ["_id", "birthdate", "identifier", "name", "phone"] as const;
  return names.filter((name) => search[name] !== undefined).join(",");
}

function when<Part>(given: string | undefined, part: (given: string) => Part): Part | object {
  return given === undefined ? {} : part(given);
}

/** FHIR joins alternatives by commas; `\,` is a comma of the value itself. */
function alternatives(joined: string): readonly string[] {
  return joined.split(/(?<!\\),/).map((one) => one.replace(/\\([,$|\\])/g, "$1").trim());
}

function readName(name: string): readonly string[] {
  const [only = "", ...others] = alternatives(name);
  if (others.length > 0)
    throw new RequestFailure(
      400,
      "not-supported",
      "name takes no alternatives: leave out the comma",
    );
  return read("name", parseNameQuery(only));
}

function read<T>(parameter: string, query: Parsed<T, CriterionProblem>): T {
  if (query.ok) return query.value;
  throw new RequestFailure(
    400,
    "value",
    `the value of ${parameter} cannot be read (${query.reasons.join(", ")})`,
  );
}

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isPersonId(id: string): id is PersonId {
  return uuidShape.test(id);
}

/** Opaque to clients: where a search goes on. */
export function writeSearchPage(next: bigint): string {
  return Buffer.from(`p${next}`).toString("base64url");
}

/** @throws RequestFailure 400 for a text that is no page of ours */
export function readSearchPage(page: string | undefined): bigint | null {
  if (page === undefined) return null;
  const match = /^p(\d{1,19})$/.exec(Buffer.from(page, "base64url").toString("latin1"));
  return BigInt(storedNumber(match?.[1]));
}

/** Where `$everything` goes on: within the Patient and its Organizations, or after an event. */
export interface EverythingPosition {
  readonly shown: number;
  readonly after: EventPosition | null;
}

export function writeEverythingPage({ shown, after }: EverythingPosition): string {
  const event = after === null ? "" : `.${after.recordId}.${after.eventId}`;
  return Buffer.from(`e${shown}${event}`).toString("base64url");
}

/** @throws RequestFailure 400 for a text that is no page of ours */
export function readEverythingPage(page: string | undefined): EverythingPosition {
  if (page === undefined) return { shown: 0, after: null };
  const match = /^e(\d{1,9})(?:\.(\d{1,19})\.(\d{1,19}))?$/.exec(
    Buffer.from(page, "base64url").toString("latin1"),
  );
  const [, shown, recordId, eventId] = match ?? [];
  const after =
    recordId === undefined
      ? null
      : { recordId: storedNumber(recordId), eventId: storedNumber(eventId) };
  return { shown: Number(storedNumber(shown)), after };
}

/** A number within PostgreSQL's bigint. */
function storedNumber(digits: string | undefined): string {
  if (digits !== undefined && BigInt(digits) < 2n ** 63n) return digits;
  throw new RequestFailure(400, "value", "page is taken from a next link");
}
