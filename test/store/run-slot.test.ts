import { expect, test } from "vitest";
import type { RunId } from "../../src/platform/ids.ts";
import { Database } from "../../src/store/database.ts";
import { endRun, openRun, type RunEnd, type RunStart } from "../../src/store/runs.ts";
import { withDatabase } from "../support/database.ts";

let runs = 0;
function aStart(slot: string): RunStart {
  runs += 1;
  const runId = `20260301-101112-${String(runs).padStart(6, "0")}` as RunId;
  const startedAt = new Date("2026-03-01T10:11:12Z");
  return {
    runId,
    pipeline: "opd",
    kind: "ingest",
    facilityId: null,
    slot,
    worker: "w:1",
    startedAt,
  };
}

async function runOnce(database: Database, slot: string, status: RunEnd) {
  const run = await openRun(database, aStart(slot));
  await endRun(database, run, { status, endedAt: new Date("2026-03-01T10:12:00Z"), detail: {} });
}

test.each(["succeeded", "unchanged", "stale", "gated"] as const)(
  "a slot that ended as %s is not run again, and the pipeline stays free",
  async (status) => {
    const { database } = await withDatabase();
    await runOnce(database, "2026-03-01T01:30:00Z", status);

    await expect(openRun(database, aStart("2026-03-01T01:30:00Z"))).rejects.toMatchObject({
      code: "HIMS_SLOT_DONE",
    });
    await runOnce(database, "2026-03-02T01:30:00Z", "succeeded");
  },
);

test.each(["failed", "cancelled"] as const)("a slot that %s is tried again", async (status) => {
  const { database } = await withDatabase();
  await runOnce(database, "2026-03-01T01:30:00Z", status);

  await runOnce(database, "2026-03-01T01:30:00Z", "succeeded");

  const rows = await database.writer.rows("select attempt, status from pipeline_run");
  expect(rows).toEqual([{ attempt: 2, status: "succeeded" }]);
});

test("of two schedulers at one slot the second is told who runs it, and later that it is done", async () => {
  const { database, address } = await withDatabase();
  await using other = await Database.connect(address);
  const run = await openRun(database, aStart("slot"));

  await expect(openRun(other, aStart("slot"))).rejects.toMatchObject({
    code: "HIMS_RUN_LOCKED",
    kind: "locked",
  });
  await endRun(database, run, { status: "succeeded", endedAt: new Date(), detail: {} });

  await expect(openRun(other, aStart("slot"))).rejects.toMatchObject({ code: "HIMS_SLOT_DONE" });
});
