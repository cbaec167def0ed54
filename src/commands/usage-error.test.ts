import { Command } from "@oclif/core/command";
import { expect, test } from "vitest";
import { HimsError } from "../platform/errors.ts";
import { toUsageError } from "./usage-error.ts";

class Example extends Command {
  async run(): Promise<void> {}
}

/** As oclif marks its own complaints. */
const complaint = (message: string) => Object.assign(new Error(message), { oclif: { exit: 2 } });

test.each([
  [
    "Expected --kind=typed by\nmistake to be one of: a, b\nSee more help with --help",
    "--kind is one of: a, b",
  ],
  [
    "Parsing --limit \n\tExpected an integer but received: typed\nSee more help with --help",
    "--limit: Expected an integer",
  ],
  ["Missing required flag facility\nSee more help with --help", "--facility is required"],
  [
    "The following errors occurred:\n  Missing required flag out\n  Missing required flag id-range\nSee more help with --help",
    "--out is required; --id-range is required",
  ],
])("a complaint keeps its reason and loses what was typed: %j", (text, message) => {
  expect(toUsageError(complaint(text), Example, "example")).toMatchObject({
    code: "HIMS_USAGE",
    kind: "usage",
    message,
    hint: "`hims example --help` shows what it takes.",
  });
});

test("other errors pass unchanged", () => {
  const ours = new HimsError("HIMS_X", { kind: "gate", message: "m", hint: "h" });
  const bug = new TypeError("m");

  expect(toUsageError(ours, Example, "example")).toBe(ours);
  expect(toUsageError(bug, Example, "example")).toBe(bug);
});
