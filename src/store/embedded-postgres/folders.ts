/** Folders and files with an owner and a mode that hold whatever the umask, made so that a reader never sees half of one. */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { HimsError } from "../../platform/errors.ts";
import { currentUid } from "./service-account.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Makes the folder or, where it exists and is ours to change, gives it this owner and mode. */
export function makeFolder(path: string, mode: number, owner: Owner): void {
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const stats = lstatSync(path);
  if (!stats.isDirectory()) {
    throw new HimsError("HIMS_EMBEDDED_PLACE", {
      kind: "unreachable",
      message: `${path} is not a folder`,
      hint: "Move it away; HIMS makes a folder of that name itself.",
    });
  }
  settle(path, mode, owner);
}

/** Replaces a file in one step; does nothing when it already says this. Answers whether it changed. */
export function replaceFile(path: string, text: string, mode: number, owner: Owner): boolean {
  if (readText(path) === text) return false;
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, text, { flag: "wx", mode: 0o600, flush: true });
  settle(draft, mode, owner);
  renameSync(draft, path);
  return true;
}

/** The text of a file, or null when there is none. */
export function readText(path: string): string | null {
  return orNull(() => readFileSync(path, "utf8"));
}

/** What lies at a path (a symlink is not followed), or null when nothing does. */
export function lookAt(path: string): Stats | null {
  return orNull(() => lstatSync(path));
}

/** Makes a rename or a new name in this folder durable. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function settle(path: string, mode: number, owner: Owner): void {
  const stats = lstatSync(path);
  const foreign = stats.uid !== owner.uid || stats.gid !== owner.gid;
  if (foreign && mayChange(stats, owner)) lchownSync(path, owner.uid, owner.gid);
  if ((stats.mode & 0o7777) !== mode || foreign) chmodSync(path, mode);
}

/** An ordinary user may only change the group of its own files. */
function mayChange(stats: Stats, owner: Owner): boolean {
  return currentUid() === 0 || stats.uid === owner.uid;
}

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
      if (error.code === "EACCES") throw notYours(error);
    }
    throw error;
  }
}

/** The error of a user who may not look into this workspace's state. */
export function notYours(cause: unknown): HimsError {
  return new HimsError("HIMS_EMBEDDED_ACCESS", {
    kind: "unreachable",
    message: "the embedded database of this workspace belongs to another user",
    hint: "Run hims as the owner of the workspace, or open it to a group with `hims init --group NAME`.",
    cause,
  });
}
