/** Runs one pipeline: source -> store, file by file, one run at a time on however many machines. */
import { createHash } from "node:crypto";
import pLimit from "p-limit";
import { readContent, type SourceFile } from "../connectors/connector.ts";
import { HimsError } from "../platform/errors.ts";
import { codeOf, isConnectionLoss, worldFailureOf } from "../platform/failure.ts";
import type { FacilityId, RunId } from "../platform/ids.ts";
import { maskAadhaar } from "../records/aadhaar.ts";
import { addFacility, type Facility, findFacility } from "../store/facilities.ts";
import { endRun, type OpenRun, openRun, type RunEnd } from "../store/runs.ts";
import { findKnownFile, type KnownFile } from "../store/source-files.ts";
import { clearStage, createStage } from "../store/stage.ts";
import {
  type CollectContext,
  type Settlement,
  type SourceCollection,
  untouched,
} from "./collected-files.ts";
import { type GateLimits, openGates } from "./file-gates.ts";
import { type IngestedFile, ingestFile } from "./ingest-file.ts";
import type { PipelineFile } from "./pipeline-file.ts";
import { mapSourceOf } from "./pipeline-list.ts";
import type { ReplayedItems } from "./replayed-items.ts";
import { newRunId, type RunContext } from "./run-context.ts";
import { collect } from "./source-collection.ts";
import { unwrapped } from "./source-wrapping.ts";

export interface IngestOptions {
  /** Reads this file, folder or glob instead of the pipeline's own source. */
  readonly file: string | null;
  /** Reads files whose content is known as well; rows that did not change stay `unchanged`. */
  readonly full: boolean;
  /** Only files modified at or after this time. */
  readonly since: Date | null;
  readonly dryRun: boolean;
  /** Who is who is found by a later command. */
  readonly loadsOnly?: boolean;
  /** Reads nothing new: what stands is read again from the archive under the map of now. */
  readonly remap?: boolean;
  readonly maxQuarantine: number | null;
  /** In place of the pipeline's own gates; null or absent: those hold. */
  readonly minRows?: number | null;
  readonly maxDrop?: number | null;
  /** Reads these files, made of quarantined records, in place of any source. No gate holds. */
  readonly replay?: ReadonlyMap<SourceFile, ReplayedItems> | null;
  /** What the ledger calls this execution: the due time of a schedule, else the run's own id. */
  readonly slot: string | null;
  /** Once aborted, no further file is begun; the one under way is finished (the context's signal rolls it back). */
  readonly stop?: AbortSignal | null;
}

export interface RefusedFile {
  readonly file: string;
  readonly code: string;
  readonly message: string;
}

/** One entry of `runs` in `hims run --json`. */
export interface IngestResult {
  readonly id: RunId;
  readonly pipeline: string;
  readonly facility: FacilityId;
  readonly status: RunEnd;
  readonly read: number;
  readonly loaded: number;
  readonly unchanged: number;
  readonly quarantined: number;
  readonly layoutLines: number;
  readonly landedOnly: number;
  readonly landedOnlyTypes: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
  /** Files of which nothing was committed, and why. */
  readonly refusedFiles: readonly RefusedFile[];
  readonly files: number;
  /** From opening the first file to the last commit. */
  readonly seconds: number;
  /** The part of it in which files were read and staged; the rest settled them. */
  readonly stageSeconds: number;
  readonly rowsPerSecond: number;
  readonly error: HimsError | null;
}

