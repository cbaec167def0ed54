/**
 * One creator, starter or stopper of a cluster at a time. The lock is a byte-range lock of the kernel on a file in the
 * home: only who may write there can take it, and it goes with its process, even on kill -9, so there is never a stale
 * one. Node has no call for such locks, but its SQLite takes one when a transaction begins; nothing is ever written.
 * (PostgreSQL's own lock file cannot do this: overwriting a stale postmaster.pid while another process starts the server
 * would let two servers loose on one data directory.)
 */
import { randomBytes } from "node:crypto";
import {
  accessSync,
  constants,
  lchownSync,
  linkSync,
  lstatSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { HimsError } from "../../platform/errors.ts";
import { lookAt, notYours } from "./folders.ts";
import { currentUid } from "./service-account.ts";

export interface StartLock {
  release(): void;
}

const lockName = "start.lock";
/** SQLITE_BUSY */
const busyCode = 5;

/**
 * The lock of a cluster's home folder (which exists), or null when another process holds it.
 * @throws HimsError HIMS_EMBEDDED_ACCESS for who may not write there, HIMS_EMBEDDED_PLACE when the file is not ours
 */
export function takeStartLock(home: string): StartLock | null {
  const path = join(home, lockName);
  makeLockFile(path, home);
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // No journal on the disk, which may be full.
    database.exec("pragma journal_mode = memory; begin exclusive");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === busyCode) return null;
    throw damaged(path, error);
  }
  return { release: () => database.close() };
}

function makeLockFile(path: string, home: string): void {
  try {
    if (lookAt(path) === null) createFor(lstatSync(home), path);
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "EACCES") throw notYours(error);
    // Another process made it just now.
    if (code !== "EEXIST") throw error;
  }
  // SQLite would follow a link to another file.
  if (!lstatSync(path).isFile()) throw damaged(path, null);
}

/** An empty file of the home's owner, who must be able to take the lock after root did: it appears with that owner. */
function createFor({ uid, gid }: Stats, path: string): void {
  const options = { flag: "wx", mode: 0o600 } as const;
  if (uid === currentUid()) {
    writeFileSync(path, "", options);
    return;
  }
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, "", options);
  try {
    lchownSync(draft, uid, gid);
    linkSync(draft, path);
  } finally {
    rmSync(draft);
  }
}

function damaged(path: string, cause: unknown): HimsError {
  return new HimsError("HIMS_EMBEDDED_PLACE", {
    kind: "unreachable",
    message: `${path} is not the empty file that HIMS made`,
    hint: "Remove it when no other hims command runs in this workspace, then run the command again.",
    cause,
  });
}
