/** The store is lost in the middle of a load: the run says so, the server comes back, and a re-run gives the whole store. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { killServer, killSession, terminateSession } from "../support/blows.ts";
import { crashExport, crashYaml } from "../support/crash-export.ts";
import { type CrashWorkspace, crashWorkspace } from "../support/crash-workspace.ts";

const rows = 4_000;
let workspace: CrashWorkspace;
let undisturbed: string;

beforeAll(async () => {
  workspace = await crashWorkspace();
  workspace.write("pipelines/opd.yaml", crashYaml("opd"));
  workspace.write("exports/opd.csv", crashExport(rows, 3));
  await workspace.keep("blank");
  await workspace.hims(["run", "opd"]);
  undisturbed = await workspace.hash();
});
afterAll(() => workspace.remove());

test.each([
  { what: "its session is ended while it stages", blow: terminateSession, at: /copy stage_claim/i },
  {
    what: "its session is ended while it settles",
    blow: terminateSession,
    at: /into patient_record/i,
  },
  { what: "its session is killed while it stages", blow: killSession, at: /copy stage_claim/i },
  { what: "its server is killed while it stages", blow: killServer, at: /copy stage_claim/i },
  { what: "its server is killed while it settles", blow: killServer, at: /into patient_record/i },
])("$what: exit 4, nothing is kept, and the same command loads all", async ({ blow, at }) => {
  await workspace.putBack("blank");

  const lost = await workspace.struck(["run", "opd"], { statement: at, afterMs: 0 }, blow);

  expect([lost.exitCode, lost.json?.error?.code]).toEqual([4, "HIMS_DATABASE_UNREACHABLE"]);
  expect(lost.json?.data.runs[0]).toMatchObject({ status: "failed", loaded: 0 });
  const again = await workspace.hims(["run", "opd"]);
  expect(again.exitCode).toBe(0);
  expect(again.json?.data.runs[0]).toMatchObject({ status: "succeeded", read: rows });
  expect(await workspace.hash()).toBe(undisturbed);
  expect(await workspace.staging()).toEqual([]);
  const list = await workspace.hims(["history", "list", "--pipeline", "opd"]);
  expect(list.json?.data.runs.map((run: { status: string }) => run.status)).toEqual([
    "succeeded",
    "failed",
  ]);
});
