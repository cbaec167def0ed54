import { join } from "node:path";
import type { UnitFile } from "../../pipelines/schedule-install.ts";
import { packageRoot } from "../../platform/package-root.ts";
import { HimsCommand } from "../base-command.ts";

interface ScheduleInstallResult {
  /** OS user that shall run them. */
  readonly user: string;
  readonly crontab: readonly string[];
  readonly units: readonly UnitFile[];
}

export default class ScheduleInstall extends HimsCommand<ScheduleInstallResult> {
  static override summary = "Print what cron or systemd need to run pipelines at their times.";
  static override description =
    "Prints only; put either in place yourself. `hims schedule start` is a third way, which needs neither.";

  async run(): Promise<ScheduleInstallResult> {
    await this.parse(ScheduleInstall);
    const { loadAllPipelines } = await import("../../pipelines/pipeline-list.ts");
    const { crontabLines, currentUser, systemdUnits } = await import(
      "../../pipelines/schedule-install.ts"
    );
    const { isScheduled } = await import("../../pipelines/schedule-plan.ts");
    const workspace = this.workspace();
    const scheduled = loadAllPipelines(workspace, await this.environment()).filter(isScheduled);
    const installation = {
      program: join(packageRoot(), "bin", "hims"),
      workspace: workspace.root,
      user: currentUser(),
    };
    return {
      user: installation.user,
      crontab: crontabLines(scheduled, installation),
      units: systemdUnits(scheduled, installation),
    };
  }

  protected render({ user, crontab, units }: ScheduleInstallResult): string {
    if (crontab.length === 0) return "no pipeline has a `schedule:`";
    const files = units.map(({ name, text }) => `# /etc/systemd/system/${name}\n${text}`);
    const timers = units.map(({ name }) => name).filter((name) => name.endsWith(".timer"));
    return [
      `# Either: crontab -e as ${user} (where cron knows no CRON_TZ, as Debian's, times are the machine's own)`,
      ...crontab,
      "",
      "# Or: systemd",
      ...files,
      `# then: systemctl daemon-reload && systemctl enable --now ${timers.join(" ")}`,
    ].join("\n");
  }
}
