/** Writes a synthetic city's exports, pipelines and truth into an empty folder. */
import { createWriteStream, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HimsError } from "../platform/errors.ts";
import type { IsoDate } from "../platform/ids.ts";
import type { Progress } from "../platform/progress.ts";
import type { SynthOptions } from "../synthetic/synth-options.ts";
import { synthesize } from "../synthetic/synthesize.ts";

export interface WrittenFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
}

/** The day synthetic exports are made on unless another is named: a seed gives the same bytes on every day. */
export const synthDay = "2026-11-01" as IsoDate;

/**
 * What an earlier try left behind must be removed by hand: nothing is overwritten.
 * @throws HimsError HIMS_FOLDER_NOT_EMPTY, HIMS_SYNTH_PEOPLE
 */
export async function writeSynthetic(
  folder: string,
  options: SynthOptions,
  ends: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<readonly WrittenFile[]> {
  refuseUsed(folder);
  const written: WrittenFile[] = [];
  for (const file of synthesize(options)) {
    const path = join(folder, file.path);
    mkdirSync(dirname(path), { recursive: true });
    await pipeline(Readable.from(file.chunks), createWriteStream(path, { flags: "wx" }), {
      signal: ends.signal,
    });
    written.push({ path: file.path, bytes: statSync(path).size });
    ends.progress.report({ stage: "synth", done: written.length, total: null, unit: "files" });
  }
  return written;
}

function refuseUsed(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new HimsError("HIMS_FOLDER_NOT_EMPTY", {
    kind: "usage",
    message: "this folder is not empty; nothing was written",
    hint: "Name a new folder, or empty this one.",
    at: { file: folder },
  });
}
