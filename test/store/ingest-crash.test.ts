/** A run that dies in mid-file leaves nothing, and its re-run gives what an undisturbed one gives. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { Database, type StoreAddress } from "../../src/store/database.ts";
import { listRuns } from "../../src/store/runs.ts";
import { type TestDatabase, withDatabase } from "../support/database.ts";
import { aFeed, contentOf, type TestFeed } from "../support/ingest-run.ts";

const yaml = `
version: 1
name: opd
facility: { id: ddu, name: Test Hospital }
source: { type: csv, at: a.csv }
fields: { mrn: MRN, name: Name, addressLine: Address }
`;
/** More than two reads of 1 MiB, with keys that come twice and rows that are refused. */
const content = `MRN,Name,Address\n${Array.from({ length: 16_000 }, (_, index) =>
  index % 500 === 0 ? ",Nobody,x" : `${index % 15_000},Person ${index},${"Main Road ".repeat(16)}`,
).join("\n")}\n`;

async function undisturbed() {
  const { database } = await withDatabase();
  const feed = aFeed(database);
  feed.write("a.csv", content);
  await feed.run(feed.pipeline(yaml));
  return contentOf(database);
}

async function expectNothingKept({ reader }: TestDatabase): Promise<void> {
  const [row] =
    await reader.rows(`select (select count(*) from patient_record)::int as records, (select count(*) from raw_chunk)::int as chunks,
    (select count(*) from quarantine)::int as rejects, (select count(*) from source_file)::int as files`);
  expect(row).toEqual({ records: 0, chunks: 0, rejects: 0, files: 0 });
}

async function expectRerunGives(feed: TestFeed, content: object): Promise<void> {
  const again = await feed.run(feed.pipeline(yaml));
  expect([again.status, again.read, again.quarantined]).toEqual(["succeeded", 16_000, 32]);
  expect(await contentOf(feed.context.database)).toEqual(content);
}

test("kill -9 in mid-file leaves nothing, and the run is told to have died", async () => {
  const store = await withDatabase();
  const feed = aFeed(store.database);
  feed.write("a.csv", content);
  const task = JSON.stringify({ address: store.address, folder: feed.folder, yaml });
  const script = join(import.meta.dirname, "../support/ingest-process.ts");
  const child = spawn(process.execPath, [script, task], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), exited]);
  child.kill("SIGKILL");
  const [, signal] = await exited;
  expect(signal).toBe("SIGKILL");
  await lockIsFree(store);
  await expectNothingKept(store);
  await expectRerunGives(feed, await undisturbed());
  const runs = await listRuns(store.reader, { pipeline: "opd", limit: 9 });
  expect(runs.map(({ status, loaded }) => [status, loaded > 0]).sort()).toEqual([
    ["failed", false],
    ["succeeded", true],
  ]);
});

/** The server notices that the process is gone when its connection closes. */
async function lockIsFree({ reader }: TestDatabase): Promise<void> {
  await expect
    .poll(
      () =>
        reader.rows(
          "select 1 from pg_locks l join pg_database d on d.oid = l.database where d.datname = current_database() and l.locktype = 'advisory'",
        ),
      { timeout: 10_000 },
    )
    .toEqual([]);
}

test("a lost connection ends the run with a hint, and the next one loads everything", async () => {
  const store = await withDatabase();
  const victim = await Database.connect(store.address);
  const feed = aFeed(victim);
  feed.write("a.csv", content);
  let reports = 0;
  Object.assign(feed.context, {
    progress: {
      report() {
        reports += 1;
        if (reports === 1) void terminate(store.address, victim);
      },
      finish: () => undefined,
    },
  });
  const lost = await feed.run(feed.pipeline(yaml));
  expect([lost.status, lost.error?.code]).toEqual(["failed", "HIMS_DATABASE_UNREACHABLE"]);
  await expectNothingKept(store);
  const next = aFeed(store.database);
  next.write("a.csv", content);
  await expectRerunGives(next, await undisturbed());
});

async function terminate(address: StoreAddress, victim: Database): Promise<void> {
  if (address.kind !== "embedded") throw new Error("tests run on a socket");
  const client = new pg.Client({
    host: address.socketDirectory,
    user: "hims_super",
    database: "postgres",
  });
  await client.connect();
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = 'hims_writer' and state <> 'idle'`,
    [address.database],
  );
  await client.end();
  await victim[Symbol.asyncDispose]().catch(() => undefined);
}
