/** What a run is given of its source: files on this machine, and a place to tell how each of them ended. */
import type { SourceFile } from "../connectors/connector.ts";
import { codeOf } from "../platform/failure.ts";
import type { RunId } from "../platform/ids.ts";
import type { Transaction } from "../store/database.ts";
import type { Facility } from "../store/facilities.ts";
import type { RunContext } from "./run-context.ts";

/** What a run came to for one file. `stale`: its content was committed before under another name or date. */
export type Settlement = "committed" | "known" | "stale" | "refused";

/** A file that need not be fetched to know that it was committed before: same name, size and date. */
export interface KnownSourceFile {
  readonly name: string;
  readonly fieldMapHash: string;
}

export interface SourceCollection extends AsyncDisposable {
  /** In natural order of their names; all on this machine. */
  readonly files: readonly SourceFile[];
  readonly known: readonly KnownSourceFile[];
  /** Why files that are there are not among these, by rule: `file_still_written: 1`. */
  readonly warnings: Readonly<Record<string, number>>;
  /** Its files are made anew for each run: known content under a new name is no stale export. */
  readonly isMadeAnew: boolean;
  /** Called in the transaction that commits the file. */
  readonly commit: (tx: Transaction, file: SourceFile) => Promise<void>;
  /** Called after the file's commit, or once it is known to need none; answers a warning when its after-action failed. */
  readonly settled: (file: Pick<SourceFile, "name">, outcome: Settlement) => Promise<string | null>;
}

export interface CollectOptions {
  /** Reads this file, folder or glob instead of the pipeline's own source. Nothing is ever done with it. */
  readonly file: string | null;
  readonly full: boolean;
  readonly since: Date | null;
  readonly dryRun: boolean;
}

/** The run's own context, and whose files they are. */
export interface CollectContext extends RunContext {
  readonly runId: RunId;
  readonly facility: Facility;
}

/** An after-action that fails is told and done again by the next run: the file itself is committed. */
export function actionFailed(error: unknown, { logger }: RunContext): string {
  logger.warn({ code: codeOf(error) }, "after-action failed");
  return "after_action_failed";
}

/** Files with which nothing is done. */
export function untouched(files: readonly SourceFile[], options: CollectOptions): SourceCollection {
  return {
    files: since(files, options.since),
    known: [],
    warnings: {},
    isMadeAnew: false,
    commit: async () => undefined,
    settled: async () => null,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Files modified at or after this time; null: all. */
export function since<File extends { readonly modifiedAt: Date }>(
  files: readonly File[],
  time: Date | null,
): readonly File[] {
  return time === null ? files : files.filter((file) => file.modifiedAt >= time);
}
