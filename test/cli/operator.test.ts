import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runHims, temporaryFolder } from "../support/cli.ts";
import { type CsvWorkspace, csvWorkspace, header, pipelineYaml } from "../support/csv-workspace.ts";

let workspace: CsvWorkspace;
beforeAll(async () => {
  workspace = await csvWorkspace();
  const rows = "1,Asha Devi,F,01/02/1980\n,Without Number,M,03/04/1975\n\nTotal: 2\n";
  workspace.write("exports/opd-1.csv", `List of patients\n${header}${rows}`);
  await workspace.hims(["run", "opd"]);
});
afterAll(() => workspace.remove());

test("db status tells where the owner finds the database, and the state of migrations", async () => {
  const { json } = await workspace.hims(["db", "status"]);

  expect(json?.data).toMatchObject({
    running: true,
    embedded: true,
    version: expect.stringMatching(/^18\./),
    migrations: { pending: [] },
  });
});

const hasPsql = spawnSync("psql", ["--version"]).status === 0;
test.skipIf(!hasPsql)("psql takes the URL of db status", async () => {
  const { json } = await workspace.hims(["db", "status"]);

  const answer = execFileSync("psql", [json?.data.url, "-tAc", "select count(*) from facility"]);

  expect(answer.toString().trim()).toBe("1");
});

test("the database stops and starts, and keeps what it knows", async () => {
  const before = await workspace.hash();

  const stop = await workspace.hims(["db", "stop"]);
  const stopped = await workspace.hims(["db", "status"]);
  const again = await workspace.hims(["db", "stop"]);
  const doctor = await workspace.hims(["doctor"]);
  const start = await workspace.hims(["db", "start"]);

  expect(stop.json?.data).toEqual({ stopped: true });
  expect(stopped.json?.data).toMatchObject({ running: false, version: null });
  expect(again.json?.data).toEqual({ stopped: false });
  expect(doctor.exitCode).toBe(0);
  expect(start.json?.data).toMatchObject({ running: true, embedded: true });
  expect(await workspace.hash()).toBe(before);
});

test("doctor looks into a running database", async () => {
  const { json, exitCode } = await workspace.hims(["doctor"]);

  expect(exitCode).toBe(0);
  expect(json?.data.checks.map((check: { name: string }) => check.name)).toEqual(
    expect.arrayContaining(["disk", "ballast", "database", "migrations", "roles", "store key"]),
  );
});

test("a server of somebody else's is neither started nor stopped", async () => {
  const env = { DATABASE_URL: "postgres://127.0.0.1:9/hims" };

  for (const command of ["start", "stop"]) {
    const run = await workspace.hims(["db", command], { env });
    expect(run).toMatchObject({ exitCode: 2, json: { error: { code: "HIMS_DATABASE_FOREIGN" } } });
  }
});

test("a database by URL is migrated by command only: exit 4 with a hint before that", async () => {
  const env = { DATABASE_URL: await emptyDatabase("other") };

  const early = await workspace.hims(["facility", "list"], { env });
  const migrate = await workspace.hims(["db", "migrate"], { env });
  const list = await workspace.hims(["facility", "list"], { env });
  const again = await workspace.hims(["db", "migrate"], { env });

  expect(early).toMatchObject({
    exitCode: 4,
    json: { error: { code: "HIMS_DATABASE_NOT_MIGRATED" } },
  });
  expect(early.json?.error?.hint).toContain("hims db migrate");
  expect(migrate.json?.data.applied.length).toBeGreaterThan(0);
  expect(list.json?.data).toEqual({ facilities: [] });
  expect(again.json?.data).toEqual({ applied: [] });
});

test("init migrates the database of DATABASE_URL", async () => {
  const env = { DATABASE_URL: await emptyDatabase("fresh") };
  const folder = temporaryFolder();
  try {
    const init = await runHims(["init", "--json"], { cwd: folder.path, env });

    expect(init.json?.data.migrated.length).toBeGreaterThan(0);
  } finally {
    folder.remove();
  }
});

test("init keeps the workspace when DATABASE_URL is down, and says how to go on", async () => {
  const env = { DATABASE_URL: "postgres://127.0.0.1:9/hims" };
  const folder = temporaryFolder();
  try {
    const init = await runHims(["init", "--json"], { cwd: folder.path, env });

    expect(init).toMatchObject({
      exitCode: 4,
      json: { error: { code: "HIMS_DATABASE_UNREACHABLE" } },
    });
    expect(init.json?.error?.hint).toContain("`hims db migrate`");
  } finally {
    folder.remove();
  }
});

/** A database beside the workspace's own, on the same server; answers its URL. */
async function emptyDatabase(name: string): Promise<string> {
  const status = await workspace.hims(["db", "status"]);
  const host =
    new URL(status.json?.data.url.replace("@/", "@localhost/")).searchParams.get("host") ?? "";
  const client = new pg.Client({ host, user: "hims_super", database: "postgres" });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return `postgres://hims_super@localhost/${name}?host=${encodeURIComponent(host)}`;
}