/** Runs the pipeline; a failure is part of the result, with what was committed before it. */
export async function ingest(
  pipeline: PipelineFile,
  options: IngestOptions,
  context: RunContext,
): Promise<IngestResult> {
  const facility = await facilityOf(pipeline, context);
  const runId = newRunId(context.clock);
  const run = await openRun(context.database, {
    runId,
    pipeline: pipeline.name,
    kind: "ingest",
    facilityId: facility.id,
    slot: options.slot ?? runId,
    worker: context.worker,
    startedAt: context.clock.now(),
  });
  const tally = new Tally();
  let error: HimsError | null = null;
  const started = performance.now();
  try {
    await using source = await sourceOf(pipeline, options, { ...context, facility, runId });
    if (options.replay === null || options.replay === undefined) noteSource(source, tally);
    const files = await unwrapped(source.files, pipeline, context.signal);
    await ingestFiles(
      { pipeline, facility, run, options, source, files, fates: new Map(), tally },
      context,
    );
  } catch (thrown) {
    error = expected(thrown, context.signal);
    if (error === null) {
      await endRun(context.database, run, {
        status: "failed",
        endedAt: context.clock.now(),
        detail: { error: "HIMS_BUG" },
      });
      throw thrown;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const status = statusOf(tally, error);
  await finish(run, { status, error, dryRun: options.dryRun }, context);
  return {
    id: runId,
    pipeline: pipeline.name,
    facility: facility.id,
    status,
    ...tally.totals(),
    ...speed(tally.read, seconds),
    error,
  };
}

/** A connection that is gone cannot note the end of its run; the next run of the pipeline does. */
async function finish(
  run: OpenRun,
  end: { status: RunEnd; error: HimsError | null; dryRun: boolean },
  context: RunContext,
): Promise<void> {
  const detail = {
    ...(end.error === null ? {} : { error: end.error.code }),
    ...(end.dryRun ? { dryRun: true } : {}),
  };
  try {
    await endRun(context.database, run, {
      status: end.status,
      endedAt: context.clock.now(),
      detail,
    });
  } catch (error) {
    if (!isConnectionLoss(error) && end.error?.kind !== "unreachable") throw error;
    context.logger.warn({ runId: run.runId, code: codeOf(error) }, "run end not recorded");
  }
}

function speed(read: number, seconds: number): { seconds: number; rowsPerSecond: number } {
  return {
    seconds: Math.round(seconds * 1000) / 1000,
    rowsPerSecond: seconds === 0 ? 0 : Math.round(read / seconds),
  };
}

/** The pipeline's facility, registered if the pipeline file declares it. @throws HimsError when it may not load */
export async function facilityOf(pipeline: PipelineFile, context: RunContext): Promise<Facility> {
  const { writer } = context.database;
  const declared = pipeline.facility;
  if (typeof declared !== "string") {
    await context.database.transaction((tx) =>
      addFacility(tx, { ...declared, id: declared.id as FacilityId }, context.clock.now()),
    );
  }
  const id = typeof declared === "string" ? declared : declared.id;
  const facility = await findFacility(writer, id);
  if (facility === null) {
    throw new HimsError("HIMS_FACILITY_UNKNOWN", {
      kind: "usage",
      message: `the facility ${JSON.stringify(id)} of this pipeline is not registered`,
      hint: `Register it: hims facility add ${id} --name NAME --ownership delhi_govt|central|civic|private --kind hospital`,
      at: { file: pipeline.path },
    });
  }
  if (facility.state === "active") return facility;
  throw new HimsError("HIMS_FACILITY_PAUSED", {
    kind: "usage",
    message: `the facility ${facility.id} is paused`,
    hint: `Let it go on with: hims facility resume ${facility.id}`,
  });
}

/** A replay brings its own files; every other run takes them from the pipeline's source. */
async function sourceOf(
  pipeline: PipelineFile,
  options: IngestOptions,
  context: CollectContext,
): Promise<SourceCollection> {
  return options.replay
    ? untouched([...options.replay.keys()], { ...options, since: null })
    : collect(pipeline, options, context);
}

/** What is not read, and why. */
function noteSource({ files, known, warnings }: SourceCollection, tally: Tally): void {
  for (const [rule, number] of Object.entries(warnings)) tally.note(rule, number);
  if (files.length === 0 && known.length === 0 && Object.keys(warnings).length === 0)
    tally.note("no_file_found");
}

interface Work {
  readonly pipeline: PipelineFile;
  readonly facility: Facility;
  readonly run: OpenRun;
  readonly options: IngestOptions;
  readonly source: SourceCollection;
  /** Those of the source, or what is packed in them. */
  readonly files: readonly SourceFile[];
  /** What became of archives whose members are not all read yet, by path. */
  readonly fates: Map<string, Settlement | "unread">;
  readonly tally: Tally;
}

/**
 * Each file is its own transaction; a dry run takes all of them in one that is rolled back, and a replay in one that is kept:
 * what its first file loads settles items of the next, so a half of it could not be made whole by replaying again.
 * A file that is refused does not keep the next ones from loading: the first refusal is the run's error.
 */
async function ingestFiles(work: Work, context: RunContext): Promise<void> {
  const { dryRun, replay } = work.options;
  const isWhole = dryRun || (replay ?? null) !== null;
  const refusal = isWhole ? await ingestAtOnce(work, context) : await ingestOneByOne(work, context);
  if (refusal !== null) throw refusal;
}

function ingestOneByOne(work: Work, context: RunContext): Promise<HimsError | null> {
  return eachFile(work, context, (job) =>
    context.database.transaction(async (tx) => {
      const ingested = await ingestFile(tx, job, context);
      await work.source.commit(tx, job.file);
      return ingested;
    }),
  );
}

async function ingestAtOnce(work: Work, context: RunContext): Promise<HimsError | null> {
  try {
    return await context.database.transaction(
      async (tx) => {
        // Before the first savepoint: the stage must outlive a file that is refused.
        await createStage(tx);
        return await eachFile(work, context, async (job) => {
          await tx.rows("savepoint file");
          try {
            return await ingestFile(tx, job, context);
          } catch (error) {
            await tx.rows("rollback to savepoint file");
            throw error;
          } finally {
            await clearStage(tx);
          }
        });
      },
      work.options.dryRun ? "rollback" : "commit",
    );
  } catch (error) {
    work.tally.forgetCounts();
    throw error;
  }
}

/** Files are hashed ahead of the one that loads: whether they are known is then told without waiting. */
const filesHashedAtOnce = 2;

/** Answers the first refusal of a file; what would meet every file is thrown. */
async function eachFile(work: Work, context: RunContext, run: Ingest): Promise<HimsError | null> {
  let first: HimsError | null = null;
  const ahead = pLimit(filesHashedAtOnce);
  await skipKnown(work);
  const hashes = work.files.map((file) => {
    const hash = ahead(() => contentHash(file, context.signal));
    // Awaited when the file's turn comes; a failure must not count as unhandled until then.
    hash.catch(() => undefined);
    return { file, hash };
  });
  try {
    for (const { file, hash } of hashes) {
      try {
        const outcome = await ingestOne({ ...work, sha256: hash }, file, context, run);
        await settle(work, file, outcome);
      } catch (thrown) {
        const refusal = context.signal.aborted ? null : refusalOf(thrown, file);
        if (refusal === null) throw thrown;
        await refuse(work, file, refusal);
        first ??= refusal;
      }
    }
  } finally {
    ahead.clearQueue();
  }
  return first;
}

/** Files that need not even be fetched. */
async function skipKnown(work: Work): Promise<void> {
  for (const known of work.source.known) {
    if (known.fieldMapHash !== mapSourceOf(work.pipeline)) work.tally.note(mapChangedRule);
    work.tally.skip("unchanged");
    await settle(work, known, "known");
  }
}

async function refuse(work: Work, file: SourceFile, refusal: HimsError): Promise<void> {
  work.tally.refuse(refusal);
  // What could not be read may be read the next time; what was read and refused is settled.
  if (refusal.kind === "unreachable") work.fates.set(file.path, "unread");
  else await settle(work, file, "refused");
}

/** The after-action of a file whose fate is known. An archive's is known with its last member: the worst of theirs. */
async function settle(
  { source, files, tally, fates }: Work,
  file: { readonly name: string; readonly path?: string },
  outcome: Settlement,
): Promise<void> {
  const path = file.path ?? file.name;
  const before = fates.get(path) ?? outcome;
  // An archive with a member that could not be read stays where it is, for the next run.
  if (before === "unread") return;
  const worst = worseOf(before, outcome);
  fates.set(path, worst);
  const members = files.filter((other) => other.path === path);
  if (members.length > 1 && members.at(-1)?.name !== file.name) return;
  const whole = source.files.find((other) => other.path === path) ?? file;
  const warning = await source.settled(whole, worst);
  if (warning !== null) tally.note(warning);
}

const settlements: readonly Settlement[] = ["stale", "known", "committed", "refused"];

function worseOf(left: Settlement, right: Settlement): Settlement {
  return settlements.indexOf(left) > settlements.indexOf(right) ? left : right;
}

/** What is wrong with one file alone; null for what would meet the next file as well. */
function refusalOf(thrown: unknown, file: SourceFile): HimsError | null {
  if (thrown instanceof HimsError) {
    const isOfFile =
      thrown.kind === "usage" || thrown.kind === "gate" || thrown.code.startsWith("HIMS_SOURCE_");
    return isOfFile && thrown.code !== "HIMS_INTERRUPTED" ? placed(thrown, file) : null;
  }
  return unreadableCode.test(codeOf(thrown)) && !isConnectionLoss(thrown)
    ? unreadable(thrown, file.name)
    : null;
}

/** The error with the file as its place, where it names none. */
function placed(error: HimsError, file: SourceFile): HimsError {
  if (error.at !== null) return error;
  const { kind, message, hint } = error;
  return new HimsError(error.code, { kind, message, hint, at: { file: file.name }, cause: error });
}

type Ingest = (job: Parameters<typeof ingestFile>[1]) => Promise<IngestedFile>;

async function ingestOne(
  work: Work & { readonly sha256: Promise<string> },
  file: SourceFile,
  context: RunContext,
  run: Ingest,
): Promise<Settlement> {
  context.signal.throwIfAborted();
  const { pipeline, facility, options, tally } = work;
  if (options.stop?.aborted === true) throw stopped();
  if (file.leadsOut === true) throw linkOut(file);
  if (file.bytes === 0) throw emptyFile(file);
  const sha256 = await work.sha256;
  const mapSource = mapSourceOf(pipeline);
  const known = await findKnownFile(context.database.writer, pipeline.name, sha256);
  const replay = options.replay?.get(file) ?? null;
  if (known !== null && !options.full && replay === null)
    return skipped(work, known, file, mapSource);
  // The same mended row may stand for another item than last time: a replay is always read for its items.
  const sameMap = known !== null && known.fieldMapHash === mapSource && replay === null;
  tally.add(
    await run({
      pipeline,
      facility,
      file,
      sha256,
      known: sameMap ? known : null,
      mapSource,
      run: work.run,
      gates: replay === null ? gatesOf(pipeline, options) : openGates,
      replay,
    }),
  );
  return "committed";
}

/** A file that is not read: its content is there. */
function skipped(
  { tally, source }: Work,
  known: KnownFile,
  file: SourceFile,
  mapSource: string,
): Settlement {
  if (known.fieldMapHash !== mapSource) tally.note(mapChangedRule);
  const isStale = !source.isMadeAnew && isAnother(known, file);
  tally.skip(isStale ? "stale" : "unchanged");
  return isStale ? "stale" : "known";
}

/** An export that brings old content under a new name or date: whoever made it has a stuck export. */
function isAnother(known: KnownFile, file: SourceFile): boolean {
  // The store keeps the name with any Aadhaar number in it masked.
  if (known.name !== maskAadhaar(file.name)) return true;
  return known.modifiedAt.getTime() !== file.modifiedAt.getTime();
}

function gatesOf({ gate }: PipelineFile, options: IngestOptions): GateLimits {
  return {
    maxQuarantine: options.maxQuarantine ?? gate.max_quarantine ?? null,
    minRows: options.minRows ?? gate.min_rows ?? null,
    maxDrop: options.maxDrop ?? gate.max_drop ?? null,
  };
}

async function contentHash(file: SourceFile, signal: AbortSignal): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of readContent(file, signal)) digest.update(chunk);
  return digest.digest("hex");
}

