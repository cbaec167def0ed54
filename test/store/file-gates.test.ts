/** Gates and contracts of a pipeline file against a real store, and the ledger of lines. */
import { describe, expect, test } from "vitest";
import { readOperationNumbers } from "../../src/store/operation-reads.ts";
import { listFilesOfRun } from "../../src/store/source-files.ts";
import { withDatabase } from "../support/database.ts";
import { aFeed } from "../support/ingest-run.ts";

const yaml = (rest = "") => `
version: 1
name: opd
facility: { id: ddu, name: Test Hospital }
source: { type: csv, at: "*.csv" }
fields: { mrn: MRN, name: Name }
${rest}`;
const rows = (count: number, from = 0) =>
  `MRN,Name\n${Array.from({ length: count }, (_, index) => `${from + index},Person ${from + index}`).join("\n")}\n`;

async function aStore() {
  const { database, reader } = await withDatabase();
  return { database, reader, feed: aFeed(database) };
}

describe("max_drop", () => {
  test("keeps out a file far smaller than recent ones of its name, and lets others load", async () => {
    const { feed, reader } = await aStore();
    const pipeline = feed.pipeline(yaml("gate: { max_drop: 30% }"));
    for (const [day, count] of [10, 9, 100, 10].entries()) {
      feed.write(`opd-${day}.csv`, rows(count, day * 1000));
      expect((await feed.run(pipeline)).status).toBe("succeeded");
    }
    feed.write("opd-4.csv", rows(6, 4000));
    feed.write("ward-4.csv", rows(1, 5000));

    const run = await feed.run(pipeline);

    expect(run).toMatchObject({ status: "gated", read: 1, loaded: 1 });
    expect(run.error).toMatchObject({ code: "HIMS_GATE_DROP", kind: "gate" });
    expect(run.error?.hint).toContain("--max-drop 40 would pass");
    expect(await reader.rows("select 1 from source_file where name = 'opd-4.csv'")).toEqual([]);
    expect((await feed.run(pipeline, { maxDrop: 40 })).status).toBe("succeeded");
  });

  test("has nothing to say of a first file, nor of a known one read in full", async () => {
    const { feed } = await aStore();
    const pipeline = feed.pipeline(yaml("gate: { max_drop: 0, min_rows: 1 }"));
    feed.write("opd-1.csv", rows(3));
    expect((await feed.run(pipeline)).status).toBe("succeeded");
    feed.write("opd-2.csv", rows(5));
    expect((await feed.run(pipeline)).status).toBe("succeeded");
    expect((await feed.run(pipeline, { full: true })).status).toBe("unchanged");
  });
});

test("min_rows keeps out an export that broke off, and its hint passes", async () => {
  const { feed } = await aStore();
  const pipeline = feed.pipeline(yaml("gate: { min_rows: 5 }"));
  feed.write("a.csv", rows(4));
  const run = await feed.run(pipeline);
  expect(run.error).toMatchObject({ code: "HIMS_GATE_ROWS", kind: "gate" });
  expect(await feed.run(pipeline, { minRows: 4 })).toMatchObject({
    status: "succeeded",
    loaded: 4,
  });
});

test("a contract refuses another layout before a row is read, and warns where it is told to", async () => {
  const { feed, reader } = await aStore();
  const contract = "expect: { columns: [MRN, Name, Ward], extra: warn }";
  feed.write("a.csv", "MRN,Name,Bed\n1,Ram,7\n");
  const refused = await feed.run(feed.pipeline(yaml(contract)));
  expect(refused).toMatchObject({ status: "gated", read: 0 });
  expect(refused.error?.message).toContain('"Ward" may now be called "Bed"');
  expect(await reader.rows("select 1 from source_file")).toEqual([]);

  const lenient = contract.replace("extra: warn", "extra: warn, missing: warn");
  const warned = await feed.run(feed.pipeline(yaml(lenient)));
  expect(warned).toMatchObject({
    status: "succeeded",
    warnings: { "layout_missing:Ward": 1, "layout_extra:Bed": 1 },
  });
});

describe("the ledger of lines", () => {
  const content =
    'Report\n\nMRN,Name\n1,"Ram\nKumar"\n\nMRN,Name\n,Nobody\n3,"Sita\n4,Gita,x\nTotal 4';

  test("adds up in the store, the report and the metrics", async () => {
    const { feed, reader } = await aStore();
    feed.write("a.csv", content);
    feed.write("b.csv", rows(2, 100));
    const run = await feed.run(feed.pipeline(yaml()));
    const [a] = await listFilesOfRun(reader, run.id);
    expect(a).toMatchObject({
      lines: 11,
      headerLines: 1,
      layoutLines: [1, 7, 11],
      blankLines: 2,
      recordLines: 5,
    });

    const numbers = (await readOperationNumbers(reader)).pipelines.find(
      ({ pipeline }) => pipeline === "opd",
    );

    expect(numbers).toMatchObject({
      read: 6,
      loaded: 3,
      unchanged: 0,
      quarantined: 3,
      lines: { header: 2, layout: 3, blank: 2, record: 7 },
      runs: { succeeded: 1 },
    });
    const [sum] = await reader.rows<{ lines: number }>(
      "select sum(lines)::int as lines from source_file",
    );
    const counted = Object.values(numbers?.lines ?? {}).reduce((total, lines) => total + lines, 0);
    expect(counted).toBe(sum?.lines);
  });

  test("is held to by the database: a line that went nowhere is refused", async () => {
    const { feed, database } = await aStore();
    feed.write("a.csv", content);
    await feed.run(feed.pipeline(yaml()));
    await expect(
      database.writer.rows("update source_file set blank_lines = blank_lines + 1"),
    ).rejects.toMatchObject({ constraint: "every_line_is_accounted_for" });
  });

  test("leaves dry runs and gated files out", async () => {
    const { feed, reader } = await aStore();
    feed.write("a.csv", content);
    await feed.run(feed.pipeline(yaml()), { dryRun: true });
    await feed.run(feed.pipeline(yaml()), { maxQuarantine: 1 });
    const [numbers] = (await readOperationNumbers(reader)).pipelines;
    expect(numbers).toMatchObject({
      read: 0,
      lines: { header: 0, layout: 0, blank: 0, record: 0 },
      runs: { gated: 1 },
      // An alarm on the last success must not be put off by who only tried.
      lastSuccess: null,
    });
  });
});
