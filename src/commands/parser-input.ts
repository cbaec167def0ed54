/** What oclif is told about flags and arguments beyond what a command says. */

/** The environment variable of a flag: `--dry-run` is HIMS_DRY_RUN, in all commands. */
export function environmentName(flag: string): string {
  return `HIMS_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/** As much of oclif's flag definitions as is touched here. */
type FlagDefinitions = Readonly<Record<string, { env?: string; multiple?: boolean }>>;

/** The same flags, each with its variable. */
export function withEnvironment(flags: FlagDefinitions): FlagDefinitions {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, { env: environmentName(name), ...flag }]),
  );
}

/** oclif gives a repeatable flag that was set in the environment as one text; there, values stand on lines of their own. */
export function splitMultiple(
  definitions: FlagDefinitions | undefined,
  flags: Record<string, unknown>,
): void {
  for (const [name, value] of Object.entries(flags)) {
    if (definitions?.[name]?.multiple === true && typeof value === "string") {
      flags[name] = value.split("\n").filter((line) => line !== "");
    }
  }
}

/** oclif fills a missing argument from stdin; in a shell loop that would be the loop's own next line. */
export function withoutStdin(args: object): Record<string, object> {
  return Object.fromEntries(
    Object.entries(args).map(([name, arg]) => [name, { ...arg, ignoreStdin: true }]),
  );
}
