/** Between the launcher and a command: finds the command that was meant, shows help, or says what was not understood. */
import { Config } from "@oclif/core/config";
import { HimsError } from "../platform/errors.ts";
import { closestTo } from "../platform/suggestion.ts";
import type { HimsCommand } from "./base-command.ts";
import { printFailure } from "./outcome.ts";
import { environmentName } from "./parser-input.ts";

/** What the launcher (bin/start.js) found: where the commands lie, as a build or as sources. */
export interface Installation {
  /** Folder with `commands/`; a build has its `oclif.manifest.json` there too. */
  readonly root: string;
  readonly packageJson: {
    readonly version: string;
    readonly oclif: Readonly<Record<string, unknown>>;
  };
  /** Command files relative to `commands/`, or null when the manifest names them. */
  readonly commandFiles: readonly string[] | null;
}

/** @returns the exit code */
export async function runCommandLine(
  argv: readonly string[],
  installation: Installation,
): Promise<number> {
  const wantsJson = isJsonWanted(argv);
  try {
    const config = await loadCommands(installation);
    return await dispatch(config, argv, wantsJson);
  } catch (error) {
    return printFailure(error, wantsJson);
  }
}

/** As much of oclif's manifest as is touched here. */
interface Manifest {
  readonly commands: Readonly<Record<string, { flags: Record<string, object> }>>;
}

/** The content of oclif.manifest.json, for the build; every flag with its environment variable, so that help shows it. */
export async function describeCommands(installation: Installation): Promise<object> {
  const config = await loadCommands(installation, { ignoreManifest: true });
  const plugin = config.plugins.get(config.name) as unknown as { manifest: Manifest } | undefined;
  if (plugin === undefined) throw new Error("oclif did not load our own commands");
  for (const command of Object.values(plugin.manifest.commands)) {
    for (const [name, flag] of Object.entries(command.flags)) {
      command.flags[name] = { env: environmentName(name), ...JSON.parse(JSON.stringify(flag)) };
    }
  }
  return plugin.manifest;
}

async function loadCommands(
  { root, packageJson, commandFiles }: Installation,
  options: { readonly ignoreManifest?: boolean } = {},
): Promise<Config> {
  // Under NODE_ENV=test oclif would look for TypeScript compilers; our sources need none.
  Object.assign(globalThis, { oclif: { enableAutoTranspile: false } });
  const commands = {
    strategy: "pattern",
    target: "./commands",
    ...(commandFiles === null ? {} : { globPatterns: commandFiles }),
  };
  const pjson = { ...packageJson, oclif: { ...packageJson.oclif, commands } };
  return await Config.load({ root, pjson: pjson as never, ...options });
}

async function dispatch(
  config: Config,
  argv: readonly string[],
  wantsJson: boolean,
): Promise<number> {
  const { words, rest } = splitArguments(argv);
  const isHelp = words[0] === "help" || isHelpWanted(argv);
  const named = words[0] === "help" ? words.slice(1) : words;
  const commands = config.commands.filter((command) => !command.hidden);
  const ids = new Set(config.commands.map((command) => command.id));
  const topics = new Set(commands.flatMap(({ id }) => parentsOf(id)));

  const id = longestPrefix(named, ids);
  const topic = longestPrefix(named, topics);
  if (id !== null && !(isHelp && topic !== null && topic.length > id.length)) {
    if (isHelp) return await showHelp(config, id.split(":"));
    const loaded = await config.findCommand(id, { must: true }).load();
    const Command = loaded as unknown as new (
      argv: string[],
      config: Config,
    ) => HimsCommand<unknown>;
    return await new Command([...named.slice(id.split(":").length), ...rest], config).execute();
  }
  if (named.length === 0 && (isHelp || !wantsJson)) return await showHelp(config, []);
  if (topic !== null && topic.split(":").length === named.length && (isHelp || !wantsJson)) {
    return await showHelp(config, named);
  }
  throw unknownCommand(
    named,
    commands.map((command) => command.id),
  );
}

/**
 * Words that may name a command, and everything from the first flag on. Global flags given before the command's name
 * (`hims --json facility list`) are moved behind it.
 */
function splitArguments(argv: readonly string[]): { words: string[]; rest: string[] } {
  let start = 0;
  while (start < argv.length) {
    const text = argv[start] ?? "";
    if (text === "--workspace") start += 2;
    else if (/^(--json|--quiet|-q|--no-input|--workspace=.*)$/.test(text)) start += 1;
    else break;
  }
  const named = argv.slice(start);
  const firstFlag = named.findIndex((text) => text.startsWith("-"));
  const end = firstFlag === -1 ? named.length : firstFlag;
  return { words: named.slice(0, end), rest: [...argv.slice(0, start), ...named.slice(end)] };
}

function isHelpWanted(argv: readonly string[]): boolean {
  const own = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  return own.includes("--help") || own.includes("-h");
}

/** Known before flags are parsed, because a mistake in the flags must be reported as JSON too. */
function isJsonWanted(argv: readonly string[]): boolean {
  const own = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  return own.includes("--json") || /^(1|true|yes|y)$/i.test(process.env["HIMS_JSON"] ?? "");
}

function parentsOf(id: string): string[] {
  const words = id.split(":");
  return words.slice(1).map((_, index) => words.slice(0, index + 1).join(":"));
}

function longestPrefix(words: readonly string[], known: ReadonlySet<string>): string | null {
  for (let length = words.length; length > 0; length--) {
    const id = words.slice(0, length).join(":");
    if (known.has(id)) return id;
  }
  return null;
}

async function showHelp(config: Config, words: readonly string[]): Promise<number> {
  const { HelpPage } = await import("./help-page.ts");
  await new HelpPage(config).showHelp([...words]);
  return 0;
}

function unknownCommand(words: readonly string[], ids: readonly string[]): HimsError {
  const names = ids.map((id) => id.replaceAll(":", " "));
  // Two words at most name a command; what follows are arguments and may be a patient's.
  const guesses = [words.slice(0, 2).join(" "), words[0] ?? ""];
  const tops = new Set(names.map((name) => name.split(" ")[0] ?? name));
  const closest = closestTo(guesses[0] ?? "", names) ?? closestTo(guesses[1] ?? "", tops);
  return new HimsError("HIMS_USAGE", {
    kind: "usage",
    message: words.length === 0 ? "no command given" : "there is no such command",
    hint:
      closest === null ? "`hims --help` lists the commands." : `Did you mean \`hims ${closest}\`?`,
  });
}