/** Counted as a warning: files that are known under an older field map, and were not read again. */
const mapChangedRule = "field_map_changed_since_use_full";

/** What the files of a run came to. */
class Tally {
  read = 0;
  private loaded = 0;
  private unchanged = 0;
  private quarantined = 0;
  private layoutLines = 0;
  private files = 0;
  private stageSeconds = 0;
  private readonly landedOnly = new Map<string, number>();
  private readonly warnings = new Map<string, number>();
  private readonly refusedFiles: RefusedFile[] = [];
  stale = 0;
  /** Nothing was loaded, and no record of new content was refused. */
  changedNothing = true;

  add(file: IngestedFile): void {
    this.files += 1;
    this.read += file.read;
    this.stageSeconds += file.stageSeconds;
    this.loaded += file.loaded;
    this.unchanged += file.unchanged;
    this.quarantined += file.quarantined;
    if (file.loaded > 0 || (file.quarantined > 0 && !file.isKnown)) this.changedNothing = false;
    this.layoutLines += file.layoutLines;
    for (const [type, number] of Object.entries(file.landedOnly))
      this.landedOnly.set(type, (this.landedOnly.get(type) ?? 0) + number);
    for (const [rule, number] of Object.entries(file.warnings))
      this.warnings.set(rule, (this.warnings.get(rule) ?? 0) + number);
  }

