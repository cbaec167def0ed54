import { execFile } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/platform/package-root.ts";
import { runHims, temporaryFolder } from "../support/cli.ts";

const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
  version: string;
};
const launchers = ["bin/hims", "bin/hims.js"].map((path) => join(packageRoot(), path));

test.each(launchers)("%# prints its version on one line", async (program) => {
  const run = await runHims(["--version"], { program });

  expect(run).toMatchObject({ exitCode: 0, stdout: `hims ${version}\n`, stderr: "" });
});

test("the version is data for programs too", async () => {
  const run = await runHims(["--version", "--json"]);

  expect(run.json).toEqual({
    ok: true,
    command: "version",
    version: 1,
    data: { version },
    warnings: [],
  });
});

test("an old Node on PATH hands over to the bundled one, with its exit code and output", async () => {
  const folder = temporaryFolder();
  try {
    const env = { PATH: "/usr/local/bin:/usr/bin:/bin" };
    const program = launchers[1] ?? "";

    const run = await runHims(["doctor", "--json"], { program, env, cwd: folder.path });

    expect(run.exitCode).toBe(7);
    expect(run.json?.data.checks[0]).toMatchObject({ name: "node", ok: true });
  } finally {
    folder.remove();
  }
});

test("a link to the launcher in another folder works", async () => {
  const folder = temporaryFolder();
  try {
    const program = join(folder.path, "hims");
    symlinkSync(launchers[0] ?? "", program);

    expect((await runHims(["--version"], { program })).exitCode).toBe(0);
    expect((await runHims(["--help"], { program, env: { LC_ALL: "C" } })).stdout).toContain(
      "USAGE",
    );
  } finally {
    folder.remove();
  }
});

test("a closed pipe is no failure", async () => {
  const script = `"${launchers[0]}" --help 2>&1 | head -1; echo "\${PIPESTATUS[0]}"`;

  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", script]);

  expect(stderr).toBe("");
  expect(stdout.trim().split("\n")).toEqual([expect.stringContaining("health record"), "0"]);
});

test("help loads no package but the command parser's", async () => {
  await runHims(["--help"]);
  const preload = pathToFileURL(join(packageRoot(), "test/support/loaded-packages.mjs"));
  const NODE_OPTIONS = `--import=${preload.href}`;

  const { stderr } = await runHims(["--help"], { env: { NODE_OPTIONS } });

  expect(stderr).toContain("@oclif/core");
  expect(stderr).not.toMatch(
    /\b(zod|yaml|pino|pg|drizzle-orm|fastify|csv-parse|node-hl7-client|fontkit)\b/,
  );
});
