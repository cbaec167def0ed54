import { systemClock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/logger.ts";
import { HimsCommand } from "../base-command.ts";

interface ScheduleStartResult {
  readonly pid: number;
  /** Names of the scheduled pipelines. */
  readonly pipelines: readonly string[];
}

export default class ScheduleStart extends HimsCommand<ScheduleStartResult> {
  static override summary = "Run pipelines when they are due, until stopped.";
  static override description =
    "Stays in the foreground and logs each run as a line of JSON on stderr. Changed pipeline files are taken up. SIGTERM and Ctrl-C end it after the file under way, with exit code 0; a second one ends it at once.";

  async run(): Promise<ScheduleStartResult> {
    await this.parse(ScheduleStart);
    const { PipelineWatch } = await import("../../pipelines/pipeline-watch.ts");
    const { runScheduler } = await import("../../pipelines/schedule.ts");
    const logger = await this.logger();
    const watch = new PipelineWatch(this.workspace(), await this.environment(), logger);
    const result = { pid: process.pid, pipelines: watch.current().map(({ name }) => name) };
    await this.announce(result);
    await runScheduler({
      openContext: () => this.openRunContext(new AbortController().signal),
      pipelines: () => watch.current(),
      clock: systemClock,
      logger,
      stop: this.signal,
    });
    this.exitWith(0);
    return result;
  }

  protected override get graceMs(): number {
    return 3_600_000;
  }

  /** A foreground service tells what it does. */
  protected override async logger(): Promise<Logger> {
    const { createLogger } = await import("../../platform/logger.ts");
    return createLogger(process.env["HIMS_LOG_LEVEL"] || "info");
  }

  protected render({ pid, pipelines }: ScheduleStartResult): string {
    const what =
      pipelines.length === 0 ? "no pipeline has a `schedule:` yet" : pipelines.join(", ");
    return `scheduler running (pid ${pid}): ${what}`;
  }
}