  /** The files that were counted are rolled back after all. */
  forgetCounts(): void {
    this.read = 0;
    this.loaded = 0;
    this.unchanged = 0;
    this.quarantined = 0;
    this.layoutLines = 0;
    this.landedOnly.clear();
    this.changedNothing = true;
  }

  /** A file that was refused: nothing of it is in the counts. */
  refuse(error: HimsError): void {
    this.files += 1;
    const { code, message, at } = error;
    this.refusedFiles.push({ file: at?.file ?? "", code, message });
  }

  note(warning: string, number = 1): void {
    this.warnings.set(warning, (this.warnings.get(warning) ?? 0) + number);
  }

  skip(as: "unchanged" | "stale"): void {
    this.files += 1;
    if (as === "stale") this.stale += 1;
  }

  totals() {
    const { read, loaded, unchanged, quarantined, layoutLines, files } = this;
    const landedOnly = [...this.landedOnly.values()].reduce((sum, number) => sum + number, 0);
    return {
      read,
      loaded,
      unchanged,
      quarantined,
      layoutLines,
      landedOnly,
      landedOnlyTypes: Object.fromEntries(this.landedOnly),
      warnings: Object.fromEntries(this.warnings),
      refusedFiles: this.refusedFiles,
      files,
      stageSeconds: Math.round(this.stageSeconds * 1000) / 1000,
    };
  }
}