test("a facility is registered once, shown, and its authorities are its own", async () => {
  const add = (id: string) =>
    workspace.hims([
      ...["facility", "add", id, "--name", "Lal Bahadur", "--ownership", "central"],
      ...["--kind", "polyclinic", "--authority", "LB"],
    ]);

  const first = await add("lbs");
  const twice = await add("lbs");
  const thief = await add("other");
  const list = await workspace.hims(["facility", "list"]);

  expect(first.json?.data).toMatchObject({ id: "lbs", state: "active", authorities: ["LB"] });
  expect(twice).toMatchObject({ exitCode: 2, json: { error: { code: "HIMS_FACILITY_EXISTS" } } });
  expect(thief).toMatchObject({ exitCode: 2, json: { error: { code: "HIMS_AUTHORITY_TAKEN" } } });
  expect(list.json?.data.facilities).toMatchObject([
    { id: "ddu", ownership: "delhi_govt", kind: "hospital", state: "active" },
    { id: "lbs", name: "Lal Bahadur", ownership: "central", kind: "polyclinic", state: "active" },
  ]);
});

test("an unknown facility, run or quarantined record is a usage error with a hint", async () => {
  for (const args of [
    ["facility", "show", "dd"],
    ["facility", "pause", "zzz"],
    ["history", "show", "none"],
    ["quarantine", "show", "99999"],
    ["quarantine", "show", "x"],
  ]) {
    const run = await workspace.hims(args);
    expect(run.exitCode).toBe(2);
    expect(run.json?.error?.hint).toMatch(/hims \w+ list|Did you mean/);
  }
});

test("history shows each line of a file in its place", async () => {
  const list = await workspace.hims(["history", "list", "--pipeline", "opd"]);
  const show = await workspace.hims(["history", "show", list.json?.data.runs[0].id]);

  expect(show.json?.data.run).toMatchObject({
    pipeline: "opd",
    read: 2,
    loaded: 1,
    quarantined: 1,
  });
  expect(show.json?.data.files).toMatchObject([
    { name: "opd-1.csv", headerLines: 1, blankLines: 1, recordLines: 2, layoutLines: [1, 6] },
  ]);
});

test("quarantine shows place, rule and hint, and never the value", async () => {
  const list = await workspace.hims(["quarantine", "list", "--pipeline", "opd"]);
  const show = await workspace.hims(["quarantine", "show", list.json?.data.items[0].id]);

  expect(list.json?.data).toMatchObject({
    total: 1,
    items: [
      { pipeline: "opd", file: "opd-1.csv", line: 4, field: "mrn", rule: "identifier_missing" },
    ],
  });
  expect(show.json?.data).toMatchObject({ line: 4, state: "open" });
  expect(show.json?.data.problems[0].hint).toMatch(/\w{4,}/);
  expect(list.stdout + show.stdout).not.toMatch(/Without Number|03\/04\/1975/);
});

test("pipeline check tells missing and unmapped columns of the first file", async () => {
  workspace.write("exports/gap-1.csv", "MRN,Name,Gender,DOB,Ward\n");
  workspace.write("pipelines/gap.yaml", pipelineYaml("gap"));

  const bad = await workspace.hims(["pipeline", "check", "gap"]);
  const good = await workspace.hims(["pipeline", "check", "opd"]);

  expect(bad).toMatchObject({
    exitCode: 2,
    json: { ok: false, error: { code: "HIMS_SOURCE_COLUMNS" } },
  });
  expect(bad.json?.data.pipelines).toMatchObject([
    { ok: false, file: "gap-1.csv", missingColumns: ["Sex"], unmappedColumns: ["Gender", "Ward"] },
  ]);
  expect(good).toMatchObject({
    exitCode: 0,
    json: { data: { pipelines: [{ ok: true, file: "opd-1.csv" }] } },
  });
});

test("schedule next and install say when, and print lines that name the workspace and the user", async () => {
  workspace.write("pipelines/opd.yaml", pipelineYaml("opd", 'schedule: "30 1 * * 1-5"\n'));

  const next = await workspace.hims(["schedule", "next"]);
  const install = await workspace.hims(["schedule", "install"]);

  expect(next.json?.data.schedule).toMatchObject([{ pipeline: "opd", timeZone: "Asia/Kolkata" }]);
  expect(next.json?.data.schedule[0].next).toMatch(/T20:00:00.000Z$/);
  expect(install.json?.data.crontab[1]).toMatch(
    /^30 1 \* \* 1-5 .*bin\/hims'? run opd --workspace /,
  );
  expect(install.json?.data.crontab[1]).toContain(workspace.path);
  expect(install.json?.data.units.map((unit: { name: string }) => unit.name)).toEqual([
    "hims-opd.service",
    "hims-opd.timer",
  ]);
  expect(install.json?.data.units[1].text).toContain(
    "OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 1:30:00 Asia/Kolkata",
  );
});

test("synth writes the same city for the same seed, and nothing into a folder in use", async () => {
  const folder = temporaryFolder();
  try {
    const synth = (dir: string) =>
      runHims(["synth", dir, "--people", "50", "--seed", "5", "--json"], { cwd: folder.path });
    const first = await synth("a");
    const second = await synth("b");
    const used = await synth("a");

    expect(first.json?.data.files.length).toBeGreaterThan(10);
    expect(second.json?.data.files).toEqual(first.json?.data.files);
    for (const { path } of first.json?.data.files ?? [])
      expect(readFileSync(join(folder.path, "b", path))).toEqual(
        readFileSync(join(folder.path, "a", path)),
      );
    expect(used).toMatchObject({ exitCode: 2, json: { error: { code: "HIMS_FOLDER_NOT_EMPTY" } } });
  } finally {
    folder.remove();
  }
});
