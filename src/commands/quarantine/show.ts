import { string as stringArg } from "@oclif/core/args";
import { HimsError } from "../../platform/errors.ts";
import { visibleLine } from "../../platform/visible-text.ts";
import type { QuarantineDetail } from "../../store/quarantine.ts";
import { HimsCommand } from "../base-command.ts";

export default class QuarantineShow extends HimsCommand<QuarantineDetail> {
  static override summary = "Show why one record waits, and what to do about it.";
  static override description = "Place, rules and hints; never what the record says.";
  static override args = { id: stringArg({ description: "Id of the item.", required: true }) };

  async run(): Promise<QuarantineDetail> {
    const { args } = await this.parse(QuarantineShow);
    const { findQuarantined } = await import("../../store/quarantine.ts");
    await using store = await this.openReader();
    const item = await findQuarantined(store.reader, args.id);
    if (item === null) throw unknownItem();
    return item;
  }

  protected render(item: QuarantineDetail): string {
    const ended = item.endedRun === null ? "" : ` by ${item.endedRun}`;
    const problems = item.problems.map(({ field, segment, rule, hint }) => {
      const where = [field, segment].filter((part) => part !== null).join(", ");
      return `  ${rule}${where === "" ? "" : ` (${where})`}\n    ${hint}`;
    });
    return [
      `${item.id}: ${visibleLine(item.file)}:${item.line}, bytes ${item.byteOffset} to ${item.byteOffset + item.byteLength}`,
      `  ${item.pipeline}, refused by ${item.run}, ${item.state}${ended}`,
      ...problems,
    ].join("\n");
  }
}

function unknownItem(): HimsError {
  return new HimsError("HIMS_QUARANTINE_UNKNOWN", {
    kind: "usage",
    message: "there is no quarantined record with this id",
    hint: "`hims quarantine list` shows those that wait.",
  });
}