function statusOf(tally: Tally, error: HimsError | null): RunEnd {
  if (error !== null)
    return error.code === "HIMS_INTERRUPTED"
      ? "cancelled"
      : error.kind === "gate"
        ? "gated"
        : "failed";
  if (tally.read === 0 && tally.stale > 0) return "stale";
  return tally.changedNothing ? "unchanged" : "succeeded";
}

/** The failures a run may meet, in our words; null for a bug. */
function expected(thrown: unknown, signal: AbortSignal): HimsError | null {
  if (signal.aborted) {
    return new HimsError("HIMS_INTERRUPTED", {
      kind: "usage",
      message: "interrupted; the file under way was rolled back",
      hint: "Run the same command again: files committed before are not read twice.",
    });
  }
  if (thrown instanceof HimsError) return thrown;
  const code = codeOf(thrown);
  if (unreadableCode.test(code) && !isConnectionLoss(thrown)) return unreadable(thrown, null);
  return worldFailureOf(thrown);
}

/** An export of no patients still has a header; nothing at all is an export that failed. */
function emptyFile(file: SourceFile): HimsError {
  return new HimsError("HIMS_SOURCE_EMPTY", {
    kind: "usage",
    message: "this file is empty",
    hint: "Export it again: even without records a file has a header. Or remove it.",
    at: { file: file.name, line: 1 },
  });
}

function linkOut(file: SourceFile): HimsError {
  return new HimsError("HIMS_SOURCE_LINK", {
    kind: "usage",
    message: "this is a link to a file outside the source folder",
    hint: "Put the file itself into the folder, or name the link with --file.",
    at: { file: file.name },
  });
}

function stopped(): HimsError {
  return new HimsError("HIMS_INTERRUPTED", {
    kind: "usage",
    message: "interrupted after a whole file",
    hint: "Run the same command again: files committed before are not read twice.",
  });
}

const unreadableCode = /^E(?:NOENT|ACCES|PERM|ISDIR|IO|MFILE)$/;

function unreadable(error: unknown, file: string | null): HimsError {
  return new HimsError("HIMS_SOURCE_UNREADABLE", {
    kind: "unreachable",
    message: `a source file cannot be read (${codeOf(error)})`,
    hint: "Check that the file is there and that this user may read it.",
    ...(file === null ? {} : { at: { file } }),
    cause: error,
  });
}
