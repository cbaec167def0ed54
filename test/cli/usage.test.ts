import { expect, test } from "vitest";
import { runHims } from "../support/cli.ts";

test("hims alone shows the same help as --help, grouped, with exit codes", async () => {
  const alone = await runHims([]);
  const help = await runHims(["--help"]);

  expect(alone).toEqual(help);
  expect(help).toMatchObject({ exitCode: 0, stderr: "" });
  expect(help.stdout).toMatch(/START HERE\n(?: {2}\w.*\n)*? {2}init {2,}\w/);
  expect(help.stdout).toContain("EXIT CODES");
});

test("every topic and command in the help has a description", async () => {
  const { stdout } = await runHims(["--help"]);
  const [, commands = ""] = stdout.split(/(?=START HERE)|(?=EXIT CODES)/);

  for (const line of commands.split("\n").filter((text) => text.startsWith("  "))) {
    expect(line).toMatch(/^ {2}[a-z0-9]+ +[A-Z].{8,}/);
  }
});

test("no command falls into the group of the forgotten", async () => {
  expect((await runHims(["--help"])).stdout).not.toContain("OTHER");
});

test("the help of a command shows its flags with their environment variables", async () => {
  const { stdout } = await runHims(["help", "init"]);

  expect(stdout).toContain("$ hims init [DIR]");
  expect(stdout).toContain("[env: HIMS_GROUP]");
});

test("a mistyped command is refused with the command that was meant", async () => {
  const plain = await runHims(["docter"]);
  const json = await runHims(["docter", "--json"]);

  expect(plain).toMatchObject({ exitCode: 2, stdout: "" });
  expect(plain.stderr).toContain("Did you mean `hims doctor`?");
  expect(json).toMatchObject({ exitCode: 2, stderr: "" });
  expect(json.json).toEqual({
    ok: false,
    error: {
      code: "HIMS_USAGE",
      message: "there is no such command",
      hint: "Did you mean `hims doctor`?",
      at: null,
    },
  });
});

test("a command that resembles nothing leads to the help", async () => {
  const { exitCode, stderr } = await runHims(["zzzzzzzz"]);

  expect(exitCode).toBe(2);
  expect(stderr).toContain("`hims --help` lists the commands");
});

test("a mistyped flag is refused with the flag that was meant", async () => {
  const { exitCode, json } = await runHims(["init", "--gruop=x", "--json"]);

  expect(exitCode).toBe(2);
  expect(json?.error).toMatchObject({
    code: "HIMS_USAGE",
    message: "there is no flag --gruop",
    hint: "Did you mean --group?",
  });
});

test("what was typed is not repeated in an error", async () => {
  const { exitCode, stdout, stderr } = await runHims(["doctor", "typed-by-accident"]);

  expect(exitCode).toBe(2);
  expect(stdout + stderr).not.toContain("typed-by-accident");
  expect(stderr).toContain("hims doctor --help");
});

test("global flags may come before the command's name", async () => {
  const { json } = await runHims(["--json", "--workspace", "/nowhere", "doctor"]);

  expect(json).toMatchObject({ ok: true, command: "doctor" });
});

test("a flag can be given by environment, and --json asked for that way too", async () => {
  const { json } = await runHims(["doctor"], { env: { HIMS_JSON: "1" } });

  expect(json).toMatchObject({ ok: true, command: "doctor", version: 1 });
});
