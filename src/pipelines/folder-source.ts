/** Files that lie on this machine: which of them may be read now, and what is done with them afterwards. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { SourceFile } from "../connectors/connector.ts";
import { HimsError } from "../platform/errors.ts";
import { actedFolders, deleteFile, moveFile } from "./after-action.ts";
import {
  actionFailed,
  type CollectContext,
  type CollectOptions,
  type Settlement,
  type SourceCollection,
  since,
  untouched,
} from "./collected-files.ts";
import { inboxFolder } from "./inbox.ts";
import type { PipelineFile } from "./pipeline-file.ts";
import { listSourceFiles } from "./source-listing.ts";
import { readyFiles } from "./source-readiness.ts";
import { inboxPlace, isSftp } from "./source-schema.ts";

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

/** Files that lie on this machine, in a folder, under a glob, or in the inbox. */
export async function collectFolder(
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
