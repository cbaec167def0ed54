/** A query to a hospital's own PostgreSQL as a source, through the real pipeline. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, inject, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import type { IngestOptions, IngestResult } from "../../src/pipelines/ingest.ts";
import { withDatabase } from "../support/database.ts";
import { aFeed } from "../support/ingest-run.ts";

const byTime = {
  query: "select no, name, updated_at from patients where updated_at >= :watermark",
  watermark: "updated_at",
  start: "1970-01-01",
};

interface Hospital {
  /** Runs a statement in the hospital's database. */
  readonly does: (sql: string) => Promise<unknown>;
  readonly run: (sql?: object, options?: Partial<IngestOptions>) => Promise<IngestResult>;
  readonly watermark: () => Promise<string | null>;
  readonly spooled: () => readonly string[];
}

async function aHospital(): Promise<Hospital> {
  const legacy = await withDatabase();
  const { database } = await withDatabase();
  const feed = aFeed(database);
  mkdirSync(join(feed.folder, ".hims/files"), { recursive: true });
  const name = legacy.address.kind === "embedded" ? (legacy.address.database ?? "") : "";
  const url = `postgresql://hims_super@/${name}?host=${encodeURIComponent(inject("socketDirectory"))}`;
  const client = new pg.Client(url);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query("create table patients (no text, name text, updated_at timestamptz)");
  const spool = join(feed.folder, ".hims/files/sql/opd");
  return {
    does: (sql) => client.query(sql),
    run: (sql = byTime, options = {}) =>
      feed.run(
        feed.pipeline(
          stringify({
            version: 1,
            name: "opd",
            facility: { id: "DDU", name: "Test Hospital" },
            source: { type: "csv", sql: { url, ...sql } },
            fields: { mrn: "no", name: "name" },
          }),
        ),
        options,
      ),
    async watermark() {
      const [row] = await database.writer.rows<{ value: string }>(
        "select value from source_watermark",
      );
      return row?.value ?? null;
    },
    spooled: () => (existsSync(spool) ? readdirSync(spool) : []),
  };
}

test("rows are read from the watermark on, which moves with their commit", async () => {
  const { does, run, watermark, spooled } = await aHospital();
  await does(
    `insert into patients values ('2', 'Ravi "R", Kumar', '2026-03-02 10:00:00.123456+05:30'), ('1', E'Asha\\nRani', '2026-03-01'), ('0', 'Undated', null)`,
  );
  expect(await run()).toMatchObject({ status: "succeeded", read: 2, loaded: 2 });
  expect(await watermark()).toBe("2026-03-02 10:00:00.123456+05:30");

  await does("insert into patients values ('3', 'Meena', '2026-03-03')");
  expect(await run()).toMatchObject({ status: "succeeded", read: 2, loaded: 1, unchanged: 1 });
  expect(spooled()).toEqual([]);
});

test("a row that came late with the last watermark's very value is not lost", async () => {
  const { does, run } = await aHospital();
  await does("insert into patients values ('1', 'Asha Rani', '2026-03-01')");
  await run();
  await does("insert into patients values ('2', 'Ravi Kumar', '2026-03-01')");

  expect(await run()).toMatchObject({ loaded: 1 });
});

test("nothing new is unchanged, not stale", async () => {
  const { does, run } = await aHospital();
  await does("insert into patients values ('1', 'Asha Rani', '2026-03-01')");
  await run();

  expect((await run()).status).toBe("unchanged");
  await does("delete from patients");
  expect(await run()).toMatchObject({
    status: "unchanged",
    files: 0,
    warnings: { no_row_found: 1 },
  });
});

test("a query whose condition passes over ties is warned of", async () => {
  const { does, run } = await aHospital();
  await does("insert into patients values ('1', 'Asha Rani', '2026-03-01')");
  const query = "select no, name, updated_at from patients where updated_at > :watermark;";

  const { warnings } = await run({ ...byTime, query });
  expect(warnings).toMatchObject({ watermark_ties_may_be_missed: 1 });
});

test("the watermark stands still when the file is refused, in a dry run, and with --full it is not asked", async () => {
  const { does, run, watermark } = await aHospital();
  await does("insert into patients values ('1', 'Asha Rani', '2026-03-01')");
  await run(byTime, { dryRun: true });
  expect(await watermark()).toBeNull();

  await does("insert into patients values (null, 'No Number', '2026-03-02')");
  expect(await run(byTime, { maxQuarantine: 10 })).toMatchObject({ status: "gated" });
  expect(await watermark()).toBeNull();

  await run();
  expect(await run(byTime, { full: true })).toMatchObject({ read: 2, unchanged: 1 });
});

test("a result of many pages is whole", async () => {
  const { does, run } = await aHospital();
  await does(
    "insert into patients select g::text, 'Person ' || g, timestamptz '2026-01-01' + g * interval '1 s' from generate_series(1, 12001) g",
  );
  expect(await run()).toMatchObject({ read: 12_001, loaded: 12_001 });
});

test.each([
  ["a change", "delete from patients where updated_at >= :watermark returning *"],
  [
    "a change inside of WITH",
    "with gone as (delete from patients returning *) select * from gone where updated_at >= :watermark",
  ],
  [
    "a second statement",
    "select no, name, updated_at from patients where updated_at >= :watermark) q; delete from patients; select (1",
  ],
  [
    "a function that writes",
    "select no, name, updated_at, setval('source_seq', 5) from patients where updated_at >= :watermark",
  ],
])("%s in the query is refused, and changes nothing there", async (_, query) => {
  const { does, run } = await aHospital();
  await does("create sequence source_seq");
  await does("insert into patients values ('1', 'Asha Rani', '2026-03-01')");

  const { error } = await run({ ...byTime, query });

  expect(error).toMatchObject({ code: "HIMS_QUERY_REFUSED", kind: "usage" });
  expect(await does("select from patients")).toMatchObject({ rowCount: 1 });
});

test("what the server says of a row is not passed on", async () => {
  const { does, run } = await aHospital();
  await does("insert into patients values ('1', 'Asha Rani', '2026-03-01')");
  const query =
    "select no, name, name::int, updated_at from patients where updated_at >= :watermark";

  const { error } = await run({ ...byTime, query });

  expect(error).toMatchObject({ code: "HIMS_QUERY_REFUSED" });
  expect(`${error?.message} ${error?.hint}`).not.toContain("Asha");
});

test("a database that is not there is unreachable", async () => {
  const { run } = await aHospital();

  const { error } = await run({ ...byTime, url: "postgresql://nobody@127.0.0.1:1/none" });
  expect(error).toMatchObject({ code: "HIMS_QUERY_UNREACHABLE", kind: "unreachable" });
});
