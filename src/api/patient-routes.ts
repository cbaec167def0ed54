/** FHIR's Patient: read, search, and everything a person's records say. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { RecordedEvent } from "../clinical/recorded-event.ts";
import { type Bundle, toSearchset } from "../fhir/bundle.ts";
import { clinicalResourceId, toClinicalResource } from "../fhir/clinical-resource.ts";
import { toOrganization } from "../fhir/organization.ts";
import { toPatient, toReplacedPatient } from "../fhir/patient.ts";
import type { Resource } from "../fhir/resource.ts";
import type { PersonView } from "../persons/person.ts";
import { type AccessAction, appendAccess } from "../store/access-log.ts";
import type { Reader } from "../store/database.ts";
import {
  countEvents,
  type EventPosition,
  listEvents,
  listRelatedEvents,
} from "../store/event-reads.ts";
import { showPerson } from "../store/person-reads.ts";
import { findPersons } from "../store/person-search.ts";
import { actorOf } from "./authentication.ts";
import { RequestFailure } from "./failure.ts";
import {
  criteriaNames,
  type EverythingPosition,
  everythingSchema,
  isPersonId,
  type PatientSearch,
  readEverythingPage,
  readSearchPage,
  toCriteria,
  writeEverythingPage,
  writeSearchPage,
} from "./search-request.ts";

const searchPage = { standard: 50, largest: 200 };
const everythingPage = { standard: 1_000, largest: 1_000 };

export async function readPatient(
  reader: Reader,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Resource> {
  const person = await personOf(reader, request, "read");
  const patient = patientOf(person);
  reply.header("etag", `W/"${person.changedRun}"`);
  return patient;
}

/** @param search parameters of the query string, or of the form that was posted */
export async function searchPatients(
  reader: Reader,
  request: FastifyRequest,
  search: PatientSearch,
): Promise<Bundle> {
  const limit = Math.min(search._count ?? searchPage.standard, searchPage.largest);
  const after = readSearchPage(search.page);
  const found = await findPersons(reader, toCriteria(search), { limit, after });
  await appendAccess(reader, {
    actor: actorOf(request),
    action: "search",
    resource: `Patient?${criteriaNames(search)}`,
    outcome: found.persons.length > 0 ? "ok" : "not_found",
    persons: found.persons.map(({ personId }) => personId),
  });
  const base = baseOf(request);
  return toSearchset({
    base,
    total: found.total,
    self: urlOf(`${base}/Patient`, search),
    next:
      found.next === null
        ? null
        : urlOf(`${base}/Patient`, { ...search, page: writeSearchPage(found.next) }),
    matches: found.persons.map((person) => toPatient(person)),
    included: [],
  });
}

/** Pages of Patient, Organizations and events in a fixed order; each page also holds what its resources refer to. */
export async function readEverything(reader: Reader, request: FastifyRequest): Promise<Bundle> {
  const query = everythingSchema.parse(request.query);
  const position = readEverythingPage(query.page);
  const limit = Math.max(
    1,
    Math.min(query._count ?? everythingPage.standard, everythingPage.largest),
  );
  const person = await personOf(reader, request, "everything");
  const about = aboutOf(person);
  const shown = about.slice(position.shown, position.shown + limit);
  const room = limit - shown.length;
  const events = await listEvents(reader, person.personId, position.after, room + 1);
  const onPage = events.slice(0, room);
  const related = await closureOf(reader, person, onPage);
  const url = `${baseOf(request)}/Patient/${person.askedPersonId}/$everything`;
  const next = nextPosition(position.shown + shown.length, about.length, {
    last: onPage.at(-1) ?? position.after,
    hasMore: events.length > room,
  });
  const toResource = clinicalResources(person, [...onPage, ...related]);
  return toSearchset({
    base: baseOf(request),
    total: about.length + (await countEvents(reader, person.personId)),
    self: urlOf(url, query),
    next: next === null ? null : urlOf(url, { ...query, page: writeEverythingPage(next) }),
    matches: [...shown, ...onPage.map(toResource)],
    included: [...about.filter((one) => !shown.includes(one)), ...related.map(toResource)],
  });
}

/** Finds the person of the address and writes the access down, found or not. */
async function personOf(
  reader: Reader,
  request: FastifyRequest,
  action: AccessAction,
): Promise<PersonView> {
  const { id = "" } = request.params as { readonly id?: string };
  const person = isPersonId(id) ? await showPerson(reader, id) : null;
  await appendAccess(reader, {
    actor: actorOf(request),
    action,
    resource: "Patient",
    outcome: person === null ? "not_found" : "ok",
    persons: person === null ? [] : [action === "read" ? person.askedPersonId : person.personId],
  });
  if (person !== null) return person;
  throw new RequestFailure(404, "not-found", "there is no Patient with this id");
}

function patientOf(person: PersonView): Resource {
  return person.askedPersonId === person.personId
    ? toPatient(person, person.status === "active")
    : toReplacedPatient(person.askedPersonId, person.personId, person.changedRun);
}

/** The Patient and the Organizations that have records of it. Someone merged is shown as the survivor. */
function aboutOf(person: PersonView): readonly Resource[] {
  const facilities = new Map(person.records.map((one) => [one.facility, one.facilityName]));
  const organizations = [...facilities].map(([id, name]) => toOrganization(id, name));
  const isActive = person.status !== "retired";
  return [toPatient(person, isActive), ...organizations];
}

/** Events that those on the page refer to, and those that these refer to: a report's observations, and their encounters. */
async function closureOf(
  reader: Reader,
  person: PersonView,
  onPage: readonly RecordedEvent[],
): Promise<readonly RecordedEvent[]> {
  const known = new Set(onPage.map(idOf));
  const related: RecordedEvent[] = [];
  let asking: readonly RecordedEvent[] = onPage;
  while (asking.length > 0) {
    const found = await listRelatedEvents(reader, person.personId, asking);
    asking = found.filter((one) => !known.has(idOf(one)));
    for (const one of asking) known.add(idOf(one));
    related.push(...asking);
  }
  return related;
}

function idOf({ recordId, eventId }: RecordedEvent): string {
  return clinicalResourceId(recordId, eventId);
}

/** A report's results are the observations of its record that name it. */
function clinicalResources(
  person: PersonView,
  events: readonly RecordedEvent[],
): (recorded: RecordedEvent) => Resource {
  const results = new Map<string, string[]>();
  for (const one of events) {
    if (one.event.kind !== "observation" || one.event.reportKey === null) continue;
    const report = `${one.recordId} ${one.event.reportKey}`;
    const ids = results.get(report) ?? [];
    ids.push(idOf(one));
    results.set(report, ids);
  }
  return (recorded) => {
    const { event, recordId } = recorded;
    const ids = event.kind === "report" ? results.get(`${recordId} ${event.eventKey}`) : undefined;
    return toClinicalResource(recorded, person.personId, (ids ?? []).toSorted());
  };
}

function nextPosition(
  shown: number,
  about: number,
  events: { readonly last: EventPosition | null; readonly hasMore: boolean },
): EverythingPosition | null {
  if (shown < about) return { shown, after: null };
  return events.hasMore ? { shown, after: events.last } : null;
}

/** `http://host/fhir`, from the address the client used. */
export function baseOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${/^[\w.:[\]-]+$/.test(host) ? host : "localhost"}/fhir`;
}

function urlOf(
  url: string,
  parameters: Readonly<Record<string, string | number | undefined>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? url : `${url}?${query}`;
}
