import type { LinkResult } from "../../pipelines/link.ts";
import { HimsCommand } from "../base-command.ts";
import { grouped } from "../text-table.ts";

export default class MatchRun extends HimsCommand<LinkResult> {
  static override summary = "Find which records belong to one person.";
  static override description = "`hims run` ends with this; alone it links anew what is loaded.";

  async run(): Promise<LinkResult> {
    await this.parse(MatchRun);
    const { linkPersons } = await import("../../pipelines/link.ts");
    await using context = await this.openRunContext();
    return await linkPersons(context);
  }

  protected render({ persons, seconds }: LinkResult): string {
    const { total, new: made, joined, review } = persons;
    return `people: ${grouped(total)} (${grouped(made)} new, ${grouped(joined)} records joined, ${grouped(review)} to review) in ${seconds} s`;
  }
}
