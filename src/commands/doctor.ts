import { boolean } from "@oclif/core/flags";
import type { DoctorReport } from "../pipelines/doctor.ts";
import { HimsCommand } from "./base-command.ts";

export default class Doctor extends HimsCommand<DoctorReport> {
  static override summary = "Check that everything HIMS needs is in order.";
  static override description = "Exits with 7 when a check says no.";
  static override flags = {
    fix: boolean({ description: "Mend what can be mended without risk (file modes)." }),
  };

  async run(): Promise<DoctorReport> {
    const { flags } = await this.parse(Doctor);
    const { allChecks, examine } = await import("../pipelines/doctor.ts");
    const workspace = this.workspaceOrNull();
    const environment = workspace === null ? process.env : await this.environment();
    const report = await examine(allChecks, { workspace, environment, fix: flags.fix });
    if (report.checks.some((check) => !check.ok)) this.exitWith(7);
    return report;
  }

  protected render({ checks }: DoctorReport): string {
    const lines = checks.map(({ name, ok, detail, hint }) => {
      const advice = ok || hint === null ? "" : `\n       hint: ${hint}`;
      return `${ok ? "ok    " : "NO    "} ${name.padEnd(12)} ${detail}${advice}`;
    });
    return lines.join("\n");
  }
}
