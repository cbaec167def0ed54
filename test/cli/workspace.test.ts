import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runHims, temporaryFolder } from "../support/cli.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const modeOf = (path: string) => (statSync(join(folder.path, path)).mode & 0o7777).toString(8);

test("init makes a workspace whose keys are closed to others", async () => {
  const run = await runHims(["init", "--json"], { cwd: folder.path });

  expect(run.exitCode).toBe(0);
  expect(run.json?.data.workspace).toBe(folder.path);
  expect(modeOf(".hims")).toBe(process.getuid?.() === 0 ? "711" : "700");
  expect(modeOf(".hims/keys")).toBe("700");
  expect(modeOf(".hims/files")).toBe("700");
  for (const name of ["store.key", "hash.key"]) {
    expect(modeOf(`.hims/keys/${name}`)).toBe("600");
    expect(readFileSync(join(folder.path, ".hims/keys", name), "utf8")).toMatch(/^[0-9a-f]{64}$/);
  }
  expect(readFileSync(join(folder.path, ".gitignore"), "utf8").split("\n")).toContain(".hims/");
  expect(statSync(join(folder.path, "pipelines")).isDirectory()).toBe(true);
});

test("init makes the folder it is given, and its yaml is accepted", async () => {
  await runHims(["init", "a new/place"], { cwd: folder.path });
  const doctor = await runHims(["doctor", "--json"], {
    cwd: join(folder.path, "a new/place/pipelines"),
  });

  expect(doctor.exitCode).toBe(0);
  expect(
    doctor.json?.data.checks.map((check: { name: string; ok: boolean }) => [check.name, check.ok]),
  ).toEqual(
    expect.arrayContaining([
      ["node", true],
      ["workspace", true],
      ["config", true],
      ["keys", true],
      ["disk", true],
    ]),
  );
});

test("init refuses a workspace that is there already and changes nothing", async () => {
  await runHims(["init"], { cwd: folder.path });
  const before = readFileSync(join(folder.path, ".hims/keys/store.key"), "utf8");

  const again = await runHims(["init", "--json"], { cwd: folder.path });

  expect(again.exitCode).toBe(2);
  expect(again.json?.error?.code).toBe("HIMS_WORKSPACE_EXISTS");
  expect(readFileSync(join(folder.path, ".hims/keys/store.key"), "utf8")).toBe(before);
});

test("init keeps keys that are there though hims.yaml is not", async () => {
  mkdirSync(join(folder.path, ".hims/keys"), { recursive: true });
  writeFileSync(join(folder.path, ".hims/keys/store.key"), "a".repeat(64));

  await runHims(["init"], { cwd: folder.path });

  expect(readFileSync(join(folder.path, ".hims/keys/store.key"), "utf8")).toBe("a".repeat(64));
  expect(modeOf(".hims/keys/store.key")).toBe("600");
});

test("what stands on stdin is not taken for an argument", async () => {
  const run = await runHims(["init", "--json"], { cwd: folder.path, input: "elsewhere\n" });

  expect(run.json?.data.workspace).toBe(folder.path);
});

test("init refuses a group this machine does not have", async () => {
  const run = await runHims(["init", "--group", "no-such-group-here", "--json"], {
    cwd: folder.path,
  });

  expect(run.exitCode).toBe(2);
  expect(run.json?.error?.code).toBe("HIMS_GROUP_UNKNOWN");
});

test("doctor says no without a workspace, with what to do, and exits with 7", async () => {
  const run = await runHims(["doctor", "--json"], { cwd: folder.path });

  expect(run.exitCode).toBe(7);
  expect(run.json?.ok).toBe(true);
  expect(run.json?.data.checks).toContainEqual({
    name: "workspace",
    ok: false,
    detail: "no hims.yaml here or above",
    hint: "Make a workspace with `hims init`.",
  });
});

test("doctor finds a key that others can read, and --fix closes it", async () => {
  await runHims(["init"], { cwd: folder.path });
  chmodSync(join(folder.path, ".hims/keys/store.key"), 0o644);

  const found = await runHims(["doctor"], { cwd: folder.path });
  const fixed = await runHims(["doctor", "--fix"], { cwd: folder.path });

  expect(found.exitCode).toBe(7);
  expect(found.stdout).toMatch(/NO +keys +store\.key can be read by others/);
  expect(fixed.exitCode).toBe(0);
  expect(modeOf(".hims/keys/store.key")).toBe("600");
});

test("all mistakes of hims.yaml are told at once, each with file, line and column", async () => {
  await runHims(["init"], { cwd: folder.path });
  const path = join(folder.path, "hims.yaml");
  writeFileSync(path, "version: 1\ntimzone: Asia/Kolkata\nserve:\n  port: not-a-number\n");

  const { stdout, exitCode } = await runHims(["doctor"], { cwd: folder.path });

  expect(exitCode).toBe(7);
  expect(stdout).toContain(`${path}:2:1  unknown key "timzone". Did you mean "timezone"?`);
  expect(stdout).toContain(`${path}:4:9  serve.port: `);
  expect(stdout).not.toContain("not-a-number");
});

test(".env lies below the environment and above hims.yaml", async () => {
  await runHims(["init"], { cwd: folder.path });
  writeFileSync(join(folder.path, ".env"), "HIMS_JSON=1\nHIMS_SERVE_PORT=none\n");

  const inside = await runHims(["doctor"], { cwd: folder.path });
  const outside = await runHims(["doctor"], { cwd: folder.path, env: { HIMS_SERVE_PORT: "9000" } });

  expect(inside.json?.data.checks).toContainEqual(
    expect.objectContaining({ name: "config", ok: false }),
  );
  expect(outside.exitCode).toBe(0);
});
