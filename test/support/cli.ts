/** The built command line as a process, as an operator or a program sees it. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../src/platform/package-root.ts";

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout parsed, or null when it is not one JSON object. */
  readonly json: CliEnvelope | null;
}

/** Both forms of the envelope of `--json`; a test looks at what it expects. */
export interface CliEnvelope {
  readonly ok: boolean;
  readonly command?: string;
  readonly version?: number;
  // biome-ignore lint/suspicious/noExplicitAny: every command has its own data, and tests read single values of it
  readonly data?: any;
  readonly warnings?: readonly string[];
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly at: {
      readonly file?: string;
      readonly line?: number;
      readonly column?: number;
    } | null;
  };
}

export interface CliOptions {
  /** Default: the temporary folder, which has no workspace above it. */
  readonly cwd?: string;
  /** Added to a bare environment (PATH and HOME only, no HIMS_*). */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Run as this user; only root may. */
  readonly uid?: number;
  /** Default: bin/hims of this checkout. */
  readonly program?: string;
  /** Told of the process when it has started, to send it signals. */
  readonly onSpawn?: (child: ChildProcess) => void;
  /** Send SIGINT or SIGTERM when stderr or stdout first contains `text`. */
  readonly interrupt?: {
    readonly text: string;
    readonly signal: NodeJS.Signals;
    /** Once more, so many milliseconds later. */
    readonly againAfterMs?: number;
  };
}

export async function runHims(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const program = options.program ?? join(packageRoot(), "bin", "hims");
  const { PATH = "", HOME = tmpdir() } = process.env;
  const child = spawn(program, args, {
    cwd: options.cwd ?? tmpdir(),
    env: { PATH, HOME, ...options.env },
    stdio: "pipe",
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  options.onSpawn?.(child);
  const output = { stdout: "", stderr: "" };
  let isInterrupted = false;
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      const { interrupt } = options;
      if (isInterrupted || interrupt === undefined || !output[name].includes(interrupt.text))
        return;
      isInterrupted = true;
      child.kill(interrupt.signal);
      if (interrupt.againAfterMs === undefined) return;
      setTimeout(() => child.kill(interrupt.signal), interrupt.againAfterMs);
    });
  }
  child.stdin.on("error", () => undefined); // a command that reads no input closes it early
  child.stdin.end(options.input ?? "");
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
  });
  return { exitCode, ...output, json: parseEnvelope(output.stdout) };
}

/** A temporary folder, removed at the end of a `using`-like try/finally by calling `remove`. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "hims cli "));
  // As root the embedded server runs as another user: where it cannot pass, the cluster would be left in /var/lib/hims.
  chmodSync(path, 0o711);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function parseEnvelope(stdout: string): CliEnvelope | null {
  try {
    const value: unknown = JSON.parse(stdout);
    return typeof value === "object" && value !== null && "ok" in value
      ? (value as CliEnvelope)
      : null;
  } catch {
    return null;
  }
}
