/**
 * A file that only takes up space. PostgreSQL on a full disk cannot even start again to clear up; deleting the ballast
 * gives it the room to recover (facts: a full WAL disk is fatal without one).
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { lookAt } from "./folders.ts";

export const defaultBallastBytes = 256 * 1024 * 1024;

/** Space below which PostgreSQL cannot do its recovery: two WAL segments. */
const fullBelowBytes = 32 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

/** Space an unprivileged process can still take on the file system of this folder, in bytes. */
function availableBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

export function diskIsFull(home: string): boolean {
  return availableBytes(home) < fullBelowBytes;
}

export function hasBallast(home: string): boolean {
  return lookAt(ballastPath(home)) !== null;
}

/** Makes the ballast where it is missing and leaves plenty of space; answers whether it is there. */
export function layBallast(home: string, bytes: number): boolean {
  if (hasBallast(home)) return true;
  if (bytes <= 0 || availableBytes(home) < 4 * bytes) return false;
  const draft = join(home, `ballast.${randomBytes(6).toString("hex")}`);
  try {
    allocate(draft, bytes);
    renameSync(draft, ballastPath(home));
    return true;
  } catch (error) {
    rmSync(draft, { force: true });
    // Someone else filled the disk meanwhile: then there is no plenty, which is not an error.
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") return false;
    throw error;
  }
}

/** Gives the space back; answers whether there was any. */
export function freeBallast(home: string): boolean {
  if (!hasBallast(home)) return false;
  rmSync(ballastPath(home));
  return true;
}

function ballastPath(home: string): string {
  return join(home, "ballast");
}

/** Really taken, not sparse: by fallocate(1) in a millisecond, or else written with bytes no file system can compress. */
function allocate(path: string, bytes: number): void {
  const file = openSync(path, "wx", 0o600);
  try {
    const quick = spawnSync("fallocate", ["-l", String(bytes), path], { stdio: "ignore" });
    if (quick.status === 0) return;
    const chunk = randomBytes(chunkBytes);
    for (let written = 0; written < bytes; ) {
      written += writeSync(file, chunk, 0, Math.min(chunkBytes, bytes - written), written);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
