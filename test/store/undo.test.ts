/** Taking runs back, one consequence at a time; test/store/undo-property.test.ts tries them all together. */
import { describe, expect, test } from "vitest";
import { linkPersons } from "../../src/pipelines/link.ts";
import { newRunId } from "../../src/pipelines/run-context.ts";
import { undoRun } from "../../src/pipelines/undo-run.ts";
import { HimsError } from "../../src/platform/errors.ts";
import { Database } from "../../src/store/database.ts";
import { openRun } from "../../src/store/runs.ts";
import { withDatabase } from "../support/database.ts";
import { contentOf } from "../support/ingest-run.ts";
import {
  aHistoryStore,
  type HistoryStore,
  issueTestCards,
  type PipelineKey,
} from "../support/undo-history.ts";

const header = "MRN,Name,Sex,DOB,Phone,Seen\n";
const ram = "1,Ram Lal,M,05/02/1985,9811122231,\n";
const sita = "2,Sita Devi,F,06/02/1986,9811122232,\n";
const broken = "3,Ram Lal,M,31/31/1985,,\n";

async function aStore() {
  const { database, address } = await withDatabase();
  const store = aHistoryStore(database);
  const one = async <T extends object>(sql: string): Promise<T | undefined> =>
    (await database.writer.rows<T>(sql))[0];
  return { database, address, store, one };
}

async function load(
  store: HistoryStore,
  content: string,
  given: { full?: boolean; pipeline?: PipelineKey } = {},
) {
  const { full = false, pipeline = "opd" } = given;
  const result = await store.run({ kind: "run", pipeline, content, full });
  if (result.error !== null) throw result.error;
  await linkPersons(store.context);
  return result;
}

const undo = (store: HistoryStore, runId: string, dryRun = false) =>
  undoRun(runId, { dryRun, actor: "test" }, store.context);

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof HimsError ? `${error.kind} ${error.code}` : String(error);
  }
  return "done";
}

describe("files", () => {
  test("a record that a later file said as well is that file's now", async () => {
    const { store, one } = await aStore();
    const first = await load(store, header + ram);
    const later = await load(store, `${header}${ram}${sita}`);

    const { records } = await undo(store, first.id);

    expect(records).toEqual({ removed: 0, restored: 0, rejudged: 1 });
    const record = await one<{ run_id: string }>(
      "select run_id from patient_record where id_value = '1'",
    );
    expect(record?.run_id).toBe(later.id);
  });

  test("a file that was only skipped as known is forgotten, and read by the next run", async () => {
    const { store } = await aStore();
    const first = await load(store, header + ram);
    expect((await load(store, header + ram)).read).toBe(0);

    await undo(store, first.id);

    expect((await load(store, header + ram)).loaded).toBe(1);
  });

  test("a file that a later run read in full stays loaded, by that run", async () => {
    const { database, store } = await aStore();
    const first = await load(store, header + ram);
    const before = await contentOf(database);
    await load(store, header + ram, { full: true });

    await undo(store, first.id);

    expect(await contentOf(database)).toEqual(before);
    expect((await load(store, header + ram)).read).toBe(0);
  });

  test("a file read before field maps were kept is not guessed at: nothing is undone", async () => {
    const { database, store } = await aStore();
    const first = await load(store, header + ram);
    await load(store, `${header}${ram}${sita}`);
    await database.writer.rows("update source_file set plan_hash = null");
    const before = await contentOf(database);

    expect(await codeOf(undo(store, first.id))).toBe("usage HIMS_ARCHIVE_PLAN");
    expect(await contentOf(database)).toEqual(before);
  });
});

describe("the quarantine", () => {
  test("loses the items of the run, but for those that a later file opens again, under their number", async () => {
    const { store, one } = await aStore();
    const first = await load(store, header + broken);
    await load(store, `${header}${broken}${ram}`);

    expect((await undo(store, first.id)).quarantine).toEqual({ removed: 0, reopened: 0 });
    const item = () => one<{ id: bigint }>("select quarantine_id as id from quarantine");
    const { id: kept } = (await item()) ?? {};
    const later = await load(store, `${header}${sita}`);
    await undo(store, later.id);

    expect((await item())?.id).toBe(kept);
  });

  test("has an item open again that only the run had superseded", async () => {
    const { store } = await aStore();
    await load(store, header + broken);
    const mended = await load(store, `${header}3,Ram Lal,M,05/02/1985,,\n`);

    expect((await undo(store, mended.id)).quarantine).toEqual({ removed: 0, reopened: 1 });
  });
});

