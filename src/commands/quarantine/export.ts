import { string } from "@oclif/core/flags";
import type { QuarantineExport } from "../../pipelines/export-quarantine.ts";
import { visibleLine } from "../../platform/visible-text.ts";
import { HimsCommand } from "../base-command.ts";
import { grouped } from "../text-table.ts";

export default class QuarantineExportCommand extends HimsCommand<QuarantineExport> {
  static override summary = "Write the records that wait into a file for a clerk to mend.";
  static override description =
    "One pipeline a file, in the hospital's own columns and delimiter, with a code and what to do in English and Hindi beside each row. It holds patients' data: give it to whoever may see them. Of HL7 pipelines: a file of messages, and a table of what is wrong beside it.";
  static override examples = [
    "<%= config.bin %> quarantine export --pipeline ddu-opd --out mend.csv",
    "<%= config.bin %> quarantine replay mend.csv",
  ];
  static override flags = {
    pipeline: string({ description: "Records of this pipeline.", helpValue: "NAME" }),
    run: string({ description: "Only those that this run refused first.", helpValue: "RUN" }),
    out: string({
      description: "File to write; it must not be there.",
      required: true,
      helpValue: "FILE",
    }),
  };

  async run(): Promise<QuarantineExport> {
    const { flags } = await this.parse(QuarantineExportCommand);
    const { exportQuarantine } = await import("../../pipelines/export-quarantine.ts");
    await using context = await this.openRunContext();
    const { pipeline, run, out } = flags;
    return await exportQuarantine({ pipeline: pipeline ?? null, run: run ?? null, out }, context);
  }

  protected render({ file, list, rows }: QuarantineExport): string {
    const beside = list === null ? "" : `\n${visibleLine(list)}: what is wrong with each`;
    return `${visibleLine(file)}: ${grouped(rows)} records${beside}\nwhen they are mended: hims quarantine replay FILE`;
  }
}
