/** From "nothing answers" to "it answers": create, clear, start, and help it over crashes and a full disk. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { HimsError } from "../../platform/errors.ts";
import { diskIsFull, freeBallast, layBallast } from "./ballast.ts";
import { createCluster, removeDrafts } from "./cluster.ts";
import { askServer } from "./connection-probe.ts";
import { notYours } from "./folders.ts";
import {
  clearLyingLocks,
  endOrphans,
  findPostmaster,
  isPostmasterOf,
  type Postmaster,
  spawnPostmaster,
  startLogPath,
} from "./postmaster.ts";
import { findRuntime, type Runtime } from "./runtime.ts";
import { logFolder, writeSettings } from "./server-settings.ts";
import { makeSocketFolder, type Place, type Tenants } from "./state-place.ts";

export interface StartedServer {
  readonly place: Place;
  readonly version: string;
  /** False when it ran already. */
  readonly started: boolean;
}

const pollMs = 20;
const retryMs = 250;
/** Orphaned backends of a killed server keep the data for a few seconds. */
const failingPatienceMs = 15_000;
/** A server that lives but has no socket: it is not ours to reach any more. */
const silentPatienceMs = 5_000;
/** Recovery after a crash reads the log since the last checkpoint, at most some 2 GB. */
const recoveryPatienceMs = 600_000;

/** Brings the server of this place up. Called under the start lock. */
export async function startServer(
  found: Place,
  tenants: Tenants,
  ballastBytes: number,
): Promise<StartedServer> {
  // Below this our own small files could not be written either.
  if (diskIsFull(found.home)) freeBallast(found.home);
  const place = makeSocketFolder(found, tenants);
  const settingsChanged = writeSettings(place, tenants);
  const running = findPostmaster(place);
  if (running !== null) {
    if (settingsChanged) process.kill(running, "SIGHUP");
    const version = await waitForAnswer(place, () => isPostmasterOf(running, place));
    if (version !== null) return { place, version, started: false };
    await endPostmaster(running, place);
  }
  removeDrafts(place);
  const runtime = await findRuntime(place.home, tenants.server);
  if (!existsSync(place.dataDirectory)) await createCluster(place, runtime, tenants.server);
  const version = await startUntilReady(place, runtime, tenants);
  layBallast(place.home, ballastBytes);
  return { place, version, started: true };
}

/** Ends a postmaster (fast: open transactions roll back) and waits until it is gone. */
export async function endPostmaster(pid: number, place: Place): Promise<void> {
  try {
    process.kill(pid, "SIGINT");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ESRCH") return;
    throw code === "EPERM" ? notYours(error) : error;
  }
  const deadline = Date.now() + recoveryPatienceMs / 10;
  while (isPostmasterOf(pid, place)) {
    if (Date.now() > deadline) {
      throw new HimsError("HIMS_EMBEDDED_STOP", {
        kind: "unreachable",
        message: `the embedded database (process ${pid}) does not stop`,
        hint: `It may still write its last checkpoint: look into ${logFolder(place)} and try again.`,
      });
    }
    await sleep(pollMs);
  }
}

async function startUntilReady(place: Place, runtime: Runtime, tenants: Tenants): Promise<string> {
  const deadline = Date.now() + failingPatienceMs;
  for (let attempt = 0; ; attempt += 1) {
    if (endOrphans(place, attempt === 0 ? "SIGQUIT" : "SIGKILL") > 0) await sleep(retryMs);
    clearLyingLocks(place, tenants);
    const postmaster = spawnPostmaster(place, runtime, tenants);
    const version = await waitForAnswer(place, postmaster.alive);
    if (version !== null) return version;
    if (postmaster.failure() !== null) throw cannotStart(place, postmaster);
    if (diskIsFull(place.home) && freeBallast(place.home)) continue;
    if (Date.now() > deadline) throw cannotStart(place, postmaster);
    await sleep(retryMs);
  }
}

/** The version once it answers; null when it ended, or lives on without a socket. */
async function waitForAnswer(place: Place, alive: () => boolean): Promise<string | null> {
  const begun = Date.now();
  let heardAt = begun;
  for (;;) {
    const living = alive();
    const answer = await askServer(place.socketDirectory);
    if (answer.state === "ready") return answer.version;
    if (answer.state === "refused") throw refusal(answer.cause);
    if (!living) return null;
    const now = Date.now();
    if (answer.state === "busy") heardAt = now;
    if (now - heardAt > silentPatienceMs || now - begun > recoveryPatienceMs) return null;
    await sleep(pollMs);
  }
}

/** The server or the file system does not let this user in. */
export function refusal(cause: unknown): HimsError {
  return notYours(cause);
}

function cannotStart(place: Place, postmaster: Postmaster): HimsError {
  const full = diskIsFull(place.home);
  return new HimsError("HIMS_EMBEDDED_START", {
    kind: "unreachable",
    message: full
      ? "the embedded database does not start: its disk is full"
      : "the embedded database does not start",
    hint: full
      ? `Free at least 1 GB on the disk of ${place.home}, then run the command again.`
      : `Look into ${startLogPath(place)} and the newest file in ${logFolder(place)}.`,
    cause: postmaster.failure() ?? undefined,
  });
}