describe("people", () => {
  const merge = [
    "MSH|^~\\&|HIS|ddu|||20260301100000||ADT^A40|1|P|2.5",
    "PID|1||1^^^ddu^MR||Lal^Ram||19850205|M",
    "MRG|2^^^ddu^MR",
    "",
  ].join("\r");

  test("whom the run had merged come apart, each with the card and health ID of before", async () => {
    const { database, store } = await aStore();
    await load(store, `${header}${ram}${sita}`);
    const [, second] = await issueTestCards(store.context, newRunId(store.context.clock));
    const ids = "select health_id, person_id, state from health_id order by 1";
    const healthIds = await database.writer.rows(ids);
    const before = await contentOf(database);
    const run = await load(store, merge, { pipeline: "adt" });

    const result = await undo(store, run.id);

    expect(result.persons).toMatchObject({ revived: 1, retired: 0, created: 0 });
    expect(result.cards).toMatchObject({ revoked: [], reactivated: [second] });
    expect(result.decisions.revoked).toBe(1);
    expect(await contentOf(database)).toEqual(before);
    expect(await database.writer.rows(ids)).toEqual(healthIds);
  });

  test("without a record left retire: their cards are revoked and, if printed, listed; their health IDs never come back", async () => {
    const { store, one } = await aStore();
    const run = await load(store, header + ram);
    const serials = await issueTestCards(store.context, newRunId(store.context.clock));

    const result = await undo(store, run.id);

    expect(result.cards).toMatchObject({ revoked: serials, printed: serials });
    await load(store, header + ram);
    expect(
      await one(
        "select count(*) filter (where state = 'retired')::int as retired, count(*) filter (where state = 'current')::int as current from health_id",
      ),
    ).toEqual({ retired: 1, current: 1 });
  });

  test("what a human decided of records that are gone sleeps until they are back", async () => {
    const { database, store, one } = await aStore();
    await load(store, header + ram);
    const run = await load(store, header + sita);
    await database.writer.rows(
      `insert into decision (decision_id, kind, lo, hi, source, actor, made_at)
       select gen_random_uuid(), 'link', min(record_id), max(record_id), 'human', 'test', now() from patient_record`,
    );
    const state = async () =>
      (await one<{ state: string }>("select state from decision where source = 'human'"))?.state;

    expect((await undo(store, run.id)).decisions.dormant).toBe(1);
    expect(await state()).toBe("dormant");
    await load(store, header + sita);
    expect(await state()).toBe("in_force");
  });
});

describe("an undo", () => {
  test("tried out tells the same and keeps everything", async () => {
    const { database, store } = await aStore();
    const run = await load(store, header + ram);
    const before = await contentOf(database);

    const tried = await undo(store, run.id, true);

    expect(await contentOf(database)).toEqual(before);
    const done = await undo(store, run.id);
    expect({ ...tried, dryRun: false, undo: done.undo }).toEqual(done);
  });

  test("that is broken off has done nothing, and can be done again", async () => {
    const { database, store } = await aStore();
    const run = await load(store, header + ram);
    await load(store, `${header}${ram}${sita}`);
    const before = await contentOf(database);
    const broken = () => {
      throw new Error("broken off");
    };
    const context = { ...store.context, progress: { report: broken, finish: () => undefined } };

    expect(await codeOf(undoRun(run.id, { dryRun: false, actor: "test" }, context))).toContain(
      "broken off",
    );
    expect(await contentOf(database)).toEqual(before);
    expect((await undo(store, run.id)).records.rejudged).toBe(1);
  });

  test("waits for nobody: while the pipeline runs it is refused as locked", async () => {
    const { address, store } = await aStore();
    const run = await load(store, header + ram);
    await using other = await Database.connect(address);
    await openRun(other, {
      runId: newRunId(store.context.clock),
      pipeline: "opd",
      kind: "ingest",
      facilityId: null,
      slot: "held",
      worker: "other:1",
      startedAt: store.context.clock.now(),
    });

    expect(await codeOf(undo(store, run.id))).toBe("locked HIMS_RUN_LOCKED");
  });

  test("of a dry run, which kept nothing, is refused", async () => {
    const { store } = await aStore();
    const step = { kind: "run", pipeline: "opd", content: header + ram, full: false } as const;
    const { id } = await store.run(step, { dryRun: true });

    expect(await codeOf(undo(store, id))).toBe("usage HIMS_UNDO_NOTHING");
  });
});
