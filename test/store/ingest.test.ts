/** The way of a row into a real store: what is kept, what changes nothing, and what leaves no trace. */
import { randomUUID } from "node:crypto";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FacilityId, RunId, SourceFileId } from "../../src/platform/ids.ts";
import type { Database } from "../../src/store/database.ts";
import { listQuarantine } from "../../src/store/quarantine.ts";
import { openChunk, unwrapFileKey } from "../../src/store/raw-archive.ts";
import { advanceRun, assertBalanced, endRun, listRuns, openRun } from "../../src/store/runs.ts";
import { withDatabase } from "../support/database.ts";
import { fileTime, testStoreKey } from "../support/ingest-context.ts";
import { aFeed, contentOf, type TestFeed } from "../support/ingest-run.ts";

const csvPipeline = (rest = "") => `
version: 1
name: opd
facility: { id: ddu, name: Test Hospital, authorities: [DDU] }
source: { type: csv, at: "*.csv" }
fields: { mrn: MRN, name: Name, sex: Sex, birthDate: DOB, phone: Phone }
${rest}`;
const header = "MRN,Name,Sex,DOB,Phone\n";
const three =
  "1,Ram,M,01/02/1985,9811122231\n2,Sita,F,01/02/1986,9811122232\n3,Gita,F,01/02/1987,9811122233\n";

interface Setup {
  readonly database: Database;
  readonly feed: TestFeed;
}

async function aStore(content: string): Promise<Setup> {
  const { database } = await withDatabase();
  const feed = aFeed(database);
  feed.write("a.csv", content);
  return { database, feed };
}

const counts = ({
  status,
  read,
  loaded,
  unchanged,
  quarantined,
}: Awaited<ReturnType<TestFeed["run"]>>) => [status, read, loaded, unchanged, quarantined] as const;

async function countOf(database: Database, table: string): Promise<number> {
  const [row] = await database.writer.rows<{ number: number }>(
    `select count(*)::int as number from ${table}`,
  );
  return row?.number ?? 0;
}

/** Staging tables that hold rows. */
async function leftovers(database: Database): Promise<readonly string[]> {
  const tables = await database.writer.rows<{ name: string }>(
    "select oid::regclass::text as name from pg_class where relpersistence in ('t', 'u') and relkind = 'r'",
  );
  const filled: string[] = [];
  for (const { name } of tables) if ((await countOf(database, name)) > 0) filled.push(name);
  return filled;
}

describe("the same content again", () => {
  test("a known file is unchanged and not even read", async () => {
    const { feed } = await aStore(header + three);
    expect(counts(await feed.run(feed.pipeline(csvPipeline())))).toEqual(["succeeded", 3, 3, 0, 0]);
    expect(counts(await feed.run(feed.pipeline(csvPipeline())))).toEqual(["unchanged", 0, 0, 0, 0]);
  });

  test("under another name it is stale", async () => {
    const { feed } = await aStore(header + three);
    const pipeline = feed.pipeline(csvPipeline());
    await feed.run(pipeline);
    feed.remove("a.csv");
    feed.write("b.csv", header + three);
    expect(counts(await feed.run(pipeline))).toEqual(["stale", 0, 0, 0, 0]);
  });

  test("--full reads it, finds every row unchanged and leaves the store as it was", async () => {
    const { database, feed } = await aStore(
      `${header}${three}1,Ram Lal,M,01/02/1985,\n4,Bad,X,,\n`,
    );
    const pipeline = feed.pipeline(csvPipeline());
    expect(counts(await feed.run(pipeline))).toEqual(["succeeded", 5, 4, 0, 1]);
    const before = await contentOf(database);
    expect(counts(await feed.run(pipeline, { full: true }))).toEqual(["unchanged", 5, 0, 4, 1]);
    expect(await contentOf(database)).toEqual(before);
    expect(await countOf(database, "source_file where not is_repeat")).toBe(1);
    expect(await countOf(database, "raw_chunk")).toBe(1);
  });

  test("a changed line end makes another file of the same rows", async () => {
    const { database, feed } = await aStore(header + three);
    const pipeline = feed.pipeline(csvPipeline());
    await feed.run(pipeline);
    const before = await contentOf(database);
    feed.write("b.csv", (header + three).replaceAll("\n", "\r\n"));
    expect(counts(await feed.run(pipeline, { file: `${feed.folder}/b.csv` }))).toEqual([
      "unchanged",
      3,
      0,
      3,
      0,
    ]);
    expect(await contentOf(database)).toEqual(before);
  });

  test("a changed field map makes its rows change", async () => {
    const { database, feed } = await aStore(header + three);
    await feed.run(feed.pipeline(csvPipeline()));
    const remapped = feed.pipeline(csvPipeline().replace(", phone: Phone", ""));
    expect(counts(await feed.run(remapped, { full: true }))).toEqual(["succeeded", 3, 3, 0, 0]);
    expect(await countOf(database, "patient_record_version")).toBe(3);
  });
});

