/** Quarantined records read again: mended by a clerk, or as they are in the archive. They go the way of every record, and clear. */
import type { SourceFile } from "../connectors/connector.ts";
import { HimsError } from "../platform/errors.ts";
import { findItems, listWaiting, type WaitingItem } from "../store/quarantine-mending.ts";
import { isLinkBehind } from "../store/runs.ts";
import { replaySlot } from "../store/source-files.ts";
import type { CsvPipeline, PipelineFile } from "./pipeline-file.ts";
import { parseRowId } from "./quarantine-row-id.ts";
import { returnedMessages } from "./quarantined-messages.ts";
import { archivedTables, returnedTables } from "./replay-files.ts";
import type { ReplayFiles } from "./replayed-items.ts";
import { requestedPipelines } from "./requested-pipelines.ts";
import { openReturnedFile, readReturnedFile, severalFiles } from "./returned-file.ts";
import { idCellOf, type NotReplayedLine } from "./returned-rows.ts";
import { newRunId, type RunContext } from "./run-context.ts";
import { linkWhenFree, type RunOutcome, type RunReport, runPipelines } from "./run-pipelines.ts";
import { listSourceFiles } from "./source-listing.ts";

export interface ReplayRequest {
  /** A clerk's file; null: the archived text of the items is read again. */
  readonly file: string | null;
  /** Name or path of a pipeline file. */
  readonly pipeline: string | null;
  /** One item alone. */
  readonly id: string | null;
  readonly dryRun: boolean;
}

/** `data` of `hims quarantine replay`: that of `hims run`, and what became of the items. */
export interface ReplayReport extends RunReport {
  /** Items that loaded and wait no more. */
  readonly cleared: number;
  /** Items of this replay that wait still. */
  readonly stillOpen: number;
  /** Rows whose id is none of this store and pipeline, or is damaged. */
  readonly unknown: number;
  /** Rows whose item did not wait any more. */
  readonly alreadyClosed: number;
  /** Lines of the clerk's file that were not read as rows of an item, and why. */
  readonly notReplayed: readonly NotReplayedLine[];
}

export interface ReplayOutcome extends RunOutcome {
  readonly report: ReplayReport;
}

export async function replayQuarantine(
  request: ReplayRequest,
  context: RunContext,
): Promise<ReplayOutcome> {
  const work =
    request.file === null
      ? await fromArchive(request, context)
      : await fromClerk({ ...request, file: request.file }, context);
  const options = {
    file: null,
    full: false,
    since: null,
    dryRun: request.dryRun,
    maxQuarantine: null,
    slot: `${replaySlot}${newRunId(context.clock)}`,
    replay: work.files.items,
  };
  const requested = [{ name: work.pipeline.name, file: asTable(work.pipeline) }];
  const outcome = await runPipelines(requested, options, context);
  const ids = [...work.files.ids];
  // A dry run's end is gone with its transaction: its last file has seen it.
  const waiting = [...work.files.items.values()].findLast(
    (items) => items.waiting !== null,
  )?.waiting;
  const cleared = request.dryRun
    ? ids.filter((id) => waiting != null && !waiting.has(id)).length
    : ids.length - (await countOpen(ids, context));
  const count = (reason: NotReplayedLine["reason"]) =>
    work.notReplayed.filter((line) => line.reason === reason).length;
  return {
    ...outcome,
    report: {
      ...outcome.report,
      cleared,
      stillOpen: ids.length - cleared,
      unknown: count("unknown"),
      alreadyClosed: count("already_closed"),
      notReplayed: work.notReplayed,
    },
  };
}

interface Work {
  readonly pipeline: PipelineFile;
  readonly files: ReplayFiles;
  readonly notReplayed: readonly NotReplayedLine[];
}

async function fromClerk(
  request: ReplayRequest & { readonly file: string },
  context: RunContext,
): Promise<Work> {
  const { signal } = context;
  const file = await clerksFile(request.file);
  const opened = await openReturnedFile(file, null, signal);
  const messages = await returnedMessages(opened, signal);
  const table = messages === null ? await readReturnedFile(opened, signal) : null;
  const rowIds =
    messages?.rowIds ?? table?.rows.map((row) => idCellOf(row, table.positions) ?? "") ?? [];
  const ids = rowIds.map(parseRowId).filter((id) => id !== null);
  const items = await findItems(context.database.writer, [...new Set(ids)]);
  const pipeline = loadOnly(request.pipeline, [...items.values()], context);
  if (messages !== null) return { pipeline, ...messages.match(items, pipeline.name) };
  if (table === null) throw new Error("a file is messages or a table");
  const csv = csvOnly(pipeline);
  const marked =
    opened === file
      ? table
      : await readReturnedFile(await openReturnedFile(file, csv, signal), signal);
  const returned = await returnedTables({ file, table: marked, items, pipeline: csv }, context);
  const unreadable = marked.unreadable.map((line) => ({
    line,
    row: null,
    reason: "unreadable" as const,
  }));
  return { pipeline, files: returned.files, notReplayed: [...returned.notReplayed, ...unreadable] };
}

