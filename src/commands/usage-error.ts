/** Turns oclif's complaints about arguments into ours: a code, a hint, and no value that was typed. */
import type { Command } from "@oclif/core/command";
import { HimsError } from "../platform/errors.ts";
import { closestTo } from "../platform/suggestion.ts";

/** As much of oclif's parse errors as is read here. */
interface ParseComplaint extends Error {
  readonly flags?: readonly unknown[];
  readonly args?: readonly unknown[];
}

/**
 * @param command class whose flags were not understood
 * @param name its name as typed, such as `facility add`
 */
export function toUsageError(error: unknown, command: typeof Command, name: string): unknown {
  if (!(error instanceof Error) || error instanceof HimsError) return error;
  const isComplaint = "oclif" in error || /^Parsing --/.test(error.message) || "parse" in error;
  if (!isComplaint) return error;
  const { message, hint } = explain(error, command);
  return new HimsError("HIMS_USAGE", {
    kind: "usage",
    message,
    hint: hint ?? `\`hims ${name} --help\` shows what it takes.`,
    cause: error,
  });
}

function explain(
  error: ParseComplaint,
  command: typeof Command,
): { message: string; hint?: string } {
  switch (error.constructor.name) {
    case "NonExistentFlagsError":
      return unknownFlag(error.flags ?? [], command);
    case "UnexpectedArgsError":
      return { message: `${error.args?.length ?? 1} argument(s) more than this command takes` };
    case "RequiredArgsError":
      return { message: `missing: ${(error.args ?? []).map(argumentName).join(", ")}` };
    default:
      return { message: withoutValues(error.message) };
  }
}

function argumentName(arg: unknown): string {
  const name =
    typeof arg === "object" && arg !== null && "name" in arg ? String(arg.name) : "argument";
  return name.toUpperCase();
}

function unknownFlag(
  flags: readonly unknown[],
  command: typeof Command,
): { message: string; hint?: string } {
  const typed = String(flags[0] ?? "").split("=")[0] ?? "";
  const known = Object.keys({ ...command.baseFlags, ...command.flags, help: true });
  const closest = typed.startsWith("--") ? closestTo(typed.slice(2), known) : null;
  const message = `there is no flag ${/^--?[a-z][\w-]{0,30}$/i.test(typed) ? typed : "like this"}`;
  return closest === null ? { message } : { message, hint: `Did you mean --${closest}?` };
}

/** oclif's texts, minus what was typed: `Expected --kind=x to be one of: ...`, `... but received: x`. */
function withoutValues(message: string): string {
  return message
    .replaceAll("\n\t", "")
    .replace(/\nSee more help with --help/g, "")
    .replace(/^Parsing (--[\w-]+)\s*/, "$1: ")
    .replace(/ but received: .*$/s, "")
    .replace(/^Expected (--[\w-]+)=.*? to be one of:/s, "$1 is one of:")
    .replace(/^Expected .*? to be one of:/s, "the argument is one of:")
    .replace(/^The following errors? occurred:\s*/, "")
    .trim()
    .replace(/ *\n */g, "; ")
    .replace(/Missing required flag ([\w-]+)/g, "--$1 is required");
}
