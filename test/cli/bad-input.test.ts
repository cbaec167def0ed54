import { chmodSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CliRun } from "../support/cli.ts";
import {
  type CsvWorkspace,
  csvWorkspace,
  header,
  manyRows,
  pipelineYaml,
} from "../support/csv-workspace.ts";

let workspace: CsvWorkspace;
beforeAll(async () => {
  workspace = await csvWorkspace();
  workspace.write("exports/opd-1.csv", `${header}1,Asha Devi,F,01/02/1980\n`);
  await workspace.hims(["run", "opd"]);
});
afterAll(() => workspace.remove());

/** A name that stands in the bad files: no answer may repeat it. */
const patient = "Secretname";

interface Refusal {
  readonly exitCode: number;
  readonly code: string;
  readonly file: string;
}

function expectRefused(run: CliRun, { exitCode, code, file }: Refusal): void {
  expect(run.exitCode).toBe(exitCode);
  expect(run.json?.error?.code).toBe(code);
  expect(run.json?.error?.hint).toMatch(/\w{4,}/);
  expect(run.json?.error?.at?.file).toContain(file);
  expect(run.stdout + run.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  expect(run.stdout + run.stderr).not.toContain(patient);
}

test.each([
  { what: "is missing", file: "none.csv", content: null, exitCode: 4, code: "HIMS_SOURCE_MISSING" },
  { what: "is empty", file: "empty.csv", content: "", exitCode: 2, code: "HIMS_SOURCE_EMPTY" },
  {
    what: "has blank lines only",
    file: "blank.csv",
    content: "\n\n \n",
    exitCode: 2,
    code: "HIMS_SOURCE_HEADER",
  },
  {
    what: "is a program",
    file: "binary.csv",
    content: readFileSync("/bin/sh").subarray(0, 50_000),
    exitCode: 2,
    code: "HIMS_SOURCE_NOT_TEXT",
  },
  {
    what: "has another delimiter",
    file: "tilde.csv",
    content: `MRN~Name~Sex~DOB\n1~${patient}~F~01/02/1980\n`,
    exitCode: 2,
    code: "HIMS_SOURCE_HEADER",
  },
  {
    what: "lacks a mapped column",
    file: "column.csv",
    content: `MRN,Name,Sex\n1,${patient},F\n`,
    exitCode: 2,
    code: "HIMS_SOURCE_COLUMNS",
  },
  {
    what: "has no header",
    file: "bare.csv",
    content: `1,${patient},F,01/02/1980\n`,
    exitCode: 2,
    code: "HIMS_SOURCE_HEADER",
  },
])(
  "a file that $what is refused whole, with its place and a hint",
  async ({ content, ...refusal }) => {
    const before = await workspace.hash();
    if (content !== null) workspace.write(refusal.file, content);

    const run = await workspace.hims(["run", "opd", "--file", refusal.file]);

    expectRefused(run, refusal);
    expect(await workspace.hash()).toBe(before);
  },
);

test.skipIf(process.getuid?.() === 0)("a file this user may not read is refused", async () => {
  chmodSync(workspace.write("closed.csv", header), 0o000);

  const run = await workspace.hims(["run", "opd", "--file", "closed.csv"]);

  expect(run.exitCode).toBe(4);
  expect(run.json?.error?.code).toBe("HIMS_SOURCE_UNREADABLE");
});

test("an unknown option in a pipeline file is told with line, column and what was meant", async () => {
  workspace.write("pipelines/typo.yaml", pipelineYaml("typo", "shedule: 30 1 * * *\n"));

  const run = await workspace.hims(["run", "typo"]);

  expectRefused(run, { exitCode: 2, code: "HIMS_CONFIG", file: "typo.yaml" });
  expect(run.json?.error?.at).toMatchObject({ line: 6, column: 1 });
  expect(run.json?.error?.message).toContain('Did you mean "schedule"?');
});

test("a schedule that is none is told with its line", async () => {
  workspace.write("pipelines/cron.yaml", pipelineYaml("cron", "schedule: at noon\n"));

  const run = await workspace.hims(["pipeline", "check", "cron"]);

  expectRefused(run, { exitCode: 2, code: "HIMS_CONFIG", file: "cron.yaml" });
  expect(run.json?.error?.at).toMatchObject({ line: 6 });
});

test("an unknown pipeline is refused with the one that was meant", async () => {
  const run = await workspace.hims(["run", "opdd"]);

  expectRefused(run, { exitCode: 2, code: "HIMS_PIPELINE_UNKNOWN", file: "pipelines" });
  expect(run.json?.error?.hint).toBe('Did you mean "opd"?');
});

test("a database that is down is exit 4, without its password", async () => {
  const env = { DATABASE_URL: "postgres://hims:hunter2@127.0.0.1:9/hims" };

  const run = await workspace.hims(["run", "opd"], { env });
  const status = await workspace.hims(["db", "status"], { env });
  const doctor = await workspace.hims(["doctor"], { env });

  expect(run.exitCode).toBe(4);
  expect(run.json?.error).toMatchObject({ code: "HIMS_DATABASE_UNREACHABLE" });
  expect(status.json?.data).toMatchObject({
    running: false,
    embedded: false,
    url: "postgres://hims:***@127.0.0.1:9/hims",
  });
  expect(doctor.exitCode).toBe(7);
  expect(run.stdout + run.stderr + status.stdout + doctor.stdout).not.toContain("hunter2");
});

test("a folder that cannot be made is refused with its path", async () => {
  const file = workspace.write("a-file", "");

  const run = await workspace.hims(["synth", `${file}/city`]);

  expect(run.exitCode).toBe(2);
  expect(run.json?.error).toMatchObject({
    code: "HIMS_FILE",
    at: { file: expect.stringContaining("a-file") },
  });
});

test("a store key that is not the store's is refused before anything is written", async () => {
  const path = `${workspace.path}/.hims/keys/store.key`;
  const key = readFileSync(path, "utf8");
  workspace.write(".hims/keys/store.key", "0".repeat(64));

  const run = await workspace.hims(["run", "opd"]);
  const doctor = await workspace.hims(["doctor"]);
  workspace.write(".hims/keys/store.key", key);

  expect(run).toMatchObject({ exitCode: 2, json: { error: { code: "HIMS_STORE_KEY_MISMATCH" } } });
  expect(doctor.json?.data.checks).toContainEqual(
    expect.objectContaining({ name: "store key", ok: false }),
  );
});

test("Ctrl-C in the middle of a big file rolls it back; meanwhile a second run of the pipeline is exit 5", async () => {
  const before = await workspace.hash();
  workspace.write("big.csv", manyRows(300_000));
  let interrupt = () => {};

  const underWay = workspace.hims(["run", "opd", "--file", "big.csv"], {
    onSpawn: (child) => {
      interrupt = () => void child.kill("SIGINT");
    },
  });
  await untilRunning();
  const second = await workspace.hims(["run", "opd"]);
  interrupt();
  const first = await underWay;

  expect(second.exitCode).toBe(5);
  expect(second.json).toMatchObject({ ok: false, error: { code: "HIMS_RUN_LOCKED" } });
  expect(first.exitCode).toBe(130);
  expect(first.json).toMatchObject({ ok: false, error: { code: "HIMS_INTERRUPTED" } });
  expect(first.json?.data.runs).toMatchObject([{ status: "cancelled", loaded: 0 }]);
  expect(first.stderr).not.toMatch(/^\s+at /m);
  expect(await workspace.hash()).toBe(before);
  const history = await workspace.hims(["history", "list", "--pipeline", "opd", "--limit", "1"]);
  expect(history.json?.data.runs).toMatchObject([{ status: "cancelled" }]);
});

async function untilRunning(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { json } = await workspace.hims(["history", "list", "--limit", "1"]);
    if (json?.data.runs[0]?.status === "running") return;
    await sleep(50);
  }
  throw new Error("the run did not begin");
}