async function fromArchive(request: ReplayRequest, context: RunContext): Promise<Work> {
  const asked = request.pipeline === null ? null : loadOnly(request.pipeline, [], context);
  const filter = { pipeline: asked?.name ?? null, run: null, id: request.id };
  const items = await listWaiting(context.database.writer, filter);
  if (items.length === 0) {
    await linkWhatIsBehind(context);
    throw nothingWaits();
  }
  const pipeline = asked ?? loadOnly(null, items, context);
  const files = await archivedTables(items, pipeline, context);
  return { pipeline, files, notReplayed: [] };
}

/** A replay that was killed between its commit and linking left nothing to replay, and people as they were. */
async function linkWhatIsBehind(context: RunContext): Promise<void> {
  if (!(await isLinkBehind(context.database.writer))) return;
  const linked = await linkWhenFree(context);
  if (linked instanceof HimsError) throw linked;
}

async function clerksFile(path: string): Promise<SourceFile> {
  const [file, ...more] = await listSourceFiles(path, process.cwd());
  if (file !== undefined && more.length === 0) return file;
  throw severalFiles(path);
}

/** The pipeline that was named, else the one all items are of. */
function loadOnly(
  named: string | null,
  items: readonly WaitingItem[],
  { workspace, environment }: RunContext,
): PipelineFile {
  const names = new Set(items.map(({ pipeline }) => pipeline));
  const [only] = names;
  const asked =
    named === null
      ? requestedPipelines({ names: [], all: true }, workspace, environment).find(
          ({ name }) => name === only,
        )
      : requestedPipelines({ names: [named], all: false }, workspace, environment)[0];
  if (named === null && names.size > 1) throw severalPipelines([...names]);
  if (asked !== undefined && "file" in asked) return asked.file;
  if (asked !== undefined) throw asked.error;
  throw only === undefined ? nothingKnown() : noPipelineFile(only);
}

function csvOnly(pipeline: PipelineFile): CsvPipeline & PipelineFile {
  if ("fields" in pipeline) return pipeline;
  throw new HimsError("HIMS_REPLAY_FILE", {
    kind: "usage",
    message: "a table was given, and this pipeline reads HL7 messages",
    hint: "Give the .hl7 file of the export, with its messages mended in place.",
  });
}

/** Replayed rows are written by us: UTF-8, commas, the header first. Whatever decides what a row means stays. */
function asTable(pipeline: PipelineFile): PipelineFile {
  if (!("fields" in pipeline)) {
    const { encoding } = pipeline.source;
    // Messages of UTF-16 are given out as UTF-8.
    const narrow = /^utf-?16/i.test(encoding) ? "utf-8" : encoding;
    return { ...pipeline, source: { ...pipeline.source, encoding: narrow } };
  }
  const { source } = pipeline;
  const header = source.header === "none" ? ("none" as const) : 1;
  return {
    ...pipeline,
    source: { ...source, type: "csv", encoding: "utf-8", delimiter: ",", header },
  };
}

async function countOpen(ids: readonly string[], context: RunContext): Promise<number> {
  const items = await findItems(context.database.writer, ids);
  return [...items.values()].filter(({ state }) => state === "open").length;
}

function severalPipelines(names: readonly string[]): HimsError {
  return new HimsError("HIMS_USAGE", {
    kind: "usage",
    message: "the records are of several pipelines",
    hint: `Name one with --pipeline: ${names.toSorted().join(", ")}.`,
  });
}

function nothingWaits(): HimsError {
  return new HimsError("HIMS_QUARANTINE_UNKNOWN", {
    kind: "usage",
    message: "no quarantined record waits there",
    hint: "`hims quarantine list` shows those that wait.",
  });
}

function nothingKnown(): HimsError {
  return new HimsError("HIMS_REPLAY_FILE", {
    kind: "usage",
    message: "no row of this file is a quarantined record of this store",
    hint: "Give the file that this workspace's `hims quarantine export` wrote, with its column hims_row as it was.",
  });
}

function noPipelineFile(name: string): HimsError {
  return new HimsError("HIMS_PIPELINE_UNKNOWN", {
    kind: "usage",
    message: `no file in pipelines/ has the name ${JSON.stringify(name)}`,
    hint: "Name the pipeline file with --pipeline PATH.yaml.",
  });
}