describe("a new export", () => {
  test("one changed line changes one record and keeps its old version", async () => {
    const { database, feed } = await aStore(header + three);
    const pipeline = feed.pipeline(csvPipeline());
    const first = await feed.run(pipeline);
    feed.write("b.csv", header + three.replace("Sita", "Sita Devi"));
    const second = await feed.run(pipeline);
    expect(counts(second)).toEqual(["succeeded", 3, 1, 2, 0]);
    const versions = await database.writer.rows(
      `select id_value, version, name, run_id, ended_run, reason from patient_record_version`,
    );
    expect(versions).toEqual([
      {
        id_value: "2",
        version: 1,
        name: "Sita",
        run_id: first.id,
        ended_run: second.id,
        reason: "superseded",
      },
    ]);
    const [current] = await database.writer.rows(
      "select version, name, run_id, line from patient_record where id_value = '2'",
    );
    expect(current).toEqual({ version: 2, name: "Sita Devi", run_id: second.id, line: 3n });
  });

  test("a dry run counts the same and keeps nothing", async () => {
    const { database, feed } = await aStore(`${header}${three}4,Bad,X,,\n`);
    const pipeline = feed.pipeline(csvPipeline());
    const tried = await feed.run(pipeline, { dryRun: true });
    expect(await countOf(database, "patient_record")).toBe(0);
    expect(await countOf(database, "raw_chunk")).toBe(0);
    expect(await countOf(database, "quarantine")).toBe(0);
    expect(counts(await feed.run(pipeline))).toEqual(counts(tried));
  });

  test("a bad row that comes back mended closes its item; a later row with its key supersedes it", async () => {
    const { database, feed } = await aStore(`${header}1,Ram,X,,\n2,Sita,F,31/02/1986,\n`);
    const pipeline = feed.pipeline(csvPipeline());
    await feed.run(pipeline);
    feed.write("b.csv", `${header}1,Ram,M,,\n2,Sita,F,31/02/1986,\n`);
    await feed.run(pipeline);
    const states = () =>
      database.writer.rows("select line::int, state from quarantine order by quarantine_id");
    expect(await states()).toEqual([
      { line: 2, state: "superseded" },
      { line: 3, state: "open" },
    ]);
    const ignoring = csvPipeline().replace(
      "birthDate: DOB",
      "birthDate: { column: DOB, bad: ignore }",
    );
    await feed.run(feed.pipeline(ignoring), { full: true });
    expect(await states()).toContainEqual({ line: 3, state: "closed" });
    const open = await listQuarantine(database.writer, { pipeline: "opd", run: null, limit: 9 });
    expect(open.total).toBe(0);
  });

  test("a row refused again counts again and waits once", async () => {
    const { database, feed } = await aStore(`${header}1,Ram,X,,\n`);
    const pipeline = feed.pipeline(csvPipeline());
    await feed.run(pipeline);
    feed.write("b.csv", `${header}1,Ram,X,,\n2,Sita,F,,\n`);
    expect((await feed.run(pipeline)).quarantined).toBe(1);
    expect(await countOf(database, "quarantine")).toBe(1);
  });
});

