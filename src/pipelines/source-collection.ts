/** The files of one run, wherever they come from, as files on this machine; and what becomes of each once its fate is known. */
import {
  type CollectContext,
  type CollectOptions,
  type SourceCollection,
  untouched,
} from "./collected-files.ts";
import { collectFolder } from "./folder-source.ts";
import type { PipelineFile } from "./pipeline-file.ts";
import { collectQuery } from "./query-source.ts";
import { collectRemote } from "./remote-source.ts";
import { listSourceFiles } from "./source-listing.ts";
import { isSftp } from "./source-schema.ts";

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
