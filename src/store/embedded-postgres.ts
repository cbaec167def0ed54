/**
 * The workspace's own PostgreSQL: found in some ten milliseconds when it runs, made and started when it does not, shared by
 * all commands of the workspace, and left running. Socket only. See docs/decisions and facts: real binaries, our launcher.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { HimsError } from "../platform/errors.ts";
import { defaultBallastBytes, hasBallast, layBallast } from "./embedded-postgres/ballast.ts";
import {
  askServer,
  databaseName,
  ownerRole,
  type ServerAnswer,
  socketPort,
} from "./embedded-postgres/connection-probe.ts";
import { lookAt, notYours } from "./embedded-postgres/folders.ts";
import { findPostmaster } from "./embedded-postgres/postmaster.ts";
import { endPostmaster, refusal, startServer } from "./embedded-postgres/server-start.ts";
import { currentUid } from "./embedded-postgres/service-account.ts";
import { type StartLock, takeStartLock } from "./embedded-postgres/start-lock.ts";
import {
  findPlace,
  makePlace,
  type Place,
  socketFolderIsOurs,
  tenantsOf,
} from "./embedded-postgres/state-place.ts";

export interface EmbeddedPostgresOptions {
  /** The workspace's `.hims` folder; it is created where it is missing. */
  readonly stateRoot: string;
  /** Size of the file that keeps room for recovery on a full disk, in bytes; 256 MiB by default, 0 for none. */
  readonly ballastBytes?: number;
  /** Opens the database to the members of a local group, who then may connect but not start or stop it. */
  readonly group?: string;
}

export interface EmbeddedPostgres {
  readonly socketDirectory: string;
  /** Only names the socket file; nothing listens on a network port. */
  readonly port: number;
  readonly dataDirectory: string;
  /** `18.4` */
  readonly version: string;
  /** The role that owns the database. */
  readonly ownerUser: string;
  /** A libpq URL that psql and pg take for the same operating system user, root included. */
  readonly url: string;
  /** Whether this call started the server. */
  readonly started: boolean;
}

export interface EmbeddedPostgresStatus {
  readonly running: boolean;
  /** Null when it does not run, or runs but takes no connection now. */
  readonly version: string | null;
  /** Null when the workspace has no embedded database yet. */
  readonly socketDirectory: string | null;
  readonly url: string | null;
}

const pollMs = 50;
/** How long to wait for another process that creates, starts or recovers the database. */
const patienceMs = 300_000;

/** Finds the running server, or creates and starts it. Any number of processes may call this at once. */
export async function ensureEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const ballastBytes = options.ballastBytes ?? defaultBallastBytes;
  const group = options.group ?? null;
  const running = group === null ? await findRunning(options.stateRoot) : null;
  if (running !== null) {
    await renewBallast(running.place, ballastBytes);
    return describe(running.place, running.version, false);
  }
  try {
    return await begin(options.stateRoot, group, ballastBytes);
  } catch (error) {
    throw asHimsError(error);
  }
}

async function begin(
  givenRoot: string,
  group: string | null,
  ballastBytes: number,
): Promise<EmbeddedPostgres> {
  const { stateRoot } = await makePlace(givenRoot, group);
  return withStartLock(
    stateRoot,
    group === null ? findRunning : async () => null,
    async (place) => {
      const begun = await startServer(place, tenantsOf(stateRoot, group), ballastBytes);
      return describe(begun.place, begun.version, begun.started);
    },
  );
}

/** Stops the server; false when it was not running. */
export async function stopEmbeddedPostgres(
  options: Pick<EmbeddedPostgresOptions, "stateRoot">,
): Promise<boolean> {
  const place = findPlace(options.stateRoot);
  if (place === null || lookAt(place.dataDirectory) === null) return false;
  const lock = await waitForLock(place);
  try {
    const pid = findPostmaster(place);
    if (pid !== null) {
      await endPostmaster(pid, place);
      return true;
    }
    const answer = await ask(place);
    if (answer.state === "absent") return false;
    // It runs, but we may not see its process: it is not ours to stop.
    throw notYours(answer.state === "refused" ? answer.cause : null);
  } finally {
    lock.release();
  }
}

