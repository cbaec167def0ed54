import { expect, test } from "vitest";
import type { PersonCriteria } from "../../src/persons/person-criteria.ts";
import {
  parseBirthDateQuery,
  parseIdentifierQuery,
  parseNameQuery,
} from "../../src/persons/person-criteria.ts";
import type { Reader } from "../../src/store/database.ts";
import { listEvents, listRelatedEvents, timeline } from "../../src/store/event-reads.ts";
import { showPerson } from "../../src/store/person-reads.ts";
import { findPersons } from "../../src/store/person-search.ts";
import { withDatabase } from "../support/database.ts";
import { openReaderRole } from "../support/reader-role.ts";
import {
  healthIds,
  loadSmallHospital,
  ramesh,
  retired,
  sunita,
  sunitaOld,
} from "../support/small-hospital.ts";

async function openHospital(): Promise<Reader> {
  const { address, database } = await withDatabase();
  await loadSmallHospital(database.writer);
  return openReaderRole(address);
}

async function found(reader: Reader, criteria: PersonCriteria): Promise<readonly string[]> {
  const page = await findPersons(reader, criteria, { limit: 10, after: null });
  expect(page.total).toBe(page.persons.length);
  return page.persons.map(({ personId }) => personId);
}

function value<T>(query: { ok: true; value: T } | { ok: false }): T {
  if (!query.ok) throw new Error("the query of this test cannot be read");
  return query.value;
}

test("people are found by every kind of identifier, and the survivor in place of the merged", async () => {
  const reader = await openHospital();
  const byIdentifier = async (text: string) =>
    await found(reader, { identifiers: [value(parseIdentifierQuery(text))] });

  expect(await byIdentifier("91-1234-5678-9012")).toEqual([sunita]);
  expect(await byIdentifier("abha-number|91123456789012")).toEqual([sunita]);
  expect(await byIdentifier("https://healthid.abdm.gov.in|91123456789012")).toEqual([sunita]);
  expect(await byIdentifier("LN-3")).toEqual([ramesh]);
  expect(await byIdentifier("urn:hims:facility:mcd_7|77")).toEqual([sunita]);
  expect(await byIdentifier("lnjp|77")).toEqual([]);
  expect(await byIdentifier(healthIds.sunitaOld)).toEqual([sunita]);
  expect(await byIdentifier(`urn:hims:health-id|${healthIds.ramesh}`)).toEqual([ramesh]);
});

test("a name matches whole tokens in any case and order, all of them", async () => {
  const reader = await openHospital();
  const byName = async (text: string) =>
    await found(reader, { nameTokens: value(parseNameQuery(text)) });

  expect(await byName("Devi sunita")).toEqual([sunita]);
  expect(await byName("kumar")).toEqual([ramesh]);
  expect(await byName("sunita kumar")).toEqual([]);
  expect(await byName("sun")).toEqual([]);
});

test("a birth date finds as exactly as it is known", async () => {
  const reader = await openHospital();
  const byBirth = async (text: string) =>
    await found(reader, { birthDates: [value(parseBirthDateQuery(text))] });

  expect(await byBirth("1984")).toEqual([sunita, ramesh]);
  expect(await byBirth("1984-05")).toEqual([sunita]);
  expect(await byBirth("1984-01-01")).toEqual([]);
  expect(await byBirth("gt1984-03-01")).toEqual([sunita]);
});

test("a phone of any member record finds the person", async () => {
  const reader = await openHospital();

  expect(await found(reader, { phone: "+919822222222" })).toEqual([sunita]);
});

test("criteria are joined by and; a retired person is never found", async () => {
  const reader = await openHospital();
  const birthDates = [value(parseBirthDateQuery("1984"))];

  expect(await found(reader, { birthDates, nameTokens: ["kumar"] })).toEqual([ramesh]);
  expect(await found(reader, { personIds: [retired, sunitaOld] })).toEqual([sunita]);
});

test("pages hold everyone once, with the total of all", async () => {
  const reader = await openHospital();
  const criteria = { birthDates: [value(parseBirthDateQuery("1984"))] };

  const first = await findPersons(reader, criteria, { limit: 1, after: null });
  const second = await findPersons(reader, criteria, { limit: 1, after: first.next });

  expect([first.total, second.total, second.next]).toEqual([2, 2, null]);
  expect([...first.persons, ...second.persons].map((one) => one.personId)).toEqual([
    sunita,
    ramesh,
  ]);
});

test("a search without a criterion is a bug and not a list of everybody", async () => {
  const reader = await openHospital();

  await expect(found(reader, {})).rejects.toThrow("criterion");
});

test("a person is shown with golden values and their origin, records, cards and every allergy entry", async () => {
  const reader = await openHospital();

  const person = await showPerson(reader, "100-000-000-0010");

  expect(person).toMatchObject({
    personId: sunita,
    status: "active",
    mergedInto: null,
    aliases: [healthIds.sunitaOld],
    golden: { name: "SUNITA DEVI", city: "Delhi" },
    origins: {
      name: { rule: "most_recent", facility: "lnjp", source: { file: "opd march#1.csv", line: 2 } },
    },
    records: [
      { facility: "lnjp", mrn: "LN-1", bloodGroup: "A+" },
      { facility: "mcd_7", mrn: "77", bloodGroup: "O+" },
    ],
    allergies: [{ display: "No known allergies" }, { display: "Penicillin" }],
    cards: [{ serial: "41", state: "active", issuedOn: "2026-03-01" }],
  });
});

test("an old id of either kind shows the survivor and says that it was merged", async () => {
  const reader = await openHospital();

  const merged = { personId: sunita, status: "merged", mergedInto: healthIds.sunita };
  expect(await showPerson(reader, sunitaOld)).toMatchObject(merged);
  expect(await showPerson(reader, healthIds.sunitaOld)).toMatchObject(merged);
});

test("a retired person is told from one who never was", async () => {
  const reader = await openHospital();

  expect(await showPerson(reader, healthIds.retired)).toMatchObject({
    status: "retired",
    healthId: healthIds.retired,
    records: [],
  });
  expect(await showPerson(reader, "00000000-0000-4000-8000-00000000000f")).toBeNull();
  expect(await showPerson(reader, "no id")).toBeNull();
});

test("the timeline has the facts of all member records, newest first, each with its line", async () => {
  const reader = await openHospital();

  const events = await timeline(reader, sunita);

  expect(events.map(({ event }) => event.kind)).toEqual([
    ...["appointment", "observation", "encounter", "medication", "condition", "report", "allergy"],
    ...["procedure", "immunization", "allergy"],
  ]);
  expect(events[1]).toMatchObject({
    event: { value: "11.2", unit: "g/dL" },
    source: { file: "opd march#1.csv", line: 102 },
    encounterEventId: "1",
  });
});

test("a page of events names what its events refer to", async () => {
  const reader = await openHospital();
  const all = await listEvents(reader, sunita, null, 100);
  const report = all.filter(({ event }) => event.kind === "report");

  const observations = await listRelatedEvents(reader, sunita, report);
  const encounters = await listRelatedEvents(reader, sunita, observations);

  expect(observations.map(({ eventId }) => eventId)).toEqual(["2"]);
  expect(encounters.map(({ eventId }) => eventId)).toEqual(["1"]);
  expect(all).toHaveLength(10);
});
