/** `hims --help`: what a newcomer needs first, then every day's work, then operating; topics and commands in one list. */
import type { Config } from "@oclif/core/config";
import { Help } from "@oclif/core/help";

/** First words of commands in the order they are shown. What does not exist (yet) is left out. */
const groups: readonly (readonly [title: string, names: readonly string[]])[] = [
  ["START HERE", ["demo", "init", "onboard", "doctor", "status"]],
  ["EVERY DAY", ["run", "history", "quarantine", "match", "person", "card", "report", "export"]],
  ["OPERATE", ["serve", "listen", "schedule", "db", "key", "audit", "subject"]],
  ["SET UP", ["facility", "pipeline", "terminology", "hl7", "synth", "completion"]],
];

const exitCodes = `EXIT CODES
  0 done                         4 database or source unreachable
  1 failed (a bug)               5 another run holds the lock
  2 usage or configuration       6 some pipelines failed
  3 a data gate tripped          7 a check said no
  130, 143 interrupted
`;

export class HelpPage extends Help {
  constructor(config: Config) {
    super(config, { flagSortOrder: "none" });
  }

  override async showRootHelp(): Promise<void> {
    const entries = this.rootEntries();
    const listed = new Set(groups.flatMap(([, names]) => names));
    const others = [...entries.keys()].filter((name) => !listed.has(name)).sort();
    const sections = [...groups, ["OTHER", others] as const]
      .map(([title, names]) =>
        section(
          title,
          names.filter((name) => entries.has(name)),
          entries,
        ),
      )
      .filter((text) => text !== null);
    this.log(
      [
        this.config.pjson["description"] ?? "",
        "\nUSAGE\n  $ hims COMMAND [--help] [--json] [--quiet] [--workspace DIR] [--no-input]\n",
        sections.join("\n"),
        exitCodes,
        "`hims COMMAND --help` tells more. Every flag can be set in the environment: --dry-run is HIMS_DRY_RUN.",
      ].join("\n"),
    );
  }

  /** Name and summary of every topic and every one-word command. */
  private rootEntries(): Map<string, string> {
    const entries = new Map<string, string>();
    for (const command of this.sortedCommands) {
      const name = command.id.split(":")[0] ?? command.id;
      const topic = this.sortedTopics.find((candidate) => candidate.name === name);
      const own = command.id === name ? (command.summary ?? command.description) : undefined;
      const summary = own ?? topic?.description ?? entries.get(name) ?? "";
      if (own !== undefined || !entries.has(name)) entries.set(name, summary.split("\n")[0] ?? "");
    }
    return entries;
  }
}

function section(
  title: string,
  names: readonly string[],
  entries: ReadonlyMap<string, string>,
): string | null {
  if (names.length === 0) return null;
  return `${title}\n${names.map((name) => `  ${name.padEnd(13)}${entries.get(name) ?? ""}\n`).join("")}`;
}