/** Looks, and starts nothing. */
export async function embeddedPostgresStatus(
  options: Pick<EmbeddedPostgresOptions, "stateRoot">,
): Promise<EmbeddedPostgresStatus> {
  const place = findPlace(options.stateRoot);
  if (place === null || lookAt(place.dataDirectory) === null) {
    return { running: false, version: null, socketDirectory: null, url: null };
  }
  const answer = await ask(place);
  return {
    running: answer.state !== "absent",
    version: answer.state === "ready" ? answer.version : null,
    socketDirectory: place.socketDirectory,
    url: urlOf(place),
  };
}

interface Running {
  readonly place: Place;
  readonly version: string;
}

async function findRunning(stateRoot: string): Promise<Running | null> {
  const place = findPlace(stateRoot);
  if (place === null) return null;
  const answer = await ask(place);
  if (answer.state === "refused") throw refusal(answer.cause);
  return answer.state === "ready" ? { place, version: answer.version } : null;
}

async function ask(place: Place): Promise<ServerAnswer> {
  return socketFolderIsOurs(place) ? askServer(place.socketDirectory) : { state: "absent" };
}

/** Does the work once, in one of the processes that want it; the others wait and find it done. */
async function withStartLock(
  stateRoot: string,
  findDone: (stateRoot: string) => Promise<Running | null>,
  work: (place: Place) => Promise<EmbeddedPostgres>,
): Promise<EmbeddedPostgres> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const place = findPlace(stateRoot);
    const lock = place === null ? null : takeStartLock(place.home);
    try {
      const done = await findDone(stateRoot);
      if (done !== null) return describe(done.place, done.version, false);
      if (place !== null && lock !== null) return await work(place);
    } finally {
      lock?.release();
    }
    await sleep(pollMs);
  }
  throw tooSlow();
}

async function waitForLock(place: Place): Promise<StartLock> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const lock = takeStartLock(place.home);
    if (lock !== null) return lock;
    await sleep(pollMs);
  }
  throw tooSlow();
}

/** The ballast may have been given up for a full disk; it comes back when there is room, by whoever may write there. */
async function renewBallast(place: Place, bytes: number): Promise<void> {
  const home = lookAt(place.home);
  const mayWrite = currentUid() === 0 || home?.uid === currentUid();
  if (!mayWrite || hasBallast(place.home)) return;
  const lock = takeStartLock(place.home);
  if (lock === null) return;
  try {
    layBallast(place.home, bytes);
  } finally {
    lock.release();
  }
}

function describe(place: Place, version: string, started: boolean): EmbeddedPostgres {
  const { socketDirectory, dataDirectory } = place;
  const url = urlOf(place);
  return {
    socketDirectory,
    dataDirectory,
    port: socketPort,
    version,
    ownerUser: ownerRole,
    url,
    started,
  };
}

function urlOf(place: Place): string {
  return `postgresql://${ownerRole}@/${databaseName}?host=${encodeURIComponent(place.socketDirectory)}`;
}

/** A refusal of the operating system (no space, read-only, not permitted) becomes an error with a hint; a bug stays a bug. */
function asHimsError(error: unknown): unknown {
  if (!(error instanceof Error && "syscall" in error && "code" in error)) return error;
  return new HimsError("HIMS_EMBEDDED_START", {
    kind: "unreachable",
    message: `the embedded database could not be started: ${error.code} (${error.syscall})`,
    hint: "Check free space and permissions of the workspace's .hims folder, or set DATABASE_URL to another PostgreSQL.",
    cause: error,
  });
}

function tooSlow(): HimsError {
  return new HimsError("HIMS_EMBEDDED_START", {
    kind: "unreachable",
    message: "another process has been starting or stopping the embedded database for five minutes",
    hint: "End that process, then run the command again.",
  });
}
