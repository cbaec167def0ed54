/** Runs taken back on which replays of quarantined records hang: what stood for a record that never waited was never said. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exportQuarantine } from "../../src/pipelines/export-quarantine.ts";
import { ingest } from "../../src/pipelines/ingest.ts";
import { linkPersons } from "../../src/pipelines/link.ts";
import { replayQuarantine } from "../../src/pipelines/replay-quarantine.ts";
import { undoRun } from "../../src/pipelines/undo-run.ts";
import { withDatabase } from "../support/database.ts";
import { everyDefault } from "../support/ingest-context.ts";
import { aFeed, contentOf } from "../support/ingest-run.ts";

const yaml = (values = "{}") => `version: 1
name: opd
facility: { id: ddu, name: Test Hospital, authorities: [DDU] }
source: { type: csv, at: "../*.csv" }
fields: { mrn: MRN, name: Name, sex: { column: Sex, values: ${values} }, birthDate: DOB }
`;
const knowing = yaml("{ MC: male }");
const header = "MRN,Name,Sex,DOB\n";
const broken = "7,Ram Lal,M,31/31/1985\n";
const mended = "7,Ram Lal,M,31/12/1985\n";

async function aWard() {
  const { database } = await withDatabase();
  const feed = aFeed(database);
  feed.write("pipelines/opd.yaml", yaml());
  let exports = 0;
  const ward = {
    feed,
    content: () => contentOf(database),
    link: () => linkPersons(feed.context),
    async load(content: string, as = yaml()) {
      feed.write("file", header + content);
      const file = join(feed.folder, "file");
      const run = await ingest(feed.pipeline(as), { ...everyDefault, file }, feed.context);
      if (run.error !== null) throw run.error;
      return run.id;
    },
    /** Gives everything that waits to a clerk, who writes `to` for `from`. */
    async clerk(from: string | RegExp, to: string) {
      exports += 1;
      const out = join(feed.folder, `mend-${exports}.txt`);
      await exportQuarantine({ pipeline: "opd", run: null, out }, feed.context);
      writeFileSync(out, readFileSync(out, "utf8").replace(from, to));
      return await ward.replay(out);
    },
    async replay(file: string | null) {
      const request = { file, pipeline: "opd", id: null, dryRun: false };
      const { report } = await replayQuarantine(request, feed.context);
      return { ...report, run: report.runs[0]?.id ?? "" };
    },
    undo: (run: string) => undoRun(run, { dryRun: false, actor: "test" }, feed.context),
  };
  return ward;
}

type Ward = Awaited<ReturnType<typeof aWard>>;

async function contentAfter(live: (ward: Ward) => Promise<unknown>) {
  const ward = await aWard();
  await live(ward);
  await ward.link();
  return await ward.content();
}

describe("undoing a run whose record a clerk has mended", () => {
  test("takes the mended record with it", async () => {
    const ward = await aWard();
    await ward.load("1,Sita Devi,F,05/02/1985\n");
    const run = await ward.load(broken);
    expect((await ward.clerk("31/31", "31/12")).cleared).toBe(1);

    await ward.undo(run);

    const want = await contentAfter((other) => other.load("1,Sita Devi,F,05/02/1985\n"));
    expect(await ward.content()).toEqual(want);
  });

  test("keeps it where an earlier run had brought the same row", async () => {
    const live = async (ward: Ward) => {
      await ward.load(`${broken}1,Sita Devi,F,05/02/1985\n`);
      const run = await ward.load(`${broken}2,Asha Rani,F,05/02/1985\n`);
      await ward.clerk("31/31", "31/12");
      return run;
    };
    const ward = await aWard();
    await ward.undo(await live(ward));

    const want = await contentAfter(async (other) => {
      await other.load(`${broken}1,Sita Devi,F,05/02/1985\n`);
      await other.clerk("31/31", "31/12");
    });
    expect(await ward.content()).toEqual(want);
  });

  test("takes a record that the clerk gave another number, and has a later file say it again", async () => {
    const ward = await aWard();
    const run = await ward.load(broken);
    await ward.clerk("7,Ram Lal,M,'31/31/1985", "8,Ram Lal,M,31/12/1985");
    const later = "8,Ram Lal,F,31/12/1985\n";
    await ward.load(later);

    await ward.undo(run);

    const want = await contentAfter((other) => other.load(later));
    expect(await ward.content()).toEqual(want);
  });

  test("has the row wait where a later file brings it, which the clerk had kept off the list", async () => {
    const ward = await aWard();
    const run = await ward.load(broken);
    await ward.clerk("31/31", "31/12");
    const later = `${broken}2,Asha Rani,F,05/02/1985\n`;
    await ward.load(later);

    await ward.undo(run);

    const want = await contentAfter((other) => other.load(later));
    expect(await ward.content()).toEqual(want);
  });
});

test("a run before the mended row goes, and the row is judged without it", async () => {
  const earlier = "7,Ram Lal,F,31/12/1985\n";
  const ward = await aWard();
  const run = await ward.load(earlier);
  await ward.load(`${broken}`);
  await ward.clerk("31/31", "31/12");

  await ward.undo(run);

  const want = await contentAfter(async (other) => {
    await other.load(broken);
    await other.clerk("31/31", "31/12");
  });
  expect(await ward.content()).toEqual(want);
});

test("an item that only the run had closed is open, and a row that was mended after it is as it was", async () => {
  const ward = await aWard();
  await ward.load(`${broken}9,Gita Rani,F,32/01/1990\n`);
  const run = await ward.load(mended);
  await ward.clerk("32/01", "31/01");

  await ward.undo(run);

  const want = await contentAfter(async (other) => {
    await other.load(`${broken}9,Gita Rani,F,32/01/1990\n`);
    await other.clerk("32/01", "31/01");
  });
  expect(await ward.content()).toEqual(want);
});

test("archived rows that loaded under a better map go with their run", async () => {
  const ward = await aWard();
  const run = await ward.load("3,Ram Lal,MC,05/02/1985\n");
  ward.feed.write("pipelines/opd.yaml", knowing);
  expect((await ward.replay(null)).cleared).toBe(1);

  await ward.undo(run);

  expect(await ward.content()).toEqual(await contentAfter(async () => undefined));
});

test("an archived row that a clerk had given first is not guessed at: the replay in between names it", async () => {
  const ward = await aWard();
  await ward.load("3,Ram Lal,MC,31/31/1985\n");
  const clerk = await ward.clerk("31/31", "31/12");
  expect(clerk.stillOpen).toBe(1);
  ward.feed.write("pipelines/opd.yaml", knowing);
  const again = await ward.replay(null);
  expect(again.cleared).toBe(1);
  const before = await ward.content();

  const refusal = { code: "HIMS_UNDO_REPLAYED", hint: expect.stringContaining(again.run) };
  await expect(ward.undo(clerk.run)).rejects.toMatchObject(refusal);
  expect(await ward.content()).toEqual(before);

  await ward.undo(again.run);
  await ward.undo(clerk.run);
  const want = await contentAfter((other) => other.load("3,Ram Lal,MC,31/31/1985\n"));
  expect(await ward.content()).toEqual(want);
});
