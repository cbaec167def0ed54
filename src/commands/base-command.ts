/** What all commands share: global flags, one way to answer, one way to fail, and being interrupted. */
import { Command } from "@oclif/core/command";
import type { Config } from "@oclif/core/config";
import { boolean, string } from "@oclif/core/flags";
import type { Input, ParserOutput } from "@oclif/core/interfaces";
import type { RunContext } from "../pipelines/run-context.ts";
import { systemClock } from "../platform/clock.ts";
import type { HimsConfig } from "../platform/config.ts";
import { exitCodeOf, HimsError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { createProgress, noProgress, type Progress } from "../platform/progress.ts";
import type { Environment } from "../platform/secret-references.ts";
import { findWorkspace, type Workspace } from "../platform/workspace.ts";
import { trustVariable } from "../platform/workspace-trust.ts";
import type { ReaderPool, StoreLocation } from "../store/database.ts";
import { Interruption } from "./interruption.ts";
import { describeFailure, printAnswer, printFailure, printText, printWarning } from "./outcome.ts";
import { splitMultiple, withEnvironment, withoutStdin } from "./parser-input.ts";
import { toUsageError } from "./usage-error.ts";

/**
 * A command of HIMS. `run()` parses, makes one call and returns its result: that is the `data` of `--json`, and `render()`
 * turns it into text for people. Load what a command needs inside `run()` (`await import(...)`), so that help stays fast.
 */
export abstract class HimsCommand<Result> extends Command {
  static override baseFlags = {
    json: boolean({ description: "Print one JSON object instead of text.", helpGroup: "GLOBAL" }),
    quiet: boolean({ char: "q", description: "No progress and no warnings.", helpGroup: "GLOBAL" }),
    workspace: string({
      description: "Workspace folder. Default: the nearest hims.yaml upwards.",
      helpValue: "DIR",
      helpGroup: "GLOBAL",
    }),
    "no-input": boolean({
      description: "Never ask; fail where an answer is needed.",
      helpGroup: "GLOBAL",
    }),
  };

  readonly #interruption = new Interruption();
  readonly #warnings: string[] = [];
  #exitCode: number | null = null;
  #failure: HimsError | null = null;
  #isFailureTold = false;
  #isAnnounced = false;
  #isJson: boolean;
  #isQuiet = false;
  #isInputAllowed = true;
  #namedWorkspace: string | null = null;
  #workspace: Workspace | null = null;
  #progress: Progress | null = null;

  constructor(argv: string[], config: Config) {
    super(argv, config as never);
    this.#isJson = isFlagGiven(argv, "--json") || isTrue(process.env["HIMS_JSON"]);
    this.#namedWorkspace = process.env["HIMS_WORKSPACE"] || null;
  }

  abstract override run(): Promise<Result>;

  /** The result as text for people, for stdout. An empty text prints nothing. */
  protected abstract render(result: Result): string;

  /** Runs the command and tells how it ended. @returns the exit code */
  async execute(): Promise<number> {
    this.#interruption.listen();
    // Node would print a stray error with its message, in which libraries put what they were reading.
    process.on("uncaughtException", (error) => {
      void printFailure(error, this.#isJson).then((code) => process.exit(code));
    });
    try {
      await this.#layDotEnv();
      const result = await this.#interruption.orOverdue(this.run(), this.graceMs);
      this.#progress?.finish();
      await this.#answer(result);
      const failed = this.#failure === null ? null : exitCodeOf(this.#failure);
      return this.#exitCode ?? this.#interruption.exitCode ?? failed ?? 0;
    } catch (error) {
      this.#progress?.finish();
      return await this.#fail(error);
    } finally {
      this.#interruption.stop();
    }
  }

  /** Aborted by Ctrl-C or SIGTERM: give it to pipelines, which roll back and end. */
  protected get signal(): AbortSignal {
    return this.#interruption.signal;
  }

  /** Exit with this code though the command succeeded: the answer is no (`card verify`), or some parts failed. */
  protected exitWith(code: number): void {
    this.#exitCode = code;
  }

  /**
   * The command failed, and its result is still worth having: both are told, and the exit code is the failure's.
   * @param told `in the result`: the text of the result tells of the failure already
   */
  protected failWith(
    error: HimsError,
    told: "after the result" | "in the result" = "after the result",
  ): void {
    this.#failure = error;
    this.#isFailureTold = told === "in the result";
  }

  /** How long the command may take to end in order when it is interrupted, in milliseconds. */
  protected get graceMs(): number {
    return 10_000;
  }

  /** Something the operator should know though all went well. No patient's data. */
  protected addWarning(text: string): void {
    this.#warnings.push(text);
    if (this.#isAnnounced && !this.#isQuiet) printWarning(text);
  }

  /** Answers now and goes on (a server that is ready): what `run()` returns later is not printed. */
  protected async announce(result: Result): Promise<void> {
    await this.#answer(result);
  }

  /** Whether a question may be asked: a person is there and has not said --no-input. */
  protected get mayAsk(): boolean {
    const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
    return isTerminal && this.#isInputAllowed && !this.#isJson;
  }

  protected get progress(): Progress {
    const isTerminal =
      process.stderr.isTTY === true && process.env["TERM"] !== "dumb" && !process.env["CI"];
    const screen = { isTerminal, write: (text: string) => void process.stderr.write(text) };
    this.#progress ??= this.#isQuiet ? noProgress : createProgress(screen, systemClock);
    return this.#progress;
  }

  /** @throws HimsError HIMS_WORKSPACE_MISSING, HIMS_WORKSPACE_OWNER */
  protected workspace(): Workspace {
    this.#workspace ??= findWorkspace(process.cwd(), this.#namedWorkspace);
    return this.#workspace;
  }

  /** From here on the command works in this workspace, whatever was named or lies above. */
  protected useWorkspace(root: string): void {
    this.#workspace = findWorkspace(root, root);
  }

  /** For commands that also work without one, or report its absence themselves. */
  protected workspaceOrNull(): Workspace | null {
    return tryFindWorkspace(this.#namedWorkspace, ["HIMS_WORKSPACE_MISSING"]);
  }

  /** The environment with the workspace's `.env` below it, for `${env:NAME}` in YAML files. */
  protected async environment(): Promise<Environment> {
    const { readEnvironment } = await import("../platform/config.ts");
    return readEnvironment(this.workspace(), process.env);
  }

  /** hims.yaml with the environment laid over it. */
  protected async settings(): Promise<HimsConfig> {
    const { loadConfig } = await import("../platform/config.ts");
    return loadConfig(this.workspace(), await this.environment());
  }

  /** Where the workspace's store is. */
  protected async storeLocation(): Promise<StoreLocation> {
    const { database, group } = await this.settings();
    return { stateRoot: this.workspace().stateRoot, databaseUrl: database.url, group };
  }

  /** The store, to read from. Dispose of it. */
  protected async openReader(): Promise<ReaderPool> {
    const { ReaderPool } = await import("../store/database.ts");
    return ReaderPool.open(await this.storeLocation(), 1);
  }

  /** What pipelines are given. Dispose of it. @param signal rolls back what is under way */
  protected async openRunContext(
    signal: AbortSignal = this.signal,
  ): Promise<RunContext & AsyncDisposable> {
    const { openContext } = await import("../pipelines/run-context.ts");
    return openContext({
      workspace: this.workspace(),
      config: await this.settings(),
      environment: await this.environment(),
      clock: systemClock,
      signal,
      progress: this.progress,
      logger: await this.logger(),
    });
  }

  protected async logger(): Promise<Logger> {
    const { createLogger } = await import("../platform/logger.ts");
    return createLogger(process.env["HIMS_LOG_LEVEL"] || null);
  }

  /** As oclif's, with HIMS_... for every flag and our words for what was not understood. */
  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: Input<F, B, A>,
    argv: string[] = this.argv,
  ): Promise<ParserOutput<F, B, A>> {
    const ctor = this.ctor as typeof Command;
    const given = options ?? (ctor as unknown as Input<F, B, A>);
    const flags = withEnvironment({ ...ctor.baseFlags, ...given.flags });
    try {
      const args = withoutStdin(given.args ?? {});
      const input = { ...given, flags, args } as unknown as Input<F, B, A>;
      const output = await super.parse(input, argv);
      splitMultiple(flags, output.flags);
      this.#applyGlobalFlags(output.flags);
      return output;
    } catch (error) {
      throw toUsageError(error, ctor, (this.id ?? "").replaceAll(":", " "));
    }
  }

  #applyGlobalFlags(flags: Readonly<Record<string, unknown>>): void {
    this.#isJson = flags["json"] === true;
    this.#isQuiet = flags["quiet"] === true;
    this.#isInputAllowed = flags["no-input"] !== true;
    if (typeof flags["workspace"] === "string") this.#namedWorkspace = flags["workspace"];
  }

  /** Flags of `.env` must be known before flags are parsed. Only our own names: no file sets PATH for us. */
  async #layDotEnv(): Promise<void> {
    const named = workspaceFlag(this.argv) ?? this.#namedWorkspace;
    // A command that works in another user's workspace is refused when it asks for it; one that does not goes on.
    const workspace = tryFindWorkspace(named, ["HIMS_WORKSPACE_MISSING", "HIMS_WORKSPACE_OWNER"]);
    if (workspace === null) return;
    const { readDotEnv } = await import("../platform/dot-env.ts");
    for (const [name, value] of Object.entries(readDotEnv(workspace))) {
      if (name === trustVariable) continue;
      if (/^HIMS_|^DATABASE_URL$/.test(name)) process.env[name] ??= value;
    }
  }

  async #answer(result: Result): Promise<void> {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    if (this.#isJson) {
      const command = (this.id ?? "").replaceAll(":", " ");
      const envelope = { command, version: 1, data: result, warnings: this.#warnings };
      const failure = this.#failure;
      await printAnswer(
        failure === null
          ? { ok: true, ...envelope }
          : { ok: false, error: describeFailure(failure), ...envelope },
      );
      return;
    }
    if (!this.#isQuiet) this.#warnings.forEach(printWarning);
    const text = this.render(result);
    if (text !== "") await printText(text);
    if (this.#failure !== null && !this.#isFailureTold) await printFailure(this.#failure, false);
  }

  async #fail(error: unknown): Promise<number> {
    const { exitCode } = this.#interruption;
    if (exitCode === null) return await printFailure(error, this.#isJson);
    await printFailure(this.#interruption.toError(), this.#isJson);
    return exitCode;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: oclif's own type of parsed flags and arguments
type Values = Record<string, any>;

function isFlagGiven(argv: readonly string[], flag: string): boolean {
  const own = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  return own.includes(flag);
}

function isTrue(text: string | undefined): boolean {
  return /^(1|true|yes|y)$/i.test(text ?? "");
}

function workspaceFlag(argv: readonly string[]): string | null {
  const index = argv.findIndex((text) => text === "--workspace" || text.startsWith("--workspace="));
  if (index === -1) return null;
  const text = argv[index] ?? "";
  return text.includes("=") ? text.slice(text.indexOf("=") + 1) : (argv[index + 1] ?? null);
}

/** Commands that need no workspace must not fail for want of one; those that do will ask for it and fail then. */
function tryFindWorkspace(
  named: string | null,
  harmless: readonly HimsError["code"][],
): Workspace | null {
  try {
    return findWorkspace(process.cwd(), named);
  } catch (error) {
    if (error instanceof HimsError && harmless.includes(error.code)) return null;
    throw error;
  }
}
