/** Runs PostgreSQL's programs under an account, with an environment in which nothing of the caller's locale is left. */
import { spawn } from "node:child_process";
import { type Account, currentUid } from "./service-account.ts";

export interface Outcome {
  /** Exit code; -1 when a signal ended it or it could not be started. */
  readonly code: number;
  /** The end of what it wrote to stdout and stderr, at most 16 KiB. Never shown whole to anyone. */
  readonly output: string;
}

const keptCharacters = 16_384;

/** No PG* variable, no LC_*, no LD_PRELOAD: the same server on every machine. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { LC_ALL: "C", TZ: "UTC", PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: "/" };
}

/** The uid and gid to drop to; nothing when we already are that account. */
export function identityOf(account: Account): { uid?: number; gid?: number } {
  return account.uid === currentUid() ? {} : { uid: account.uid, gid: account.gid };
}

/** Runs a program to its end. It never rejects: a program that cannot be started has code -1 and says why. */
export function runAs(
  account: Account,
  program: string,
  args: readonly string[],
  input = "",
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...identityOf(account),
      cwd: "/",
      env: serverEnvironment(),
      stdio: ["pipe", "pipe", "pipe"],
    });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString("latin1")).slice(-keptCharacters);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    // A program that ends early closes its stdin; its exit code tells the story.
    child.stdin.on("error", () => undefined);
    child.once("error", (error) => resolve({ code: -1, output: error.message }));
    child.once("close", (code) => resolve({ code: code ?? -1, output }));
    child.stdin.end(input);
  });
}

/** Whether the account can enter a folder. Asked of the kernel, since modes alone do not tell (ACLs, mount options). */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  if (account.uid === currentUid()) return true;
  const outcome = await runAs(account, "/bin/sh", ["-c", 'cd -- "$1"', "sh", folder]);
  return outcome.code === 0;
}
