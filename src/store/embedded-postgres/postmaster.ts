/** The running server: who it is, starting it for good, and clearing lock files that lie about it. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { identityOf, serverEnvironment } from "./child-process.ts";
import { socketPort } from "./connection-probe.ts";
import { readText, replaceFile } from "./folders.ts";
import type { Runtime } from "./runtime.ts";
import { configPath } from "./server-settings.ts";
import type { Place, Tenants } from "./state-place.ts";

export interface Postmaster {
  /** Whether the process still runs. */
  alive(): boolean;
  /** Why it could not even be started, as an operating system code; null when it could. */
  failure(): unknown;
}

/** Above any pid the kernel gives out, so never alive. */
const deadPid = 2_147_483_646;

/** Where the server writes until its own log is open: the place to look when it does not start. */
export function startLogPath(place: Place): string {
  return join(place.home, "start.log");
}

/** The pid of the running postmaster of this data directory; null when none runs, whatever its lock file says. */
export function findPostmaster(place: Place): number | null {
  const pid = readPid(join(place.dataDirectory, "postmaster.pid"));
  return pid !== null && isPostmasterOf(pid, place) ? pid : null;
}

/**
 * Whether this pid is a postgres at work in this very data directory. A recycled pid, a zombie and the server of a copied
 * workspace are not.
 */
export function isPostmasterOf(pid: number, place: Place): boolean {
  try {
    const workplace = statSync(`/proc/${pid}/cwd`);
    const data = statSync(place.dataDirectory);
    const program = basename(readlinkSync(`/proc/${pid}/exe`));
    return (
      workplace.dev === data.dev && workplace.ino === data.ino && program.startsWith("postgres")
    );
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    // Gone, a zombie, or the process of somebody else.
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM")
      return false;
    throw error;
  }
}

/**
 * Makes lock files that name a living stranger (or nobody) name a dead pid, which PostgreSQL then clears away itself.
 * postmaster.pid is never deleted: the rest of it lets PostgreSQL find orphaned backends that still use the data.
 * Called under the start lock, when no postmaster of ours runs.
 */
export function clearLyingLocks(place: Place, { server }: Tenants): void {
  const socketLock = join(place.socketDirectory, `.s.PGSQL.${socketPort}.lock`);
  for (const path of [join(place.dataDirectory, "postmaster.pid"), socketLock]) {
    const text = readText(path);
    if (text === null) continue;
    const pid = readPid(path);
    if (pid !== null && (!existsSync(`/proc/${pid}`) || isPostmasterOf(pid, place))) continue;
    const rest = text.includes("\n") ? text.slice(text.indexOf("\n")) : "\n";
    replaceFile(path, `${deadPid}${rest}`, 0o600, server);
  }
}

/**
 * Ends the backends a killed postmaster left behind: until the last is gone, PostgreSQL rightly refuses to start. Only
 * called when no postmaster runs; for the data it is the same crash once more. Answers how many there were.
 */
export function endOrphans(place: Place, signal: "SIGQUIT" | "SIGKILL"): number {
  const pids = readdirSync("/proc").filter((name) => /^[1-9]\d*$/.test(name));
  const orphans = pids.map(Number).filter((pid) => isPostmasterOf(pid, place));
  for (const pid of orphans) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It went by itself in this moment.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
  return orphans.length;
}

/** Starts the server in its own session: it outlives this process, its terminal and its Ctrl-C. */
export function spawnPostmaster(place: Place, runtime: Runtime, tenants: Tenants): Postmaster {
  const { server, keeper } = tenants;
  const path = startLogPath(place);
  replaceFile(path, `hims starts the server at ${new Date().toISOString()}\n`, 0o600, keeper);
  const log = openSync(path, "a");
  const args = ["-D", place.dataDirectory, "-c", `config_file=${configPath(place)}`];
  const child = spawn(runtime.postgres, args, {
    ...identityOf(server),
    cwd: "/",
    env: serverEnvironment(),
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let failure: unknown = null;
  child.once("error", (error) => {
    failure = error;
  });
  child.unref();
  return {
    alive: () => failure === null && child.exitCode === null && child.signalCode === null,
    failure: () => failure,
  };
}

function readPid(path: string): number | null {
  const firstLine = readText(path)?.split("\n")[0]?.trim() ?? "";
  return /^-?[1-9]\d*$/.test(firstLine) ? Math.abs(Number(firstLine)) : null;
}
