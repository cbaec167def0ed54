import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packageRoot } from "../../src/platform/package-root.ts";
import { runHims, temporaryFolder } from "../support/cli.ts";

let folder: ReturnType<typeof temporaryFolder>;
let program: string;
const at = (...path: string[]) => join(folder.path, "a deep/check out", ...path);

/** A fresh checkout after `npm ci`: everything but dist/. */
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(at(), { recursive: true });
  for (const name of ["bin", "scripts", "src", "migrations", "package.json", "package-lock.json"]) {
    cpSync(join(packageRoot(), name), at(name), { recursive: true });
  }
  symlinkSync(join(packageRoot(), "node_modules"), at("node_modules"));
  program = at("bin/hims");
});
afterEach(() => folder.remove());

const buildsOf = () =>
  readdirSync(at("dist"), { withFileTypes: true }).filter((entry) => entry.isDirectory());

test("twenty commands at once after a fresh checkout all work and build once", async () => {
  const runs = await Promise.all(
    Array.from({ length: 20 }, () => runHims(["doctor", "--json"], { program })),
  );

  expect(runs.map((run) => run.exitCode)).toEqual(Array.from({ length: 20 }, () => 7));
  expect(runs.map((run) => run.stderr).join("")).toBe("");
  expect(buildsOf()).toHaveLength(1);
});

test("a changed source is built before the command runs, and a changed back one finds its build again", async () => {
  await runHims(["--help"], { program });
  const source = at("src/commands/doctor.ts");
  const text = readFileSync(source, "utf8");

  writeFileSync(source, text.replace("Check that everything", "Look whether everything"));
  expect((await runHims(["--help"], { program })).stdout).toContain("Look whether everything");
  writeFileSync(source, text);
  expect((await runHims(["--help"], { program })).stdout).toContain("Check that everything");

  expect(buildsOf()).toHaveLength(2);
});

test("a lock left by a killed build does not stop the next one", async () => {
  mkdirSync(at("dist"));
  writeFileSync(at("dist/build.lock"), "4194999");

  const run = await runHims(["--help"], { program });

  expect(run.exitCode).toBe(0);
  expect(buildsOf()).toHaveLength(1);
});

test("where nothing can be built the sources run as they are", async () => {
  const run = await runHims(["doctor", "--json"], { program, env: { HIMS_RUN_FROM: "source" } });

  expect(run.exitCode).toBe(7);
  expect(run.json?.command).toBe("doctor");
  expect(readdirSync(at())).not.toContain("dist");
});

test.runIf(process.getuid?.() === 0)(
  "an ordinary user can run a checkout that belongs to root and was never built, even a user without a name or home",
  async () => {
    chmodSync(folder.path, 0o755);
    const options = { program, uid: 31_234, env: { HOME: "" } };

    const run = await runHims(["doctor", "--json"], options);

    expect(run.stderr).toBe("");
    expect(run.json?.command).toBe("doctor");
    expect(readdirSync(at())).not.toContain("dist");
  },
);

test("an installed package, which has no sources, runs its build", async () => {
  await runHims(["--help"], { program });
  rmSync(at("src"), { recursive: true });
  rmSync(at("scripts"), { recursive: true });

  expect((await runHims(["doctor", "--json"], { program })).json?.command).toBe("doctor");
});

test("an installed package without its build says so", async () => {
  rmSync(at("src"), { recursive: true });

  const run = await runHims(["--help"], { program });

  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain("incomplete");
});

test("a source that does not compile is told, and nothing runs", async () => {
  writeFileSync(at("src/commands/doctor.ts"), "export default class Doctor {");

  const run = await runHims(["doctor"], { program });

  expect(run.exitCode).toBe(1);
  expect(run.stderr).toContain("doctor.ts");
  expect(buildsOf()).toHaveLength(0);
});

test("a build names no folder of the machine it was made on", async () => {
  await runHims(["--help"], { program });

  const build = buildsOf()[0]?.name ?? "";
  for (const entry of readdirSync(at("dist", build), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.parentPath.includes("compile-cache")) continue;
    expect(readFileSync(join(entry.parentPath, entry.name), "utf8")).not.toContain(folder.path);
  }
});
