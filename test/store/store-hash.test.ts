import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { hashStore, type StoreHash } from "../../src/store/store-hash.ts";
import { withDatabase } from "../support/database.ts";

/** How a store came to know what it knows: nothing of this may show in its hash. */
interface Way {
  readonly run: string;
  readonly file: string;
  readonly firstLine: number;
  readonly at: string;
}

const oneWay: Way = {
  run: "20260301-101112-aaaaaa",
  file: randomUUID(),
  firstLine: 2,
  at: "2026-03-01",
};
const otherWay: Way = {
  run: "20270405-060708-bbbbbb",
  file: randomUUID(),
  firstLine: 40,
  at: "2027-04-05",
};

/** Three records, two of them one person with a card; an older version, an event, an open reject, a decision. */
async function load(
  database: Database,
  way: Way,
  order: readonly number[] = [1, 2, 3],
): Promise<void> {
  const persons = new Map([1, 2, 3].map((id) => [id, id === 3 ? randomUUID() : ""]));
  const couple = randomUUID();
  const personOf = (id: number) => persons.get(id) || couple;
  const sql = (text: string) => database.writer.rows(text);
  const record = (table: string, id: number, name: string, more = "") =>
    sql(`insert into ${table} (record_id, version, facility_id, id_system, id_value, name, phones, identifiers, facts_hash,
        map_source, authority, message_time, file_id, line, run_id ${more === "" ? "" : ", ended_run, reason"})
      values (${id}, ${more === "" ? 2 : 1}, 'ddu', 'ddu', 'M${id}', '${name}', '{+911234567890}', '[{"value":"x"}]', '\\x00',
        'opd:1', 'patient', '2026-01-01T10:00:00Z', '${way.file}', ${way.firstLine + id}, '${way.run}' ${more})`);
  for (const person of new Set([1, 2, 3].map(personOf)))
    await sql(
      `insert into person values ('${person}', default, 'active', null, '${way.run}', '${way.run}')`,
    );
  for (const id of order) {
    await record("patient_record", id, `Name ${id}`);
    await sql(`insert into person_member values (${id}, '${personOf(id)}', '${way.run}', null)`);
    await sql(
      `insert into golden_value values ('${personOf(id)}', 'f${id}', 'Name ${id}', ${id}, 'latest')`,
    );
  }
  await record("patient_record_version", 1, "Old Name", `, '${way.run}', 'superseded'`);
  await sql(`insert into clinical_event (record_id, event_id, version, facility_id, kind, event_key, content_hash, file_id, line, run_id)
    values (1, 7, 1, 'ddu', 'encounter', 'e', '\\x00', '${way.file}', 1, '${way.run}')`);
  await sql(`insert into quarantine (pipeline, raw_hash, run_id, file_id, file_name, line, byte_offset, byte_length, problems)
    values ('opd', 'aa', '${way.run}', '${way.file}', '${way.at}.csv', ${way.firstLine}, 0, 9, '[{"rule":"b"},{"rule":"a"}]')`);
  await sql(`insert into decision (decision_id, kind, lo, hi, source, actor, made_at)
    values ('${randomUUID()}', 'link', 1, 2, 'human', 'somebody', '${way.at}')`);
  await sql(
    `insert into card_key (kid, public_key, not_before, not_after, status) values (1, '\\x00', '2026-01-01', '2027-01-01', 'published')`,
  );
  await sql(
    `insert into card (serial, person_id, health_id, issue, state, kid, token, face, issued_on, batch_id, seq) values (${way.firstLine}, '${couple}', '123', 1, 'active', 1, 'token of ${way.run}', '{}', '${way.at}', 'b', 1)`,
  );
}

async function loaded(way: Way, order?: readonly number[]): Promise<Database> {
  const { database } = await withDatabase();
  await load(database, way, order);
  return database;
}

test("stores that know the same have one hash, whenever, in whatever order and from whichever file they learned it", async () => {
  const one = await hashStore(await loaded(oneWay));
  const other = await hashStore(await loaded(otherWay, [3, 1, 2]));

  expect(other).toEqual(one);
  expect(one.hash).toMatch(/^[0-9a-f]{64}$/);
});

test("the server's own date style and zone do not show", async () => {
  const database = await loaded(oneWay);
  const before = await hashStore(database);

  await database.writer.rows("set datestyle = 'German'; set timezone = 'America/New_York'");

  expect(await hashStore(database)).toEqual(before);
});

test.each([
  ["records", "update patient_record set name = 'Name 4' where record_id = 3"],
  ["records", "update patient_record set city = '' where record_id = 3"],
  ["recordVersions", "update patient_record_version set name = 'Older Name'"],
  ["events", 'update clinical_event set detail = \'{"class":"AMB"}\''],
  ["quarantine", 'update quarantine set problems = \'[{"rule":"c"}]\''],
  ["quarantine", "update quarantine set state = 'closed'"],
  ["golden", "update golden_value set record_id = 2 where record_id = 1"],
  ["decisions", "update decision set state = 'revoked'"],
  ["cards", "update card set state = 'lost'"],
])("a change of %s changes that part and the whole: %s", async (part, change) => {
  const database = await loaded(oneWay);
  const before = await hashStore(database);

  await database.writer.rows(change);

  const after = await hashStore(database);
  expect(after.hash).not.toBe(before.hash);
  expect(changedParts(before, after)).toEqual([part]);
});

test("a person split in two is another partition", async () => {
  const database = await loaded(oneWay);
  const before = await hashStore(database);
  const person = randomUUID();

  await database.writer.rows(
    `insert into person values ('${person}', default, 'active', null, 'r', 'r')`,
  );
  await database.writer.rows(
    `update person_member set person_id = '${person}' where record_id = 2`,
  );

  expect(changedParts(before, await hashStore(database))).toContain("partition");
});

test("a person that got another id is the same person", async () => {
  const database = await loaded(oneWay);
  const before = await hashStore(database);
  const person = randomUUID();

  await database.writer.rows(
    `insert into person values ('${person}', default, 'active', null, 'r', 'r')`,
  );
  const old = "(select person_id from person_member where record_id = 3 and until_run is null)";
  await database.writer.rows(
    `update golden_value set person_id = '${person}' where person_id = ${old}`,
  );
  await database.writer.rows(
    `update person_member set person_id = '${person}' where record_id = 3`,
  );

  expect(await hashStore(database)).toEqual(before);
});

test("a version that was undone leaves no gap that shows", async () => {
  const database = await loaded(oneWay);
  const before = await hashStore(database);

  await database.writer.rows("update patient_record set version = 4 where record_id = 1");
  await database.writer.rows("update patient_record_version set version = 3");

  expect(await hashStore(database)).toEqual(before);
});

function changedParts(before: StoreHash, after: StoreHash): readonly string[] {
  return Object.entries(after.parts)
    .filter(([part, hash]) => before.parts[part as keyof StoreHash["parts"]] !== hash)
    .map(([part]) => part);
}
