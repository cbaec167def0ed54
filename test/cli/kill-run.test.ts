/** `kill -9` of `hims run` at twenty seeded moments: a re-run gives what an undisturbed one gives. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { seeded } from "../support/aadhaar-numbers.ts";
import { crashExport, crashYaml } from "../support/crash-export.ts";
import { type CrashWorkspace, crashWorkspace, type Moment } from "../support/crash-workspace.ts";

/** More than the 6 MiB from which worker threads read a file. */
const rows = 9_000;
const random = seeded(20_261_128);

/** Ten moments in time, as parts of the undisturbed run; ten in the work, most of them from staging to just after the commit. */
const parts = Array.from({ length: 10 }, (_, index) => (index + random()) / 10);
const statements = [
  /copy stage_claim/i,
  /analyze stage_claim/i,
  /into patient_record\b/i,
  /into clinical_event\b/i,
  /into source_file\b/i,
  /update pipeline_run r set files/i,
  /^commit/i,
  /^commit/i,
  /into person\b/i,
  /golden_value/i,
];

let workspace: CrashWorkspace;
let undisturbed: { readonly hash: string; readonly ms: number };

beforeAll(async () => {
  workspace = await crashWorkspace();
  workspace.write("pipelines/opd.yaml", crashYaml("opd"));
  workspace.write("exports/opd.csv", crashExport(rows, 7));
  await workspace.keep("blank");
  const begun = performance.now();
  const run = await workspace.hims(["run", "opd"]);
  const ms = performance.now() - begun;
  expect(run.json?.data.runs[0]).toMatchObject({
    status: "succeeded",
    read: rows,
    quarantined: 180,
  });
  undisturbed = { hash: await workspace.hash(), ms };
});
afterAll(() => workspace.remove());

async function expectWholeOrNothing(): Promise<boolean> {
  const [kept] = await workspace.rows(`select (select count(*)::int from source_file) as files,
    (select count(*)::int from raw_chunk where seq = 0) as archives, (select count(*)::int from quarantine) as rejects,
    (select count(*) > 0 from patient_record) as records, (select count(*) > 0 from clinical_event) as events`);
  const isCommitted = kept?.["files"] === 1;
  expect(kept).toEqual(
    isCommitted
      ? { files: 1, archives: 1, rejects: 180, records: true, events: true }
      : { files: 0, archives: 0, rejects: 0, records: false, events: false },
  );
  return isCommitted;
}

async function expectRerunMends(moment: Moment): Promise<void> {
  await workspace.putBack("blank");
  const wasKilled = await workspace.killed(["run", "opd"], moment);
  const isCommitted = await expectWholeOrNothing();
  const begun = await workspace.rows(
    "select status from pipeline_run where kind = 'ingest' order by started_at",
  );

  const again = await workspace.hims(["run", "opd"]);

  expect(again.exitCode).toBe(0);
  expect(again.json?.data.runs[0].status).toBe(isCommitted ? "unchanged" : "succeeded");
  expect(await workspace.hash()).toBe(undisturbed.hash);
  expect(await workspace.staging()).toEqual([]);
  // The ledger tells of a run that died, and no run is still said to be running.
  const ended = begun.map(({ status }) => (status === "running" ? "failed" : status));
  const { json } = await workspace.hims(["history", "list"]);
  const told = (kind: string) =>
    json?.data.runs.filter((run: { kind: string }) => run.kind === kind).reverse();
  expect(told("ingest").map((run: { status: string }) => run.status)).toEqual([
    ...ended,
    again.json?.data.runs[0].status,
  ]);
  expect(told("link").at(-1).status).toBe("succeeded");
  expect(json?.data.runs).not.toContainEqual(expect.objectContaining({ status: "running" }));
  if (moment.statement !== null && moment.afterMs === 0) expect(wasKilled).toBe(true);
}

test.each(parts.map((part) => ({ part })))("killed at $part of its time", async ({ part }) => {
  await expectRerunMends({ statement: null, afterMs: part * undisturbed.ms });
});

test.each(statements.map((statement) => ({ statement, afterMs: Math.floor(random() * 20) })))(
  "killed $afterMs ms after the store came to $statement",
  async (moment) => {
    await expectRerunMends(moment);
  },
);
