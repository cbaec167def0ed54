import { integer, string } from "@oclif/core/flags";
import type { QuarantineItem } from "../../store/quarantine.ts";
import { HimsCommand } from "../base-command.ts";
import { textTable } from "../text-table.ts";

/** `total` counts open items; `items` has a row for every problem of the items shown. */
interface QuarantineListResult {
  readonly total: number;
  readonly items: readonly QuarantineItem[];
}

export default class QuarantineList extends HimsCommand<QuarantineListResult> {
  static override summary =
    "List records that wait to be mended: where they stand and which rule refused them.";
  static override flags = {
    pipeline: string({ description: "Only those of this pipeline.", helpValue: "NAME" }),
    run: string({ description: "Only those that this run refused first.", helpValue: "RUN" }),
    limit: integer({
      description: "How many records at most.",
      default: 50,
      min: 1,
      helpValue: "N",
    }),
  };

  async run(): Promise<QuarantineListResult> {
    const { flags } = await this.parse(QuarantineList);
    const { listQuarantine } = await import("../../store/quarantine.ts");
    await using store = await this.openReader();
    const { pipeline, run, limit } = flags;
    return await listQuarantine(store.reader, {
      pipeline: pipeline ?? null,
      run: run ?? null,
      limit,
    });
  }

  protected render({ total, items }: QuarantineListResult): string {
    if (total === 0) return "nothing is quarantined";
    const table = textTable([
      ["id", "pipeline", "place", "field", "rule"],
      ...items.map((item) => [
        item.id,
        item.pipeline,
        `${item.file}:${item.line}${item.segment === null ? "" : ` ${item.segment}`}`,
        item.field,
        item.rule,
      ]),
    ]);
    return `${table}\n${total} open; hims quarantine show ID tells what to do`;
  }
}
