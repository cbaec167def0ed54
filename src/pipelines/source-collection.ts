/** The files of one run, wherever they come from, as files on this machine; and what becomes of each once its fate is known. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { SourceFile } from "../connectors/connector.ts";
import { HimsError } from "../platform/errors.ts";
import { codeOf } from "../platform/failure.ts";
import type { RunId } from "../platform/ids.ts";
import type { Transaction } from "../store/database.ts";
import type { Facility } from "../store/facilities.ts";
import { actedFolders, deleteFile, moveFile } from "./after-action.ts";
import { inboxFolder } from "./inbox.ts";
import type { PipelineFile } from "./pipeline-file.ts";
import { collectQuery } from "./query-source.ts";
import { collectRemote } from "./remote-source.ts";
import type { RunContext } from "./run-context.ts";
import { listSourceFiles } from "./source-listing.ts";
import { readyFiles } from "./source-readiness.ts";
import { inboxPlace, isSftp } from "./source-schema.ts";

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

/**
 * Collects the files of one run. Dispose of it when the run has ended.
 * @throws HimsError HIMS_SOURCE_MISSING, HIMS_SFTP_*, HIMS_QUERY_* (exit 4) when the source cannot be reached
 */
export async function collect(
  pipeline: PipelineFile,
  options: CollectOptions,
  context: CollectContext,
): Promise<SourceCollection> {
  if (options.file !== null)
    return untouched(await listSourceFiles(options.file, process.cwd()), options);
  const { source } = pipeline;
  if ("sql" in source && source.sql !== undefined)
    return collectQuery({ ...pipeline, sql: source.sql }, options, context);
  if (isSftp(source.at)) return collectRemote(pipeline, options, context);
  return collectFolder(pipeline, options, context);
}

/** The files of a pipeline's folder, glob or inbox as they lie there; for other sources none, without a connection. */
export async function listLocalFiles(
  pipeline: PipelineFile,
  facilityId: string,
  filesFolder: string,
): Promise<readonly SourceFile[]> {
  const { source } = pipeline;
  if (source.at === "" || isSftp(source.at)) return [];
  const at =
    source.at === inboxPlace ? await inboxOf(pipeline, facilityId, filesFolder) : source.at;
  const files = await listSourceFiles(at, pipeline.folder);
  const isActed = actedFolders(source.after, pipeline.folder);
  const { ready } = source;
  return files.filter(
    ({ path }) => !isActed(dirname(path)) && (ready === undefined || !path.endsWith(ready)),
  );
}

/** A folder that happens to be called like the reserved word is one that somebody meant, and must not go unread. */
async function inboxOf(
  { path, folder }: PipelineFile,
  facilityId: string,
  filesFolder: string,
): Promise<string> {
  if (!existsSync(join(folder, inboxPlace))) return await inboxFolder(filesFolder, facilityId);
  throw new HimsError("HIMS_INBOX_AMBIGUOUS", {
    kind: "usage",
    message:
      "`at: inbox` means what was uploaded for the facility, and here is a folder of that name",
    hint: "Write `at: ./inbox` for the folder; or rename it to read the uploads.",
    at: { file: path },
  });
}

async function collectFolder(
  pipeline: PipelineFile,
  options: CollectOptions,
  context: CollectContext,
): Promise<SourceCollection> {
  const { source } = pipeline;
  const listed = await listLocalFiles(pipeline, context.facility.id, context.workspace.filesFolder);
  const { files, warnings } = await readyFiles(since(listed, options.since), source, context);
  if (options.dryRun) return { ...untouched(files, options), warnings };
  const byName = new Map(files.map((file) => [file.name, file]));
  return {
    ...untouched(files, options),
    warnings,
    async settled({ name }, outcome) {
      const file = byName.get(name);
      // A link out of the folder is refused, and stays where it was put.
      if (file === undefined || file.leadsOut === true) return null;
      try {
        return await act(pipeline, file, outcome);
      } catch (error) {
        return actionFailed(error, context);
      }
    },
  };
}

async function act(
  { source, folder }: PipelineFile,
  file: SourceFile,
  outcome: Settlement,
): Promise<string | null> {
  const { after, ready = null } = source;
  const beside = dirname(file.path);
  const folderOf = (named: string | null, usual: string) =>
    named === null ? join(beside, usual) : resolve(folder, named);
  if (outcome === "refused")
    return after.movesRefused
      ? await moveFile(file, folderOf(after.failedFolder, "failed"), ready)
      : null;
  if (after.loaded === "move")
    return await moveFile(file, folderOf(after.doneFolder, "done"), ready);
  return after.loaded === "delete" ? await deleteFile(file, ready) : null;
}

/** An after-action that fails is told and done again by the next run: the file itself is committed. */
export function actionFailed(error: unknown, { logger }: RunContext): string {
  logger.warn({ code: codeOf(error) }, "after-action failed");
  return "after_action_failed";
}

/** Files with which nothing is done. */
function untouched(files: readonly SourceFile[], options: CollectOptions): SourceCollection {
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
