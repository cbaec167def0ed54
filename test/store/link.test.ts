/** Records into persons, over runs: who stays, who merges, and that no order of nights matters. */
import { describe, expect, test } from "vitest";
import { linkPersons } from "../../src/pipelines/link.ts";
import type { Database } from "../../src/store/database.ts";
import { withDatabase } from "../support/database.ts";
import { aFeed, contentOf, type TestFeed } from "../support/ingest-run.ts";

const pipelineOf = (facility: string) => `
version: 1
name: ${facility}-opd
facility: { id: ${facility}, name: Hospital ${facility} }
source: { type: csv, at: "${facility}*.csv" }
fields: { mrn: MRN, name: Name, sex: Sex, birthDate: DOB, phone: Phone, abhaNumber: ABHA }
`;
const header = "MRN,Name,Sex,DOB,Phone,ABHA\n";
const ram = "Ram Lal,M,05/02/1985,9811122231,";
const sita = "Sita Devi,F,06/02/1986,9811122232,";

async function aStore(): Promise<{ database: Database; feed: TestFeed }> {
  const { database } = await withDatabase();
  return { database, feed: aFeed(database) };
}

async function load(feed: TestFeed, facility: string, content: string): Promise<void> {
  feed.write(`${facility}.csv`, content);
  const { error } = await feed.run(feed.pipeline(pipelineOf(facility)));
  if (error !== null) throw error;
}

/** Sets of `facility/mrn`, one a person. */
async function partitionOf(database: Database): Promise<readonly string[]> {
  const rows = await database.writer.rows<{ members: string }>(`
    select string_agg(p.facility_id || '/' || p.id_value, ' ' order by p.facility_id, p.id_value) as members
    from person_member m join patient_record p using (record_id) where m.until_run is null group by m.person_id order by 1`);
  return rows.map(({ members }) => members);
}

async function goldenOf(database: Database, mrn: string, field: string): Promise<string | null> {
  const [row] = await database.writer.rows<{ value: string }>(
    `select g.value from golden_value g join person_member m on m.person_id = g.person_id and m.until_run is null
     join patient_record p on p.record_id = m.record_id where p.id_value = $1 and g.field = $2`,
    [mrn, field],
  );
  return row?.value ?? null;
}

describe("persons", () => {
  test("one human at two facilities becomes one person; another stays another", async () => {
    const { database, feed } = await aStore();
    await load(feed, "a", `${header}1,${ram}\n2,${sita}\n`);
    await load(feed, "b", `${header}77,LAL RAM,M,05/02/1985,+91 98111 22231,\n`);
    const { persons } = await linkPersons(feed.context);
    expect(persons).toMatchObject({ total: 2, new: 2, joined: 1, review: 0 });
    expect(await partitionOf(database)).toEqual(["a/1 b/77", "a/2"]);
  });

  test("linking again changes nothing, and writes nothing", async () => {
    const { database, feed } = await aStore();
    await load(feed, "a", `${header}1,${ram}\n2,${sita}\n`);
    await linkPersons(feed.context);
    const before = await contentOf(database);
    const ids = await database.writer.rows(
      "select person_id, health_id, state from health_id order by health_id",
    );
    expect((await linkPersons(feed.context)).persons).toMatchObject({
      total: 2,
      new: 0,
      joined: 0,
    });
    expect(await contentOf(database)).toEqual(before);
    expect(
      await database.writer.rows(
        "select person_id, health_id, state from health_id order by health_id",
      ),
    ).toEqual(ids);
  });

  test("persons found to be one merge into the oldest; every old id resolves in one hop", async () => {
    const { database, feed } = await aStore();
    await load(feed, "a", `${header}1,${ram}\n`);
    await linkPersons(feed.context);
    await load(feed, "b", `${header}2,Ram Lal,M,05/02/1985,,\n`);
    await linkPersons(feed.context);
    await load(feed, "c", `${header}3,Ram Lal,M,05/02/1985,9911122231,\n`);
    await linkPersons(feed.context);
    expect(await partitionOf(database)).toHaveLength(3);
    await load(feed, "c", `${header}3,Ram Lal,M,05/02/1985,9911122239,\n`);
    await load(feed, "b", `${header}2,Ram Lal,M,05/02/1985,9911122239,\n`);
    await linkPersons(feed.context);
    await load(feed, "c", `${header}3,Ram Lal,M,05/02/1985,9811122231,\n`);
    await load(feed, "b", `${header}2,Ram Lal,M,05/02/1985,9811122231,\n`);
    await linkPersons(feed.context);
    expect(await partitionOf(database)).toEqual(["a/1 b/2 c/3"]);
    const [first, ...merged] = await database.writer.rows<{
      person_id: string;
      state: string;
      merged_into: string | null;
    }>("select person_id, state, merged_into from person order by created_no");
    expect(first?.state).toBe("active");
    expect(merged.map((person) => [person.state, person.merged_into])).toEqual([
      ["merged", first?.person_id],
      ["merged", first?.person_id],
    ]);
    const ids = await database.writer.rows("select person_id, state from health_id order by state");
    expect(ids).toEqual([
      { person_id: first?.person_id, state: "alias" },
      { person_id: first?.person_id, state: "alias" },
      { person_id: first?.person_id, state: "current" },
    ]);
    const stray = await database.writer.rows(
      "select 1 from golden_value g join person p using (person_id) where p.state <> 'active'",
    );
    expect(stray).toEqual([]);
  });

  test("records no longer one human part again, and the oldest keeps the person", async () => {
    const { database, feed } = await aStore();
    await load(feed, "a", `${header}1,${ram}\n`);
    await load(feed, "b", `${header}2,${ram}\n`);
    await linkPersons(feed.context);
    await load(feed, "b", `${header}2,Mohan Lal,M,05/02/1985,9811122231,\n`);
    const { persons } = await linkPersons(feed.context);
    expect(persons).toMatchObject({ total: 2, new: 1, joined: 0 });
    expect(await partitionOf(database)).toEqual(["a/1", "b/2"]);
    expect(await goldenOf(database, "2", "name")).toBe("Mohan Lal");
    expect(await goldenOf(database, "1", "name")).toBe("Ram Lal");
  });

  test("golden values follow a changed record", async () => {
    const { database, feed } = await aStore();
    await load(feed, "a", `${header}1,${ram}\n`);
    await linkPersons(feed.context);
    await load(feed, "a", `${header}1,Ram Lal,M,05/02/1985,9911122231,\n`);
    await linkPersons(feed.context);
    expect(await goldenOf(database, "1", "phone")).toBe("+919911122231");
  });

  test("a record without a name is nobody until a name arrives", async () => {
    const { database, feed } = await aStore();
    await load(feed, "a", `${header}1,,,,9811122231,\n`);
    expect((await linkPersons(feed.context)).persons.total).toBe(0);
    await load(feed, "a", `${header}1,${ram}\n`);
    expect((await linkPersons(feed.context)).persons).toMatchObject({ total: 1, new: 1 });
    expect(await partitionOf(database)).toEqual(["a/1"]);
  });
});

