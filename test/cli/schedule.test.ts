import type { ChildProcess } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
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
  await workspace.hims(["db", "start"]);
});
afterAll(() => workspace.remove());
afterEach(() => rmSync(join(workspace.path, "pipelines"), { recursive: true, force: true }));

const everyMinute = 'schedule: "* * * * *"\n';

interface Scheduler {
  readonly ended: Promise<CliRun>;
  readonly end: () => void;
  /** Resolves when this has stood on stderr. */
  readonly says: (text: string) => Promise<void>;
}

function startScheduler(): Scheduler {
  let child: ChildProcess | null = null;
  let said = "";
  const ended = workspace.hims(["schedule", "start"], {
    onSpawn: (process) => {
      child = process;
      process.stderr?.on("data", (text: string | Buffer) => {
        said += text.toString();
      });
    },
  });
  const says = async (text: string): Promise<void> => {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      if (said.includes(text)) return;
      await sleep(50);
    }
    throw new Error(`the scheduler never said ${text}`);
  };
  return { ended, end: () => void child?.kill("SIGTERM"), says };
}

interface RunSeen {
  readonly pipeline: string;
  readonly status: string;
  readonly attempt: number;
  readonly startedAt: string;
  readonly loaded: number;
  readonly files: number;
}

/** Waits until a run of this pipeline has this status. */
async function untilRun(pipeline: string, status: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const runs = await runsOf(pipeline);
    if (runs.some((run) => run.status === status)) return;
    await sleep(50);
  }
  throw new Error(`no run became ${status}`);
}

async function runsOf(pipeline: string): Promise<readonly RunSeen[]> {
  const { json } = await workspace.hims(["history", "list", "--pipeline", pipeline]);
  return json?.data.runs;
}

test("the scheduler runs what is due, links people, then makes their cards, and ends in order with exit code 0", async () => {
  workspace.write("hims.yaml", "version: 1\ncards: { out: printed }\n");
  workspace.write("exports/opd-1.csv", `${header}1,Asha Devi,F,01/02/1980\n`);
  workspace.write("pipelines/opd.yaml", pipelineYaml("opd", everyMinute));
  const scheduler = startScheduler();

  await untilRun("cards", "succeeded");
  scheduler.end();
  const run = await scheduler.ended;

  expect(run.exitCode).toBe(0);
  expect(run.json?.data).toMatchObject({ pid: expect.any(Number), pipelines: ["opd"] });
  expect(run.stderr).toContain('"msg":"run finished"');
  expect(run.stderr).not.toContain("Asha");
  expect(readdirSync(join(workspace.path, "printed"))).toContain("fronts-0001.pdf");
  const [linked] = await runsOf("link");
  const [made] = await runsOf("cards");
  expect(String(made?.startedAt) >= String(linked?.startedAt)).toBe(true);
  expect(await runsOf("opd")).toMatchObject([{ status: "succeeded", loaded: 1 }]);
});

test("of two schedulers one runs a due slot, once", async () => {
  workspace.write("exports/twin-1.csv", `${header}2,Ravi Kumar,M,03/04/1975\n`);
  workspace.write("pipelines/twin.yaml", pipelineYaml("twin", everyMinute));
  const schedulers = [startScheduler(), startScheduler()];

  await untilRun("twin", "succeeded");
  // Time for the other to look, find the lock or the done slot, and look again.
  await sleep(6_500);
  for (const { end } of schedulers) end();
  const ends = await Promise.all(schedulers.map(({ ended }) => ended));

  expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  const runs = await runsOf("twin");
  expect(runs.filter(({ status }) => status === "succeeded")).toHaveLength(1);
  expect(runs.every(({ attempt }) => attempt === 1)).toBe(true);
});

test("a pipeline file that is new or mended is taken up, one with mistakes is told", async () => {
  workspace.write("pipelines/later.yaml", "version: 1\nname: later\n");
  workspace.write("exports/later-1.csv", `${header}3,Sita Rani,F,01/02/1980\n`);
  const scheduler = startScheduler();

  await scheduler.says('"msg":"pipeline file not usable"');
  workspace.write("pipelines/later.yaml", pipelineYaml("later", everyMinute));
  await untilRun("later", "succeeded");
  scheduler.end();
  const run = await scheduler.ended;

  expect(run.exitCode).toBe(0);
  expect(run.stderr).toContain('"msg":"pipeline files reloaded"');
});

test("SIGTERM lets the file under way be committed and begins no other", async () => {
  workspace.write("exports/bulk-1.csv", manyRows(60_000));
  workspace.write("exports/bulk-2.csv", `${header}9999999,Last Person,F,01/02/1980\n`);
  workspace.write("pipelines/bulk.yaml", pipelineYaml("bulk", everyMinute));
  const scheduler = startScheduler();

  await untilRun("bulk", "running");
  scheduler.end();
  const run = await scheduler.ended;

  expect(run.exitCode).toBe(0);
  expect(await runsOf("bulk")).toMatchObject([{ status: "cancelled", files: 1, loaded: 60_000 }]);
});
