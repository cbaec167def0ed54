/** `kill -9` of what mends a store (undo, replay, remap): the same command again gives what it gives undisturbed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seeded } from "../support/aadhaar-numbers.ts";
import { crashExport, crashYaml } from "../support/crash-export.ts";
import { type CrashWorkspace, crashWorkspace, type Moment } from "../support/crash-workspace.ts";

const random = seeded(20_261_129);
const at = (statement: RegExp): Moment => ({ statement, afterMs: Math.floor(random() * 4) });

/** What the map says after it was mended: the birth date that broke rows is not asked for. */
const mendedYaml = crashYaml("opd").replace(", birthDate: DOB", "");

const cases = [
  {
    name: "history undo",
    yaml: crashYaml("opd"),
    args: () => ["history", "undo", firstRun, "--yes"],
    whenDone: { exitCode: 2, code: "HIMS_UNDO_DONE" },
    moments: [
      at(/rollback to savepoint|person_member/i),
      at(/copy stage_claim/i),
      at(/golden_value/i),
      at(/set status = 'undone'/),
      at(/^commit/i),
    ],
  },
  {
    name: "quarantine replay FILE",
    yaml: crashYaml("opd"),
    args: () => ["quarantine", "replay", "mended.csv"],
    whenDone: { exitCode: 0, code: null },
    moments: [
      at(/copy stage_claim/i),
      at(/update pipeline_run r set files/),
      at(/^commit/i),
      at(/golden_value/i),
    ],
  },
  {
    name: "quarantine replay --pipeline",
    yaml: mendedYaml,
    args: () => ["quarantine", "replay", "--pipeline", "opd"],
    whenDone: { exitCode: 2, code: "HIMS_QUARANTINE_UNKNOWN" },
    moments: [
      at(/copy stage_claim/i),
      at(/update pipeline_run r set files/),
      at(/^commit/i),
      at(/golden_value/i),
    ],
  },
  {
    name: "run --remap",
    yaml: mendedYaml,
    args: () => ["run", "opd", "--remap"],
    whenDone: { exitCode: 0, code: null },
    moments: [
      at(/copy stage_claim/i),
      at(/update pipeline_run r set files/),
      at(/^commit/i),
      at(/golden_value/i),
    ],
  },
] as const;

let workspace: CrashWorkspace;
let firstRun = "";

beforeAll(async () => {
  workspace = await crashWorkspace();
  workspace.write("pipelines/opd.yaml", crashYaml("opd"));
  workspace.write("exports/opd-1.csv", crashExport(900, 1));
  const first = await workspace.hims(["run", "opd"]);
  firstRun = first.json?.data.runs[0].id;
  workspace.write("exports/opd-2.csv", crashExport(700, 2));
  await workspace.hims(["run", "opd"]);
  const given = await workspace.hims(["quarantine", "export", "--out", "given.csv"]);
  expect(given.json?.data.rows).toBeGreaterThan(10);
  const text = readFileSync(join(workspace.path, "given.csv"), "utf8");
  workspace.write("mended.csv", text.replaceAll("31/02/1980", "28/02/1980"));
  await workspace.keep("loaded");
});
afterAll(() => workspace.remove());

/** Tries, since a command may be over before the signal comes: how fast it is between two statements is not what is asked here. */
const mostTries = 8;

async function killedInTime(
  args: readonly string[],
  moment: Parameters<CrashWorkspace["killed"]>[1],
): Promise<boolean> {
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    await workspace.putBack("loaded");
    const afterMs = attempt === 0 ? moment.afterMs : 0;
    if (await workspace.killed([...args], { ...moment, afterMs })) return true;
  }
  return false;
}

describe.each(cases)("hims $name", ({ yaml, args, whenDone, moments }) => {
  let undisturbed: string;
  beforeAll(async () => {
    await workspace.putBack("loaded");
    const before = await workspace.hash();
    workspace.write("pipelines/opd.yaml", yaml);
    expect((await workspace.hims(args())).exitCode).toBe(0);
    undisturbed = await workspace.hash();
    expect(undisturbed).not.toBe(before);
  });

  test.each(moments)("killed $afterMs ms after the store came to $statement", async (moment) => {
    expect(await killedInTime(args(), moment)).toBe(true);
    const [run] = await workspace.rows(
      "select (count(*) filter (where files > 0) + count(*) filter (where status = 'undone'))::int as done from pipeline_run",
    );

    const again = await workspace.hims(args());

    const isDone = (run?.["done"] ?? 0) > 2;
    expect(await workspace.hash()).toBe(undisturbed);
    expect([again.exitCode, again.json?.error?.code ?? null]).toEqual(
      isDone ? [whenDone.exitCode, whenDone.code] : [0, null],
    );
    expect(await workspace.staging()).toEqual([]);
  });
});
