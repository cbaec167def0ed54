import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { boolean, option, string } from "@oclif/core/flags";
import type { IssueResult } from "../../pipelines/issue-cards.ts";
import { systemClock } from "../../platform/clock.ts";
import { HimsCommand } from "../base-command.ts";
import { grouped } from "../text-table.ts";

export default class CardMake extends HimsCommand<IssueResult> {
  static override summary = "Make QR cards for everyone without an active one.";
  static override description =
    "Writes print files and a manifest (serials only) into a folder. A batch that was broken off is finished first, with the same cards.";
  static override examples = [
    "<%= config.bin %> card make --out cards",
    "<%= config.bin %> card make --facility DDU --layout a4 --out ddu",
  ];
  static override flags = {
    all: boolean({
      description: "Everyone without an active card (the default).",
      exclusive: ["facility", "since", "ids"],
    }),
    facility: string({ description: "Only people this facility knows.", helpValue: "F" }),
    since: string({
      description: "Only people new or changed since then: 2026-03-01, 36h, 7d.",
      helpValue: "T",
    }),
    ids: string({ description: "Only these health IDs: a file, one a line.", helpValue: "F" }),
    layout: option({ options: ["cr80", "a4"] as const })({
      description: "One card a page, or ten on A4.",
      default: "cr80",
    }),
    out: string({ description: "Folder for the files.", required: true, helpValue: "DIR" }),
  };

  async run(): Promise<IssueResult> {
    const { flags } = await this.parse(CardMake);
    const { issueCards } = await import("../../pipelines/issue-cards.ts");
    const { parseSince } = await import("../../pipelines/since.ts");
    const { timezone } = await this.settings();
    const ids = flags.ids === undefined ? null : await readFile(resolve(flags.ids), "utf8");
    const selection = {
      facility: flags.facility ?? null,
      since: flags.since === undefined ? null : parseSince(flags.since, timezone, systemClock),
      healthIds:
        ids === null
          ? null
          : ids
              .split(/\r?\n/)
              .map((line) => line.replace(/[\s-]/g, ""))
              .filter((line) => line !== ""),
    };
    await using context = await this.openRunContext();
    return await issueCards({ layout: flags.layout, out: resolve(flags.out), selection }, context);
  }

  protected render(result: IssueResult): string {
    const held = Object.entries(result.held).map(
      ([reason, count]) => `${grouped(count)} held back: ${reason}`,
    );
    if (result.batch === null) return ["no card was needed", ...held].join("\n");
    const made = `made ${grouped(result.cards)} card(s), ${grouped(result.pages)} page(s) of fronts, in ${result.seconds} s (${grouped(result.cardsPerSecond)} a second), batch ${result.batch}`;
    return [made, ...result.files.map(({ path }) => path), ...held].join("\n");
  }
}
