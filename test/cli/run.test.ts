import { afterAll, beforeAll, expect, test } from "vitest";
import { runHims } from "../support/cli.ts";
import { type CsvWorkspace, csvWorkspace, header, pipelineYaml } from "../support/csv-workspace.ts";

let workspace: CsvWorkspace;
beforeAll(async () => {
  workspace = await csvWorkspace();
});
afterAll(() => workspace.remove());

const rows = "1,Asha Devi,F,01/02/1980\n2,Ravi Kumar,M,03/04/1975\n,Without Number,M,03/04/1975\n";

test("a run loads the file, links people and balances its ledger", async () => {
  workspace.write("exports/opd-1.csv", `${header}${rows}`);

  const run = await workspace.hims(["run", "opd"]);

  expect(run.exitCode).toBe(0);
  expect(run.json).toMatchObject({ ok: true, command: "run", version: 1 });
  expect(run.json?.data.runs).toEqual([
    expect.objectContaining({
      pipeline: "opd",
      facility: "ddu",
      status: "succeeded",
      read: 3,
      loaded: 2,
      unchanged: 0,
      quarantined: 1,
      layoutLines: 0,
      landedOnly: 0,
      files: 1,
    }),
  ]);
  expect(run.json?.data.runs[0]).not.toHaveProperty("error");
  expect(run.json?.data.link.seconds).toBeGreaterThan(0);
  expect(run.json?.data.persons).toMatchObject({ total: 2, new: 2, review: 0 });
});

test("a file that is known is not read again, and with --full nothing has changed", async () => {
  const before = await workspace.hash();

  const again = await workspace.hims(["run", "opd"]);
  const full = await workspace.hims(["run", "opd", "--full"]);

  expect(again.json?.data.runs[0]).toMatchObject({ status: "unchanged", read: 0 });
  expect(full.json?.data.runs[0]).toMatchObject({ status: "unchanged", read: 3, unchanged: 2 });
  expect(await workspace.hash()).toBe(before);
});

test("a dry run counts and keeps nothing", async () => {
  const before = await workspace.hash();
  const file = workspace.write("elsewhere/new.csv", `${header}77,New Person,F,01/02/1990\n`);

  const run = await workspace.hims(["run", "opd", "--file", file, "--dry-run"]);

  expect(run.exitCode).toBe(0);
  expect(run.json?.data).toMatchObject({ runs: [{ loaded: 1 }], link: null, persons: null });
  expect(await workspace.hash()).toBe(before);
});

test("people read the ledger and what to do next", async () => {
  const { stdout } = await runHims(["run", "opd", "--full"], { cwd: workspace.path });

  expect(stdout).toContain("read 3 = loaded 0 + unchanged 2 + quarantined 1");
  expect(stdout).toMatch(/^people: 2 \(0 new/m);
  expect(stdout).toContain("next: hims quarantine list --pipeline opd");
});

test("a pipeline named twice, also by its path, runs once", async () => {
  const run = await workspace.hims(["run", "opd", "opd", "pipelines/opd.yaml"]);

  expect(run.json?.data.runs).toHaveLength(1);
});

test("a gate keeps the whole file out: exit 3, status gated, error and data", async () => {
  const before = await workspace.hash();
  const file = workspace.write(
    "elsewhere/gate.csv",
    `${header}9,Fine Person,F,01/02/1990\n,X,M,1/1/1990\n`,
  );

  const run = await workspace.hims(["run", "opd", "--file", file, "--max-quarantine", "10%"]);

  expect(run.exitCode).toBe(3);
  expect(run.json).toMatchObject({ ok: false, error: { code: "HIMS_GATE_QUARANTINE" } });
  expect(run.json?.data.runs).toMatchObject([{ pipeline: "opd", status: "gated" }]);
  expect(await workspace.hash()).toBe(before);
});

test("when some pipelines fail the others are committed: exit 6, each in the answer", async () => {
  workspace.write("pipelines/broken.yaml", "version: 1\nname: broken\nnonsense: true\n");
  workspace.write("pipelines/missing.yaml", pipelineYaml("missing").replace("exports", "nowhere"));

  const run = await workspace.hims(["run", "--all"]);

  expect(run.exitCode).toBe(6);
  expect(run.json?.ok).toBe(true);
  expect(run.json?.data.runs).toMatchObject([
    { pipeline: "broken", status: "failed", error: { code: "HIMS_CONFIG" } },
    { pipeline: "missing", status: "failed", error: { code: "HIMS_SOURCE_MISSING" } },
    { pipeline: "opd", status: "unchanged" },
  ]);
  expect(run.json?.data.persons.total).toBe(2);
  expect(run.json?.warnings).toHaveLength(2);
});

test("when all fail the exit code is that of the most urgent, and people are not linked", async () => {
  const run = await workspace.hims(["run", "broken", "missing"]);

  expect(run.exitCode).toBe(4);
  expect(run.json).toMatchObject({ ok: false, error: { code: "HIMS_SOURCE_MISSING" } });
  expect(run.json?.data.runs).toHaveLength(2);
  expect(run.json?.data.link).toBeNull();
});

test("a paused facility is not run until it is resumed", async () => {
  await workspace.hims(["facility", "pause", "ddu"]);
  const paused = await workspace.hims(["run", "opd"]);
  await workspace.hims(["facility", "resume", "ddu"]);

  expect(paused.exitCode).toBe(2);
  expect(paused.json?.error?.code).toBe("HIMS_FACILITY_PAUSED");
  expect((await workspace.hims(["run", "opd"])).exitCode).toBe(0);
});

test.each([
  [["run"], "no pipeline was named"],
  [["run", "opd", "--max-quarantine", "some"], "--max-quarantine is not a percentage"],
  [["run", "opd", "--since", "yesterday"], "--since is neither a day, a time nor how long ago"],
  [["run", "--all", "--file", "x.csv"], "--file goes with one pipeline"],
])("%j is refused before anything is run", async (args, message) => {
  const run = await workspace.hims(args);

  expect(run.exitCode).toBe(2);
  expect(run.json?.error).toMatchObject({ code: "HIMS_USAGE", message });
});

test("--since leaves older files alone", async () => {
  const run = await workspace.hims(["run", "opd", "--full", "--since", "2999-01-01"]);

  expect(run.json?.data.runs).toMatchObject([{ files: 0, read: 0 }]);
});
