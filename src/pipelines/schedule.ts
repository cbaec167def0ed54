/** Runs pipelines when they are due. Many machines may do this on one store: the ledger's slot lets one of them run it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../platform/clock.ts";
import { HimsError } from "../platform/errors.ts";
import { codeOf } from "../platform/failure.ts";
import type { Logger } from "../platform/logger.ts";
import type { RunContext } from "./run-context.ts";
import { linkWhenFree, type RunEntry, runOne } from "./run-pipelines.ts";
import { latestSlot, type Scheduled, slotName } from "./schedule-plan.ts";

export interface SchedulerSetting {
  /** A context whose signal is not the scheduler's: what is under way is finished, not rolled back. */
  readonly openContext: () => Promise<RunContext & AsyncDisposable>;
  /** The scheduled pipelines as their files are now; asked at every look. */
  readonly pipelines: () => readonly Scheduled[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the scheduler after the file under way. */
  readonly stop: AbortSignal;
}

interface Due {
  readonly pipeline: Scheduled;
  readonly slot: string;
}

/** What follows once pipelines have run, in this order: people before anything that is made of people. */
const followUps: readonly {
  readonly name: string;
  readonly run: (context: RunContext) => Promise<unknown>;
}[] = [
  { name: "link", run: linkWhenFree },
  { name: "cards", run: makeCards },
];

/** Where the workspace names a folder for them, cards are made for everyone without one. */
async function makeCards(context: RunContext): Promise<unknown> {
  const { out } = context.config.cards;
  if (out === null) return null;
  const { issueCards } = await import("./issue-cards.ts");
  const selection = { facility: null, since: null, healthIds: null };
  return issueCards({ layout: "cr80", out, selection }, context);
}

const lookEveryMs = 1_000;
/** After a locked pipeline or an unreachable database. */
const retryAfterMs = 5_000;

/**
 * Ends when `stop` is aborted. Of slots missed while no scheduler ran, only the latest is run; a slot that some machine
 * has run to its end is not run again, one that failed is tried again by the next scheduler to start.
 */
export async function runScheduler(setting: SchedulerSetting): Promise<void> {
  const settled = new Map<string, string>();
  while (!setting.stop.aborted) {
    const due = listDue(setting, settled);
    const isAllSettled = due.length === 0 || (await tryDue(due, settled, setting));
    await pause(isAllSettled ? lookEveryMs : retryAfterMs, setting.stop);
  }
}

/** Pipelines whose latest due time has not been settled by this scheduler. */
export function listDue(
  { pipelines, clock }: Pick<SchedulerSetting, "pipelines" | "clock">,
  settled: ReadonlyMap<string, string>,
): readonly Due[] {
  return pipelines().flatMap((pipeline) => {
    const due = latestSlot(pipeline, clock.now());
    if (due === null || settled.get(pipeline.name) === slotName(due)) return [];
    return [{ pipeline, slot: slotName(due) }];
  });
}

/** Answers whether all are settled; an unreachable store is tried again later. */
async function tryDue(
  due: readonly Due[],
  settled: Map<string, string>,
  setting: SchedulerSetting,
): Promise<boolean> {
  try {
    return await runDue(due, settled, setting);
  } catch (error) {
    if (!(error instanceof HimsError) || error.code !== "HIMS_DATABASE_UNREACHABLE") throw error;
    setting.logger.error({ code: error.code }, "store unreachable");
    return false;
  }
}

async function runDue(
  due: readonly Due[],
  settled: Map<string, string>,
  setting: SchedulerSetting,
): Promise<boolean> {
  await using context = await setting.openContext();
  let isAllSettled = true;
  let isAnyRead = false;
  for (const { pipeline, slot } of due) {
    if (setting.stop.aborted) return false;
    const options = {
      file: null,
      full: false,
      since: null,
      dryRun: false,
      maxQuarantine: null,
      slot,
      stop: setting.stop,
    };
    const { entry, error } = await runOne(
      { name: pipeline.name, file: pipeline },
      options,
      context,
    );
    tell(entry, slot, setting.logger);
    isAnyRead ||= error === null;
    if (isWorthRetrying(error)) isAllSettled = false;
    else settled.set(pipeline.name, slot);
  }
  if (isAnyRead && !setting.stop.aborted) await followUp(context, setting.logger);
  return isAllSettled;
}

/** Somebody else's run ends, a store comes back; a missing source or a tripped gate waits for the next due time. */
function isWorthRetrying(error: HimsError | null): boolean {
  return error?.code === "HIMS_RUN_LOCKED" || error?.code === "HIMS_DATABASE_UNREACHABLE";
}

async function followUp(context: RunContext, logger: Logger): Promise<void> {
  for (const { name, run } of followUps) {
    const result = await run(context);
    if (result instanceof HimsError) logger.error({ step: name, code: result.code }, "step failed");
    else logger.info({ step: name }, "step finished");
  }
}

function tell(entry: RunEntry, slot: string, logger: Logger): void {
  const { pipeline, status, read, loaded, unchanged, quarantined, error } = entry;
  if (error?.code === "HIMS_SLOT_DONE") {
    logger.debug({ pipeline, slot }, "slot found done");
    return;
  }
  const counts = { pipeline, slot, status, read, loaded, unchanged, quarantined };
  if (error === undefined) logger.info(counts, "run finished");
  else logger.error({ ...counts, code: error.code }, "run failed");
}

async function pause(durationMs: number, stop: AbortSignal): Promise<void> {
  try {
    await sleep(durationMs, undefined, { signal: stop });
  } catch (error) {
    if (codeOf(error) !== "ABORT_ERR") throw error;
  }
}
