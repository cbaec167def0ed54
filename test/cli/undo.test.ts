/** `hims history undo` as an operator meets it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CsvWorkspace, csvWorkspace, header, pipelineYaml } from "../support/csv-workspace.ts";

let workspace: CsvWorkspace;
beforeAll(async () => {
  workspace = await csvWorkspace();
});
afterAll(() => workspace.remove());

/** Runs `opd` on this content; answers the run's id. */
async function load(name: string, rows: string): Promise<string> {
  const file = workspace.write(`elsewhere/${name}.csv`, header + rows);
  const run = await workspace.hims(["run", "opd", "--file", file]);
  expect(run.exitCode).toBe(0);
  return run.json?.data.runs[0].id;
}

test("a run is taken back as if it had never been, and can be run again", async () => {
  await load("first", "1,Asha Devi,F,01/02/1980\n");
  const before = await workspace.hash();
  const rows = "1,Asha Kumari,F,01/02/1980\n2,Ravi Kumar,M,03/04/1975\n,Nobody,M,03/04/1975\n";
  const run = await load("second", rows);
  const after = await workspace.hash();

  const looked = await workspace.hims(["history", "undo", run, "--dry-run"]);
  expect(looked.json?.data).toMatchObject({ run, pipeline: "opd", dryRun: true, files: 1 });
  expect(await workspace.hash()).toBe(after);

  const undo = await workspace.hims(["history", "undo", run, "--yes"]);
  expect(undo.exitCode).toBe(0);
  expect(undo.json?.data).toMatchObject({
    dryRun: false,
    records: { removed: 1, restored: 1, rejudged: 0 },
    quarantine: { removed: 1, reopened: 0 },
    persons: { retired: 1, revived: 0 },
    cards: { revoked: [], reactivated: [] },
  });
  expect(await workspace.hash()).toBe(before);

  const shown = await workspace.hims(["history", "show", run]);
  expect(shown.json?.data.run).toMatchObject({ status: "undone" });
  const again = await load("second", rows);
  expect(again).not.toBe(run);
  expect(await workspace.hash()).toBe(after);
});

test("nobody is asked where nobody is: without --yes it refuses and tells what to add", async () => {
  const { exitCode, json } = await workspace.hims(["history", "undo", "20260301-021500-3f9c1a"]);

  expect(exitCode).toBe(2);
  expect(json?.error).toMatchObject({ code: "HIMS_UNDO_UNCONFIRMED" });
  expect(json?.error?.hint).toContain("--yes");
});

test("unknown runs, runs that load nothing and undone runs are refused with exit 2", async () => {
  const run = await load("third", "9,Gita Rani,F,05/06/1990\n");
  const list = await workspace.hims(["history", "list"]);
  const link = list.json?.data.runs.find((one: { kind: string }) => one.kind === "link").id;
  const undo = async (id: string) => {
    const { exitCode, json } = await workspace.hims(["history", "undo", id, "--yes"]);
    return [exitCode, json?.error?.code ?? null];
  };

  expect(await undo("20260301-021500-3f9c1a")).toEqual([2, "HIMS_RUN_UNKNOWN"]);
  expect(await undo(link)).toEqual([2, "HIMS_UNDO_KIND"]);
  expect(await undo(run)).toEqual([0, null]);
  expect(await undo(run)).toEqual([2, "HIMS_UNDO_DONE"]);
});

test("a mended row goes with the run that brought it, and taken back alone it waits again", async () => {
  const empty = await workspace.hash();
  const run = await load("fourth", "12,Mohan Das,M,31/31/1970\n");
  const waiting = await workspace.hash();
  await workspace.hims(["quarantine", "export", "--pipeline", "opd", "--out", "mend.csv"]);
  const path = join(workspace.path, "mend.csv");
  writeFileSync(path, readFileSync(path, "utf8").replace("31/31/1970", "31/12/1970"));
  const replay = async () => (await workspace.hims(["quarantine", "replay", path])).json?.data;

  const first = await replay();
  expect(first).toMatchObject({ cleared: 1 });
  const back = await workspace.hims(["history", "undo", first.runs[0].id, "--yes"]);
  expect(back.json?.data.quarantine).toEqual({ removed: 0, reopened: 1 });
  expect(await workspace.hash()).toBe(waiting);
  expect(await replay()).toMatchObject({ cleared: 1 });
  const all = await workspace.hims(["history", "undo", run, "--yes"]);
  expect(all.json?.data.records).toEqual({ removed: 1, restored: 0, rejudged: 0 });
  expect(await workspace.hash()).toBe(empty);
});

test("a corrected map is shown by field, kept, and known afterwards", async () => {
  workspace.write("exports/swap-1.csv", `${header}1,F,Asha Devi,01/02/1980\n`);
  const yaml = (fields: string) =>
    pipelineYaml("swap").replace(/fields: .*/, `fields: { mrn: MRN, birthDate: DOB, ${fields} }`);
  workspace.write("pipelines/swap.yaml", yaml("name: Name"));
  await workspace.hims(["run", "swap"]);
  workspace.write("pipelines/swap.yaml", yaml("name: Sex"));

  const shown = await workspace.hims(["run", "swap", "--remap", "--dry-run"]);
  const remap = await workspace.hims(["run", "swap", "--remap"]);
  const again = await workspace.hims(["run", "swap"]);

  const fields = { name: { filled: 0, cleared: 0, changed: 1 } };
  expect(shown.json?.data.runs[0].remap.fields).toEqual(fields);
  expect(remap.json?.data.runs[0]).toMatchObject({ loaded: 1, remap: { fields } });
  expect(again.json?.data.runs[0]).toMatchObject({ status: "unchanged", warnings: {} });
});
