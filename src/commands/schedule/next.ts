import { systemClock } from "../../platform/clock.ts";
import { HimsCommand } from "../base-command.ts";
import { textTable } from "../text-table.ts";

interface NextRun {
  readonly pipeline: string;
  readonly cron: string;
  readonly timeZone: string;
  /** Null when it is never due again. */
  readonly next: Date | null;
}

interface ScheduleNextResult {
  /** The soonest first. */
  readonly schedule: readonly NextRun[];
}

export default class ScheduleNext extends HimsCommand<ScheduleNextResult> {
  static override summary = "What runs when.";
  static override description = "From `schedule:` of the pipeline files. Needs no database.";

  async run(): Promise<ScheduleNextResult> {
    await this.parse(ScheduleNext);
    const { loadAllPipelines } = await import("../../pipelines/pipeline-list.ts");
    const { isScheduled, nextSlot } = await import("../../pipelines/schedule-plan.ts");
    const now = systemClock.now();
    const scheduled = loadAllPipelines(this.workspace(), await this.environment()).filter(
      isScheduled,
    );
    const schedule = scheduled.map((pipeline) => ({
      pipeline: pipeline.name,
      ...pipeline.schedule,
      next: nextSlot(pipeline, now),
    }));
    const latestMs = Number.MAX_SAFE_INTEGER;
    return {
      schedule: schedule.sort(
        (a, b) => (a.next?.getTime() ?? latestMs) - (b.next?.getTime() ?? latestMs),
      ),
    };
  }

  protected render({ schedule }: ScheduleNextResult): string {
    if (schedule.length === 0) return "no pipeline has a `schedule:`";
    return textTable([
      ["next", "pipeline", "cron", "time zone"],
      ...schedule.map(({ next, pipeline, cron, timeZone }) => [
        next === null ? "never" : localTime(next, timeZone),
        pipeline,
        cron,
        timeZone,
      ]),
    ]);
  }
}

function localTime(time: Date, timeZone: string): string {
  return time.toLocaleString("sv-SE", { timeZone }).slice(0, 16);
}
