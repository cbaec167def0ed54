/** Looking people up at the terminal: every look is written down before anything is shown. */
import { type Actor, parsePurpose, purposes } from "../access/actor.ts";
import { type TimelineEntry, toTimelineEntry } from "../clinical/timeline-entry.ts";
import type { PersonView } from "../persons/person.ts";
import {
  type PersonAnswer,
  type PersonLine,
  toPersonAnswer,
  toPersonLine,
} from "../persons/person-answer.ts";
import {
  type CriterionProblem,
  type PersonCriteria,
  parseBirthDateQuery,
  parseHealthIdQuery,
  parseIdentifierQuery,
  parseNameQuery,
  parsePhoneQuery,
} from "../persons/person-criteria.ts";
import { HimsError } from "../platform/errors.ts";
import { osUserName } from "../platform/os-user.ts";
import type { Parsed } from "../platform/parsed.ts";
import { type AccessAction, appendAccess, sealAccessLog } from "../store/access-log.ts";
import { type Reader, ReaderPool, type StoreLocation } from "../store/database.ts";
import { timeline } from "../store/event-reads.ts";
import { showPerson } from "../store/person-reads.ts";
import { findPersons } from "../store/person-search.ts";

/** Who looks, and with what. */
export interface Desk {
  readonly reader: Reader;
  readonly actor: Actor;
}

/** Opens the store for one look of the OS user and seals the access log afterwards. @throws HimsError HIMS_USAGE for an unknown purpose */
export async function atTerminal<T>(
  location: StoreLocation,
  purpose: string,
  look: (desk: Desk) => Promise<T>,
): Promise<T> {
  const known = parsePurpose(purpose);
  if (!known.ok) throw usage("the purpose is not known", `Use one of: ${purposes.join(", ")}.`);
  await using pool = await ReaderPool.open(location, 1);
  const { reader } = pool;
  const result = await look({
    reader,
    actor: { who: `cli:${osUserName()}`, purpose: known.value },
  });
  await sealAccessLog(reader);
  return result;
}

/** Criteria as they are typed; at least one. */
export interface PersonQuery {
  readonly name?: string | undefined;
  readonly identifier?: string | undefined;
  readonly "birth-date"?: string | undefined;
  readonly phone?: string | undefined;
  readonly "health-id"?: string | undefined;
}

export interface FoundPeople {
  readonly persons: readonly PersonLine[];
  /** Everybody who matches, shown or not. */
  readonly total: number;
}

/** @throws HimsError HIMS_USAGE without a criterion, or with one that cannot be read */
export async function findPeople(
  desk: Desk,
  query: PersonQuery,
  limit: number,
): Promise<FoundPeople> {
  const criteria = toCriteria(query);
  const page = await findPersons(desk.reader, criteria, { limit, after: null });
  const names = Object.keys(criteria).sort().join(",");
  await appendAccess(desk.reader, {
    actor: desk.actor,
    action: "find",
    resource: `Patient?${names}`,
    outcome: page.persons.length > 0 ? "ok" : "not_found",
    persons: page.persons.map(({ personId }) => personId),
  });
  return { persons: page.persons.map(toPersonLine), total: page.total };
}

function toCriteria(query: PersonQuery): PersonCriteria {
  const { name, identifier, phone, "birth-date": birthDate, "health-id": healthId } = query;
  const criteria: PersonCriteria = {
    ...(name !== undefined && { nameTokens: read("--name", parseNameQuery(name)) }),
    ...(identifier !== undefined && {
      identifiers: [read("--identifier", parseIdentifierQuery(identifier))],
    }),
    ...(birthDate !== undefined && {
      birthDates: [read("--birth-date", parseBirthDateQuery(birthDate))],
    }),
    ...(phone !== undefined && { phone: read("--phone", parsePhoneQuery(phone)) }),
    ...(healthId !== undefined && { healthId: read("--health-id", parseHealthIdQuery(healthId)) }),
  };
  if (Object.keys(criteria).length > 0) return criteria;
  throw usage(
    "nothing to search for was given",
    "Give at least one of --name, --identifier, --birth-date, --phone, --health-id.",
  );
}

const hints: Readonly<Record<CriterionProblem, string>> = {
  identifier_empty: "Write `value`, or `system|value`.",
  name_empty: "Write at least one whole word of the name.",
  birth_date_invalid: "Write YYYY-MM-DD, YYYY-MM or YYYY.",
  phone_invalid: "Write ten digits, with or without +91.",
  health_id_invalid: "A health ID has 13 digits; one of them is mistyped.",
};

function read<T>(flag: string, query: Parsed<T, CriterionProblem>): T {
  if (query.ok) return query.value;
  const [problem] = query.reasons;
  throw usage(`the value of ${flag} cannot be read`, problem === undefined ? "" : hints[problem]);
}

/** @throws HimsError HIMS_PERSON_UNKNOWN */
export async function showOne(desk: Desk, id: string): Promise<PersonAnswer> {
  return toPersonAnswer(await lookAt(desk, id, "show"));
}

export interface Timeline extends Pick<PersonAnswer, "healthId" | "status" | "mergedInto"> {
  readonly events: readonly TimelineEntry[];
}

/** Newest first. @throws HimsError HIMS_PERSON_UNKNOWN */
export async function tellTimeline(desk: Desk, id: string): Promise<Timeline> {
  const person = await lookAt(desk, id, "timeline");
  const events = await timeline(desk.reader, person.personId);
  const { healthId, status, mergedInto } = person;
  return { healthId, status, mergedInto, events: events.map(toTimelineEntry) };
}

async function lookAt(desk: Desk, id: string, action: AccessAction): Promise<PersonView> {
  const person = await showPerson(desk.reader, id);
  await appendAccess(desk.reader, {
    actor: desk.actor,
    action,
    resource: "Patient",
    outcome: person === null ? "not_found" : "ok",
    persons: person === null ? [] : [person.personId],
  });
  if (person !== null) return person;
  throw new HimsError("HIMS_PERSON_UNKNOWN", {
    kind: "usage",
    message: "there is no person with this id",
    hint: "Give a health ID (13 digits) or a person's uuid; `hims person find` finds both.",
  });
}

function usage(message: string, hint: string): HimsError {
  return new HimsError("HIMS_USAGE", { kind: "usage", message, hint });
}
