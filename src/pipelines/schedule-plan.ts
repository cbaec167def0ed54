/** When pipelines are due: pure arithmetic on cron expressions in their time zones. */
import { Cron } from "croner";
import type { PipelineFile } from "./pipeline-file.ts";

export type Scheduled = PipelineFile & {
  readonly schedule: NonNullable<PipelineFile["schedule"]>;
};

export function isScheduled(pipeline: PipelineFile): pipeline is Scheduled {
  return pipeline.schedule !== undefined;
}

/** The first due time after `after`; null when there is none any more. */
export function nextSlot({ schedule }: Scheduled, after: Date): Date | null {
  return cronOf(schedule).nextRun(after);
}

/** The latest due time at or before `now`; null when there was none within a year. */
export function latestSlot({ schedule }: Scheduled, now: Date): Date | null {
  // Cron knows whole minutes; a reference one millisecond later lets `now` itself count.
  const [latest] = cronOf(schedule).previousRuns(1, new Date(now.getTime() + 1));
  const yearMs = 366 * 86_400_000;
  if (latest === undefined || now.getTime() - latest.getTime() > yearMs) return null;
  return latest;
}

/** What the ledger calls a due time: the same on every machine. */
export function slotName(due: Date): string {
  return due.toISOString().replace(".000Z", "Z");
}

function cronOf({ cron, timeZone }: Scheduled["schedule"]): Cron {
  return new Cron(cron, { timezone: timeZone, paused: true });
}
