import { string as stringArgument } from "@oclif/core/args";
import { string } from "@oclif/core/flags";
import type { Timeline } from "../../pipelines/person-lookup.ts";
import { visibleLine } from "../../platform/visible-text.ts";
import { HimsCommand } from "../base-command.ts";

export default class PersonTimeline extends HimsCommand<Timeline> {
  static override summary = "Show what happened to a person at all facilities, newest first.";
  static override description =
    "Each event names the file and line it was read from. The look leaves a line in the access log.";
  static override args = {
    id: stringArgument({
      description: "Health ID (grouped or not) or person's uuid.",
      required: true,
    }),
  };
  static override flags = {
    purpose: string({
      description: "What for, as the access log keeps it.",
      default: "operations",
    }),
  };

  async run(): Promise<Timeline> {
    const { args, flags } = await this.parse(PersonTimeline);
    const { atTerminal, tellTimeline } = await import("../../pipelines/person-lookup.ts");
    const location = await this.storeLocation();
    return await atTerminal(location, flags.purpose, (desk) => tellTimeline(desk, args.id));
  }

  protected render({ events }: Timeline): string {
    if (events.length === 0) return "no events";
    return events
      .map(({ kind, at, display, code, facility, source }) => {
        const place = source === null ? "" : `  ${visibleLine(source.file)}:${source.line}`;
        return `${(at ?? "-").padEnd(25)}  ${kind.padEnd(12)}  ${display ?? code ?? "-"}  (${facility}${place})`;
      })
      .join("\n");
  }
}
