/** Several pipelines one after the other, then the people: what `hims run` does. A failure of one is not the failure of all. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorPlace, HimsError } from "../platform/errors.ts";
import { codeOf, worldFailureOf } from "../platform/failure.ts";
import type { RunId } from "../platform/ids.ts";
import { endRun, openRun } from "../store/runs.ts";
import { facilityOf, type IngestOptions, type IngestResult, ingest } from "./ingest.ts";
import { type LinkResult, linkPersons } from "./link.ts";
import type { PipelineFile } from "./pipeline-file.ts";
import { type RemapReport, remap } from "./remap.ts";
import type { RunContext } from "./run-context.ts";

/** A pipeline that was asked for: its file as read, or why it cannot be. */
export type Requested =
  | { readonly name: string; readonly file: PipelineFile }
  | { readonly name: string; readonly error: HimsError };

/** An error as `--json` tells it. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly at: ErrorPlace | null;
}

/** One entry of `runs`; `id` and `facility` are null when it failed before a run was opened. */
export type RunEntry = Omit<IngestResult, "error" | "id" | "facility"> & {
  readonly id: string | null;
  readonly facility: string | null;
  /** Of `--remap`: what became of each field. */
  readonly remap?: RemapReport;
  readonly error?: ErrorReport;
};

/** `data` of `hims run`. `link` and `persons` are null when people were not linked: a dry run, or nothing was read. */
export interface RunReport {
  readonly runs: readonly RunEntry[];
  readonly link: { readonly seconds: number } | null;
  readonly persons: LinkResult["persons"] | null;
}

export interface RunOutcome {
  readonly report: RunReport;
  /** Of pipelines, in their order. */
  readonly failures: readonly HimsError[];
  /** Why people were not linked though something was read. */
  readonly linkFailure: HimsError | null;
}

const lockPollMs = 250;
/** How long to wait for a link run of somebody else, in milliseconds. */
const lockPatienceMs = 600_000;

/** Runs each pipeline, then links people, unless nothing was committed or it was only tried out. */
export async function runPipelines(
  requested: readonly Requested[],
  options: IngestOptions,
  context: RunContext,
): Promise<RunOutcome> {
  const isRehearsal = options.dryRun && requested.length > 1;
  const ran = await (isRehearsal ? rehearseEach : runEach)(requested, options, context);
  const runs = ran.map(({ entry }) => entry);
  const failures = ran.flatMap(({ error }) => error ?? []);
  // A pipeline with a refused file has failed, and its other files are in the store all the same.
  const isAnyCommitted =
    failures.length < requested.length || runs.some(({ loaded }) => loaded > 0);
  const isLinkable =
    !options.dryRun && options.loadsOnly !== true && !context.signal.aborted && isAnyCommitted;
  const linked = isLinkable ? await linkWhenFree(context) : null;
  const isLinked = linked !== null && !(linked instanceof HimsError);
  return {
    report: {
      runs,
      link: isLinked ? { seconds: linked.seconds } : null,
      persons: isLinked ? linked.persons : null,
    },
    failures,
    linkFailure: linked instanceof HimsError ? linked : null,
  };
}

async function runEach(
  requested: readonly Requested[],
  options: IngestOptions,
  context: RunContext,
): Promise<readonly Ran[]> {
  const ran: Ran[] = [];
  for (const pipeline of requested) ran.push(await runOne(pipeline, options, context));
  return ran;
}

/** Pipelines may feed the same records: each is tried out on what those before it would have left. */
async function rehearseEach(
  requested: readonly Requested[],
  options: IngestOptions,
  context: RunContext,
): Promise<readonly Ran[]> {
  const { database } = context;
  const ran = await database.rehearse(() => runEach(requested, options, context));
  // The ledger's lines were part of the rehearsal.
  for (const [at, { entry }] of ran.entries()) {
    const asked = requested[at];
    if (asked !== undefined && "file" in asked) await noteDryRun(asked.file, entry, context);
  }
  return ran;
}

async function noteDryRun(
  pipeline: PipelineFile,
  { id, status, error }: RunEntry,
  context: RunContext,
): Promise<void> {
  if (id === null) return;
  const { database, clock, worker } = context;
  const facility = await facilityOf(pipeline, context);
  const run = await openRun(database, {
    runId: id as RunId,
    pipeline: pipeline.name,
    kind: "ingest",
    facilityId: facility.id,
    slot: id,
    worker,
    startedAt: clock.now(),
  });
  const detail = { dryRun: true, ...(error === undefined ? {} : { error: error.code }) };
  await endRun(database, run, { status, endedAt: clock.now(), detail });
}

export interface Ran {
  readonly entry: RunEntry;
  readonly error: HimsError | null;
}

/** Runs one pipeline; whatever goes wrong is in the answer. */
export async function runOne(
  requested: Requested,
  options: IngestOptions,
  context: RunContext,
): Promise<Ran> {
  if ("error" in requested) return failed(requested.name, requested.error);
  if (context.signal.aborted) return failed(requested.name, notBegun());
  try {
    const { error, ...result } = options.remap
      ? await remap(requested.file, options, context)
      : await ingest(requested.file, options, context);
    return { entry: error === null ? result : { ...result, error: reportOf(error) }, error };
  } catch (thrown) {
    return failed(requested.name, asFailure(thrown, requested.name, context));
  }
}

/** One link run works at a time; whoever holds it may have begun before our files were committed, so we come after. */
export async function linkWhenFree(context: RunContext): Promise<LinkResult | HimsError> {
  const deadline = performance.now() + lockPatienceMs;
  for (;;) {
    try {
      return await linkPersons(context);
    } catch (thrown) {
      if (context.signal.aborted) return notBegun();
      const error = asFailure(thrown, "link", context);
      if (error.kind !== "locked" || performance.now() > deadline) return error;
      await sleep(lockPollMs);
    }
  }
}

/** What a pipeline may fail with, in our words. A bug in one does not keep the others from running. */
function asFailure(thrown: unknown, pipeline: string, context: RunContext): HimsError {
  if (thrown instanceof HimsError) return thrown;
  const failure = worldFailureOf(thrown);
  if (failure !== null) return failure;
  const code = codeOf(thrown);
  context.logger.error({ pipeline, code }, "run failed unexpectedly");
  return new HimsError("HIMS_BUG", {
    kind: "bug",
    message: `unexpected error (${code})`,
    hint: "This is a bug in HIMS. Run the command again with HIMS_DEBUG=1 and report where it happened.",
    cause: thrown,
  });
}

function notBegun(): HimsError {
  return new HimsError("HIMS_INTERRUPTED", {
    kind: "usage",
    message: "interrupted before it began",
    hint: "Run the same command again: files committed before are not read twice.",
  });
}

function failed(pipeline: string, error: HimsError): Ran {
  const entry: RunEntry = {
    id: null,
    pipeline,
    facility: null,
    status: error.code === "HIMS_INTERRUPTED" ? "cancelled" : "failed",
    read: 0,
    loaded: 0,
    unchanged: 0,
    quarantined: 0,
    layoutLines: 0,
    landedOnly: 0,
    landedOnlyTypes: {},
    warnings: {},
    refusedFiles: [],
    files: 0,
    seconds: 0,
    stageSeconds: 0,
    rowsPerSecond: 0,
    error: reportOf(error),
  };
  return { entry, error };
}

function reportOf({ code, message, hint, at }: HimsError): ErrorReport {
  return { code, message, hint, at };
}
