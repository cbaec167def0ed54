/** How a command ends, told to people on stderr and to programs as one JSON object on stdout. */
import { type ErrorPlace, exitCodeOf, HimsError } from "../platform/errors.ts";
import { worldFailureOf } from "../platform/failure.ts";
import { visibleJson, visibleLine, visibleText } from "../platform/visible-text.ts";

/** Writes a text for people to stdout; what others put into it shows and does nothing to the terminal. */
export async function printText(text: string): Promise<void> {
  await write(visibleText(text));
}

/** A warning for people, on stderr. */
export function printWarning(text: string): void {
  process.stderr.write(`warning: ${visibleText(text)}\n`);
}

/** Waits until it is out, because the process may be ended right after. */
async function write(text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`, () => resolve());
  });
}

/** One line; 64-bit ids, which JSON has no number for, become text. */
function toJson(value: unknown): string {
  const json = JSON.stringify(value, (_, inner) =>
    typeof inner === "bigint" ? inner.toString() : inner,
  );
  return visibleJson(json);
}

let isAnswered = false;

/** Prints the one object of `--json`. */
export async function printAnswer(answer: object): Promise<void> {
  isAnswered = true;
  await write(toJson(answer));
}

/** Tells of a failure; as JSON only where there was no answer before. @returns the exit code */
export async function printFailure(error: unknown, asJson: boolean): Promise<number> {
  const failure = toHimsError(error);
  if (asJson && !isAnswered) await printAnswer({ ok: false, error: describeFailure(failure) });
  else process.stderr.write(failureText(failure));
  if (process.env["HIMS_DEBUG"] === "1") process.stderr.write(`${stackOf(error)}\n`);
  return exitCodeOf(failure);
}

/** `error` of the envelope. */
export function describeFailure(error: HimsError): Readonly<Record<string, unknown>> {
  return { code: error.code, message: error.message, hint: error.hint, at: error.at };
}

function failureText(error: HimsError): string {
  // A message that lists places itself (all mistakes of a file) needs no place below it.
  const place =
    error.at === null || error.message.includes(`${error.at.file}:`)
      ? ""
      : `\n  at ${placeText(error.at)}`;
  return visibleText(`${error.message}${place}\n  hint: ${error.hint}\n`);
}

function placeText({ file, line, column }: ErrorPlace): string {
  return visibleLine([file, line, column].filter((part) => part !== undefined).join(":"));
}

/** What is not a HimsError is a file we could not use, or a bug; a bug's own text may hold a patient's data and is not shown. */
export function toHimsError(error: unknown): HimsError {
  if (error instanceof HimsError) return error;
  const code = errorCode(error);
  const path = error instanceof Error && "path" in error ? error.path : undefined;
  const failure = worldFailureOf(error);
  if (failure !== null) return failure;
  const reason = fileReasons[code ?? ""];
  if (reason !== undefined && typeof path === "string") {
    return new HimsError("HIMS_FILE", {
      kind: "usage",
      message: reason,
      hint: "Check the path and your rights on it.",
      at: { file: path },
      cause: error,
    });
  }
  return new HimsError("HIMS_BUG", {
    kind: "bug",
    message: `unexpected ${errorName(error)}${code === null ? "" : ` (${code})`}`,
    hint: "This is a bug in HIMS. Run the command again with HIMS_DEBUG=1 and report where it happened.",
    cause: error,
  });
}

const fileReasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "no right to use this file or folder",
  EPERM: "no right to do this with this file or folder",
  EROFS: "this file system is read-only",
  EISDIR: "this is a folder, not a file",
  ENOTDIR: "a part of this path is not a folder",
};

function errorCode(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" && /^[A-Z0-9_]{2,40}$/.test(code) ? code : null;
}

function errorName(error: unknown): string {
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return /^\w{1,40}$/.test(name) ? name : "error";
}

/** Where it happened, from the error and its causes: the frames alone, since the first line repeats the message. */
export function stackOf(error: unknown): string {
  const lines: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = errorCode(current);
    lines.push(`${errorName(current)}${code === null ? "" : ` (${code})`}`);
    lines.push(...(current.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)));
  }
  return lines.join("\n");
}
