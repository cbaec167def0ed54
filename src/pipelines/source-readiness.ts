/** Which files of a folder are complete: what is still being written is left for the next run, and counted. */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { SourceFile } from "../connectors/connector.ts";
import { codeOf } from "../platform/failure.ts";
import { filesOpenForWriting } from "./open-files.ts";
import type { RunContext } from "./run-context.ts";

/** As the pipeline file says it. */
export interface Readiness {
  /** Ending of the marker that lies beside a complete file. */
  readonly ready?: string | undefined;
  /** Seconds for which a file must have been left alone. */
  readonly settle?: number | undefined;
}

export interface ReadyFiles {
  readonly files: readonly SourceFile[];
  readonly warnings: Readonly<Record<string, number>>;
}

/** A file younger than this, in milliseconds, or dated in the future, is looked at twice. */
const youngMs = 2_000;
const secondLookMs = 100;
/** A writer that has paused for longer than this, in milliseconds, is not looked for. */
const openWriterMs = 3_600_000;

const stillWritten = "file_still_written";
const notReady = "file_not_ready";

/** The files that may be read now. */
export async function readyFiles(
  files: readonly SourceFile[],
  readiness: Readiness,
  { clock, signal }: Pick<RunContext, "clock" | "signal">,
): Promise<ReadyFiles> {
  const { ready, settle } = readiness;
  const marked = ready === undefined ? files : files.filter(({ path }) => existsSync(path + ready));
  const now = clock.now().getTime();
  const ageMs = (file: SourceFile) => now - file.modifiedAt.getTime();
  const waiting = new Set(
    settle === undefined ? [] : marked.filter((file) => isWithin(ageMs(file), settle * 1_000)),
  );
  for (const file of openFiles(marked.filter((file) => isWithin(ageMs(file), openWriterMs))))
    waiting.add(file);
  const young = marked.filter((file) => !waiting.has(file) && ageMs(file) < youngMs);
  if (young.length > 0) {
    await sleep(secondLookMs, undefined, { signal });
    for (const file of young) if (await hasChanged(file)) waiting.add(file);
  }
  return {
    files: marked.filter((file) => !waiting.has(file)),
    warnings: {
      ...counted(notReady, files.length - marked.length),
      ...counted(stillWritten, waiting.size),
    },
  };
}

/** A warning with its number; none where there is nothing to tell. */
export function counted(rule: string, number: number): Readonly<Record<string, number>> {
  return number === 0 ? {} : { [rule]: number };
}

/** A date in the future says that clocks differ, and nothing about the file's age. */
function isWithin(ageMs: number, limitMs: number): boolean {
  return ageMs >= 0 && ageMs < limitMs;
}

function openFiles(files: readonly SourceFile[]): readonly SourceFile[] {
  if (files.length === 0) return [];
  const open = filesOpenForWriting(files.map(({ path }) => path));
  return files.filter(({ path }) => open.has(path));
}

async function hasChanged(file: SourceFile): Promise<boolean> {
  const now = await stat(file.path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  return (
    now === null || now.size !== file.bytes || now.mtime.getTime() !== file.modifiedAt.getTime()
  );
}