describe("what stops a file", () => {
  test("a tripped gate commits nothing of it and says what would pass", async () => {
    const { database, feed } = await aStore(`${header}${three}4,Bad,X,,\n`);
    const result = await feed.run(feed.pipeline(csvPipeline("gate: { max_quarantine: 10% }")));
    expect([result.status, result.error?.code]).toEqual(["gated", "HIMS_GATE_QUARANTINE"]);
    expect(result.error?.hint).toContain("--max-quarantine 25");
    for (const table of ["patient_record", "source_file", "raw_chunk", "quarantine"])
      expect(await countOf(database, table)).toBe(0);
    expect(counts(await feed.run(feed.pipeline(csvPipeline()), { maxQuarantine: 25 }))[0]).toBe(
      "succeeded",
    );
  });

  test("an interrupt rolls the file back; files before it stay", async () => {
    const stop = new AbortController();
    const { database } = await withDatabase();
    const feed = aFeed(database, stop.signal);
    feed.write("a.csv", header + three);
    feed.write("b.csv", header + three.replaceAll("9811", "9911"));
    const context = {
      ...feed.context,
      progress: {
        report: ({ stage }: { stage: string }) => {
          if (stage.endsWith("b.csv")) stop.abort();
        },
        finish: () => undefined,
      },
    };
    Object.assign(feed.context, context);
    const result = await feed.run(feed.pipeline(csvPipeline()));
    expect([result.status, result.error?.code, result.loaded]).toEqual([
      "cancelled",
      "HIMS_INTERRUPTED",
      3,
    ]);
    expect(await countOf(database, "source_file")).toBe(1);
    expect(await countOf(database, "patient_record_version")).toBe(0);
    expect(await leftovers(database)).toEqual([]);
  });

  test("a column of Aadhaar numbers mapped as the patient number is refused whole", async () => {
    const numbers = [
      "234567890124",
      "345678901237",
      "456789012346",
      "567890123451",
      "678901234562",
      "789012345673",
    ];
    const { isVerhoeffValid } = await import("../../src/records/aadhaar.ts");
    const rows = numbers.map((number) => {
      const start = number.slice(0, 11);
      const check = [..."0123456789"].find((digit) => isVerhoeffValid(start + digit)) ?? "";
      return `${start}${check},Ram,M,,`;
    });
    const { database, feed } = await aStore(`${header}${rows.join("\n")}\n`);
    const result = await feed.run(feed.pipeline(csvPipeline()));
    expect(result.error?.code).toBe("HIMS_AADHAAR_COLUMN");
    expect(JSON.stringify([result.error, feed.logged])).not.toMatch(/\d{11}/);
    expect(await countOf(database, "raw_chunk")).toBe(0);
  });
});

describe("runs", () => {
  const start = (pipeline: string, slot = "s1") => ({
    runId: randomUUID() as unknown as RunId,
    pipeline,
    kind: "ingest" as const,
    facilityId: "ddu" as FacilityId,
    slot,
    worker: "test:2",
    startedAt: fileTime,
  });
  const outcome = {
    read: 1,
    loaded: 1,
    unchanged: 0,
    quarantined: 0,
    layoutLines: 0,
    landedOnly: {},
    warnings: {},
    watermark: {},
  };

  test("two of one pipeline at once: the second is told who holds it", async () => {
    const { address, database } = await withDatabase();
    const { Database: Store } = await import("../../src/store/database.ts");
    await using other = await Store.connect(address);
    const run = await openRun(database, start("opd"));
    await expect(openRun(other, start("opd", "s2"))).rejects.toMatchObject({
      code: "HIMS_RUN_LOCKED",
      message: expect.stringContaining(run.runId),
    });
    await openRun(other, start("lab"));
    await endRun(database, run, { status: "succeeded", endedAt: fileTime, detail: {} });
    await openRun(other, start("opd", "s2"));
  });

  test("a worker thought dead cannot commit any more", async () => {
    const { address, database } = await withDatabase();
    const { Database: Store } = await import("../../src/store/database.ts");
    const zombie = await openRun(database, start("opd"));
    await database.writer.rows("select pg_advisory_unlock_all()");
    await using other = await Store.connect(address);
    await openRun(other, start("opd"));
    await expect(
      database.transaction((tx) => advanceRun(tx, zombie, outcome)),
    ).rejects.toMatchObject({ code: "HIMS_RUN_FENCED" });
    await endRun(database, zombie, { status: "succeeded", endedAt: fileTime, detail: {} });
    const [run] = await listRuns(database.writer, { pipeline: "opd", limit: 5 });
    expect([run?.status, run?.attempt, run?.read]).toEqual(["running", 2, 0]);
  });

  test("a ledger that does not balance is refused by the code and by the database", async () => {
    const { database } = await withDatabase();
    expect(() => assertBalanced({ read: 2, loaded: 1, unchanged: 0, quarantined: 0 })).toThrow(
      /out of balance/,
    );
    await openRun(database, start("opd"));
    await expect(
      database.writer.rows("update pipeline_run set read = read + 1"),
    ).rejects.toMatchObject({ code: "23514" });
  });
});

