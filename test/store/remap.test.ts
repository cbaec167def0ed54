/** A corrected field map over what is loaded already. */
import { describe, expect, test } from "vitest";
import { linkPersons } from "../../src/pipelines/link.ts";
import { remap } from "../../src/pipelines/remap.ts";
import { undoRun } from "../../src/pipelines/undo-run.ts";
import { withDatabase } from "../support/database.ts";
import { aFeed, contentOf } from "../support/ingest-run.ts";

const yaml = (fields: string) => `
version: 1
name: opd
facility: { id: ddu, name: Test Hospital }
source: { type: csv, at: "*.csv" }
fields: { mrn: MRN, ${fields} }
`;
/** Relation and name are swapped, one sex code is unknown. */
const wrong = yaml("name: Father, relationName: Name, sex: Sex");
const right = yaml(
  "name: Name, sex: { column: Sex, values: { XY: male, M: male, F: female } }, phone: Phone",
);
const content =
  "MRN,Name,Father,Sex,Phone\n1,Ram Lal,Mohan Lal,M,9811122231\n2,Sita Devi,Hari Ram,F,\n3,Gopal Das,Shiv Das,XY,\n";

async function aLoadedStore() {
  const { database } = await withDatabase();
  const feed = aFeed(database);
  feed.write("a.csv", content);
  const { loaded, quarantined } = await feed.run(feed.pipeline(wrong));
  expect([loaded, quarantined]).toEqual([2, 1]);
  await linkPersons(feed.context);
  return { database, feed };
}

const partsOfContent = ["records", "quarantine", "partition", "golden"] as const;

describe("a remap", () => {
  test("shows the difference by field, loads what waited, and gives what the right map would have given", async () => {
    const { database, feed } = await aLoadedStore();

    const result = await remap(feed.pipeline(right), { dryRun: false }, feed.context);
    await linkPersons(feed.context);

    expect(result).toMatchObject({ read: 3, loaded: 3, unchanged: 0, quarantined: 0 });
    expect(result.remap.fields).toEqual({
      name: { filled: 0, cleared: 0, changed: 2 },
      relationName: { filled: 0, cleared: 2, changed: 0 },
      phones: { filled: 1, cleared: 0, changed: 0 },
    });
    const other = await withDatabase();
    const fresh = aFeed(other.database);
    fresh.write("a.csv", content);
    await fresh.run(fresh.pipeline(right));
    await linkPersons(fresh.context);
    const [found, expected] = [await contentOf(database), await contentOf(other.database)];
    for (const part of partsOfContent) expect([part, found[part]]).toEqual([part, expected[part]]);
  });

  test("tried out keeps nothing, and counts the same", async () => {
    const { database, feed } = await aLoadedStore();
    const before = await contentOf(database);

    const tried = await remap(feed.pipeline(right), { dryRun: true }, feed.context);

    expect(await contentOf(database)).toEqual(before);
    const { remap: found, loaded } = await remap(
      feed.pipeline(right),
      { dryRun: false },
      feed.context,
    );
    expect([tried.remap, tried.loaded]).toEqual([found, loaded]);
  });

  test("makes the files known under the new map: run again, plainly or in full, nothing changes", async () => {
    const { database, feed } = await aLoadedStore();
    await remap(feed.pipeline(right), { dryRun: false }, feed.context);
    const after = await contentOf(database);

    const plain = await feed.run(feed.pipeline(right));
    const full = await feed.run(feed.pipeline(right), { full: true });
    const again = await remap(feed.pipeline(right), { dryRun: false }, feed.context);

    expect([plain.status, plain.warnings]).toEqual(["unchanged", {}]);
    expect([full.status, full.unchanged]).toEqual(["unchanged", 3]);
    expect([again.status, again.files, again.loaded]).toEqual(["unchanged", 0, 0]);
    expect(await contentOf(database)).toEqual(after);
  });

  test("refuses rows that the new map cannot read: they keep their version and wait in quarantine", async () => {
    const { database, feed } = await aLoadedStore();
    const worse = yaml("name: Name, sex: Phone");

    const result = await remap(feed.pipeline(worse), { dryRun: false }, feed.context);

    expect(result).toMatchObject({ read: 3, loaded: 2, quarantined: 1 });
    const [kept] = await database.writer.rows<{ name: string }>(
      "select name from patient_record where id_value = '1'",
    );
    expect(kept?.name).toBe("Mohan Lal");
  });

  test("leaves alone what a later export has said since", async () => {
    const { database, feed } = await aLoadedStore();
    feed.write("b.csv", "MRN,Name,Father,Sex,Phone\n3,Newer Name,Newer Father,M,\n");
    await feed.run(feed.pipeline(wrong));

    await remap(feed.pipeline(right), { dryRun: false }, feed.context);

    const [found] = await database.writer.rows<{ name: string }>(
      "select name from patient_record where id_value = '3'",
    );
    expect(found?.name).toBe("Newer Name");
  });

  test("is undone like any other run, and so is what it was a remap of", async () => {
    const { database, feed } = await aLoadedStore();
    const before = await contentOf(database);
    const { id } = await remap(feed.pipeline(right), { dryRun: false }, feed.context);
    await linkPersons(feed.context);
    const after = await contentOf(database);

    await undoRun(id, { dryRun: false, actor: "test" }, feed.context);
    expect(await contentOf(database)).toEqual(before);

    await remap(feed.pipeline(right), { dryRun: false }, feed.context);
    await linkPersons(feed.context);
    expect(await contentOf(database)).toEqual(after);
    const [first] = await database.writer.rows<{ run_id: string }>(
      "select run_id from source_file order by load_no limit 1",
    );
    await undoRun(first?.run_id ?? "", { dryRun: false, actor: "test" }, feed.context);
    const [left] = await database.writer.rows<{ records: number }>(
      "select count(*)::int as records from patient_record",
    );
    expect(left?.records).toBe(0);
  });
});