describe("HL7 merges", () => {
  const feedYaml = `
version: 1
name: adt
facility: { id: ddu, name: Test Hospital, authorities: [DDU] }
source: { type: hl7, at: "*.hl7" }
`;
  const message = (type: string, id: number, rest: readonly string[]) =>
    [
      `MSH|^~\\&|HIS|DDU|||202603011000${String(id).padStart(2, "0")}||${type}|${id}|P|2.5`,
      ...rest,
    ].join("\r");
  const pid = (mrn: string, name: string, abha = "") =>
    `PID|1||${mrn}^^^DDU^MR${abha === "" ? "" : `~${abha}^^^ABDM^XX`}||${name}||19850205|M`;

  async function merged(left: string, right: string): Promise<Database> {
    const { database, feed } = await aStore();
    feed.write(
      "a.hl7",
      `${[message("ADT^A28", 1, [left]), message("ADT^A28", 2, [right]), message("ADT^A40", 3, [left, "MRG|2^^^DDU^MR"])].join("\r")}\r`,
    );
    const { error } = await feed.run(feed.pipeline(feedYaml));
    if (error !== null) throw error;
    await linkPersons(feed.context);
    await linkPersons(feed.context);
    return database;
  }

  test("joins records that nothing else would", async () => {
    const database = await merged(pid("1", "Lal^Ram"), pid("2", "Kumar^Mohan"));
    expect(await partitionOf(database)).toEqual(["ddu/1 ddu/2"]);
  });

  test("against conflicting ABHA numbers joins nothing and goes to review, once", async () => {
    const database = await merged(
      pid("1", "Lal^Ram", "91123456789018"),
      pid("2", "Lal^Ram", "91765432109876"),
    );
    expect(await partitionOf(database)).toEqual(["ddu/1", "ddu/2"]);
    expect(await database.writer.rows("select reason, state from review")).toEqual([
      { reason: "hl7_merge_vetoed", state: "open" },
    ]);
  });

  test("a human's word is kept over the model's, in both directions", async () => {
    const { database, feed } = await aStore();
    await load(feed, "a", `${header}1,${ram}\n2,${ram}\n3,${sita}\n`);
    const decide = (kind: string, left: string, right: string) =>
      database.writer.rows(
        `insert into decision (decision_id, kind, lo, hi, source, actor, made_at)
         select gen_random_uuid(), $1, min(record_id), max(record_id), 'human', 'test', now() from patient_record where id_value in ($2, $3)`,
        [kind, left, right],
      );
    await decide("distinct", "1", "2");
    await decide("link", "1", "3");
    await linkPersons(feed.context);
    expect(await partitionOf(database)).toEqual(["a/1 a/3", "a/2"]);
  });
});

test("shuffled files and night-by-night linking give the same people", async () => {
  const people = Array.from({ length: 40 }, (_, index) => {
    const day = String((index % 27) + 2).padStart(2, "0");
    return `Person ${index % 20},M,${day}/03/19${60 + (index % 20)},98111${String(20_000 + (index % 20))},`;
  });
  const rows = (facility: number) =>
    people
      .map((person, index) => `${facility}${index},${person}`)
      .filter((_, index) => index % 3 !== facility);
  const bulk = await aStore();
  for (const facility of [0, 1, 2])
    await load(bulk.feed, `f${facility}`, header + rows(facility).join("\n"));
  await linkPersons(bulk.feed.context);

  const nightly = await aStore();
  for (const facility of [2, 0, 1]) {
    await load(nightly.feed, `f${facility}`, header + rows(facility).reverse().join("\n"));
    await linkPersons(nightly.feed.context);
  }
  expect(await partitionOf(nightly.database)).toEqual(await partitionOf(bulk.database));
  const { records, partition, golden } = await contentOf(bulk.database);
  expect(await contentOf(nightly.database)).toMatchObject({ records, partition, golden });
  expect((await partitionOf(bulk.database)).length).toBeLessThan(80);
});
