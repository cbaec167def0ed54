import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/platform/package-root.ts";
import { type CliOptions, runHims } from "../support/cli.ts";

const fixture = join(packageRoot(), "test/support/command-fixture.ts");
const run = (args: readonly string[], options: CliOptions = {}) =>
  runHims([fixture, ...args], { program: process.execPath, ...options });

test("a result is text for people and one line of JSON for programs, its long ids as text", async () => {
  expect(await run(["answer"])).toMatchObject({
    exitCode: 0,
    stdout: "id 1152921504606846975 \n",
    stderr: "",
  });

  const { stdout, json } = await run(["answer", "--json"]);
  expect(stdout.trimEnd()).not.toContain("\n");
  expect(json).toEqual({
    ok: true,
    command: "fixture go",
    version: 1,
    data: { id: "1152921504606846975", columns: [] },
    warnings: [],
  });
});

test("a refusal is an answer: ok, with exit code 7 and its warnings", async () => {
  const plain = await run(["refuse"]);
  const json = await run(["refuse", "--json"]);
  const quiet = await run(["refuse", "--quiet"]);

  expect(plain).toMatchObject({ exitCode: 7, stderr: "warning: no status list at hand\n" });
  expect(json).toMatchObject({
    exitCode: 7,
    stderr: "",
    json: { ok: true, warnings: ["no status list at hand"] },
  });
  expect(quiet).toMatchObject({ exitCode: 7, stderr: "" });
});

test("an expected failure has code, message, hint, place, and the exit code of its kind", async () => {
  const plain = await run(["gate"]);
  const json = await run(["gate", "--json"]);

  expect(plain).toMatchObject({
    exitCode: 3,
    stdout: "",
    stderr: "too many rejects\n  at a.csv:3\n  hint: Look at them.\n",
  });
  expect(json.exitCode).toBe(3);
  expect(json.json).toEqual({
    ok: false,
    error: {
      code: "HIMS_GATE",
      message: "too many rejects",
      hint: "Look at them.",
      at: { file: "a.csv", line: 3 },
    },
  });
});

test("a bug is told by class and code alone, even when debugging", async () => {
  const plain = await run(["bug", "--json"]);
  const debug = await run(["bug"], { env: { HIMS_DEBUG: "1" } });

  expect(plain.exitCode).toBe(1);
  expect(plain.json?.error).toMatchObject({
    code: "HIMS_BUG",
    message: "unexpected RangeError (22P02)",
  });
  expect(plain.stderr).not.toMatch(/^\s+at /m);
  expect(debug.stderr).toMatch(/^\s+at .*command-fixture/m);
  for (const { stdout, stderr } of [plain, debug]) expect(stdout + stderr).not.toContain("Secret");
});

test("an error nobody waited for ends the command, and is told as sparingly", async () => {
  const { exitCode, json, stderr } = await run(["stray", "--json"]);

  expect(exitCode).toBe(1);
  expect(json?.error?.message).toBe("unexpected Error");
  expect(stderr).toBe("started\n");
});

test("a file that is not there is the operator's to mend", async () => {
  const { exitCode, json } = await run(["file", "--json"]);

  expect(exitCode).toBe(2);
  expect(json?.error).toMatchObject({ code: "HIMS_FILE", at: { file: "/no/such/export.csv" } });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends a command through its signal with exit code %i", async (signal, exitCode) => {
  const { json, ...ended } = await run(["wait", "--json"], {
    interrupt: { text: "started", signal },
  });

  expect(ended.exitCode).toBe(exitCode);
  expect(json?.error?.code).toBe("HIMS_INTERRUPTED");
});

test("one Ctrl-C that arrives twice, from the terminal and through a parent, is one", async () => {
  const interrupt = { text: "started", signal: "SIGINT", againAfterMs: 30 } as const;

  const { exitCode, json } = await run(["wait", "--json"], { interrupt });

  expect(exitCode).toBe(130);
  expect(json?.error?.code).toBe("HIMS_INTERRUPTED");
});

test("a second interrupt ends at once a command that does not listen", async () => {
  const startedMs = Date.now();

  const ended = await run(["stubborn"], {
    interrupt: { text: "started", signal: "SIGINT", againAfterMs: 500 },
  });

  expect(ended.exitCode).toBe(130);
  expect(Date.now() - startedMs).toBeLessThan(5_000);
});

test("after an announced answer a failure does not print a second object", async () => {
  const { exitCode, json, stderr } = await run(["announce", "--json"]);

  expect(exitCode).toBe(1);
  expect(json?.ok).toBe(true);
  expect(stderr).toContain("unexpected Error");
});

test.each([
  [["answer", "--limit", "zero"], "--limit: Expected an integer"],
  [["answer", "--limit", "0"], "--limit: Expected an integer greater than or equal to 1"],
  [
    ["dance"],
    "the argument is one of: answer, refuse, gate, bug, file, wait, stubborn, announce, stray",
  ],
  [[], "missing: BEHAVIOR"],
  [["answer", "--limit"], "Flag --limit expects a value"],
])("wrong arguments %j are explained without repeating them", async (args, message) => {
  const { exitCode, json } = await run([...args, "--json"]);

  expect(exitCode).toBe(2);
  expect(json?.error).toMatchObject({ code: "HIMS_USAGE", message });
});

test("a repeatable flag takes one value a line from the environment", async () => {
  const { stdout } = await run(["answer"], { env: { HIMS_COLUMN: "a=name, local\nb=sex" } });

  expect(stdout).toContain("a=name, local+b=sex");
});