describe("the archive", () => {
  test("chunks opened again are the file as read, Aadhaar masked, and open for no other file or key", async () => {
    const remark = "234567890124";
    const { isVerhoeffValid } = await import("../../src/records/aadhaar.ts");
    const aadhaar =
      [...Array(10).keys()].map((digit) => remark.slice(0, 11) + digit).find(isVerhoeffValid) ?? "";
    const content = `${header.trimEnd()},Remark\n1,Ram,M,01/02/1985,9811122231,${aadhaar}\n"broken ${aadhaar}\n`;
    const { database, feed } = await aStore(content);
    await feed.run(feed.pipeline(csvPipeline()));
    const [file] = await database.writer.rows<{ file_id: SourceFileId; data_key: Buffer }>(
      "select file_id, data_key from source_file",
    );
    if (file === undefined) throw new Error("no file was kept");
    const chunks = await database.writer.rows<{ seq: number; bytes: Buffer }>(
      "select seq, bytes from raw_chunk order by seq",
    );
    const key = unwrapFileKey(file.data_key, testStoreKey, file.file_id);
    const opened = Buffer.concat(
      chunks.map(({ seq, bytes }) => openChunk(bytes, key, file.file_id, seq)),
    );
    expect(opened.toString()).toBe(content.replaceAll(aadhaar, "XXXXXXXXXXXX"));
    const [chunk] = chunks;
    if (chunk === undefined) throw new Error("no chunk was kept");
    expect(() => openChunk(chunk.bytes, key, randomUUID() as SourceFileId, 0)).toThrow();
    expect(() => openChunk(chunk.bytes, key, file.file_id, 1)).toThrow();
    expect(() => openChunk(chunk.bytes, testStoreKey.bytes, file.file_id, 0)).toThrow();
    expect(chunk.bytes.includes("Ram")).toBe(false);
  });
});

test("a file that is refused does not keep the next one from loading, and is the run's error", async () => {
  const { database, reader } = await withDatabase();
  const feed = aFeed(database);
  const pipeline = feed.pipeline(`
version: 1
name: folder
facility: { id: FOLDER, name: Folder }
source: { type: csv, at: ./inbox }
fields: { mrn: No, name: Name }
`);
  feed.write("inbox/1-broken.csv", "Something,Else\n1,2\n");
  feed.write("inbox/2-good.csv", "No,Name\n7,Asha Rani\n");

  for (const dryRun of [true, false]) {
    const result = await feed.run(pipeline, { dryRun });
    expect(result).toMatchObject({ status: "failed", read: 1, loaded: 1, files: 2 });
    expect(result.error).toMatchObject({
      code: "HIMS_SOURCE_HEADER",
      at: { file: "1-broken.csv" },
    });
  }
  const records = await reader.rows<{ id_value: string }>("select id_value from patient_record");
  expect(records.map(({ id_value }) => id_value)).toEqual(["7"]);
});

test("a link that leads out of the source folder is refused, and one inside it is read", async () => {
  const { database } = await withDatabase();
  const feed = aFeed(database);
  const pipeline = feed.pipeline(`
version: 1
name: links
facility: { id: LINKS, name: Links }
source: { type: csv, at: ./inbox }
fields: { mrn: No, name: Name }
`);
  feed.write("secret/other.csv", "No,Name\n9,Somebody Else\n");
  feed.write("inbox/own.csv", "No,Name\n7,Asha Rani\n");
  symlinkSync(join(feed.folder, "secret", "other.csv"), join(feed.folder, "inbox", "out.csv"));
  symlinkSync(join(feed.folder, "nowhere.csv"), join(feed.folder, "inbox", "gone.csv"));

  const result = await feed.run(pipeline);

  expect(result).toMatchObject({
    status: "failed",
    loaded: 1,
    refusedFiles: [{ file: "out.csv", code: "HIMS_SOURCE_LINK" }],
  });
  const named = await feed.run(pipeline, { file: join(feed.folder, "inbox", "out.csv") });
  expect(named).toMatchObject({ status: "succeeded", loaded: 1 });
});
