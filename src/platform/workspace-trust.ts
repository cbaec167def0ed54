/**
 * Whose workspaces we work in. A workspace decides which database is asked, which files are read and, when root runs us,
 * which folders are made: whoever can plant one above our current folder must not decide that for us (CVE-2022-24765 was
 * git's; its answer, `safe.directory`, is ours too).
 */
import { lstatSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { HimsError } from "./errors.ts";

/** As much of a workspace as is judged; absolute paths, any of which may be missing. */
interface JudgedWorkspace {
  readonly root: string;
  readonly configPath: string;
  readonly pipelinesFolder: string;
  readonly stateRoot: string;
}

/** Who asks: numbers of the operating system. */
interface Caller {
  readonly uid: number;
  /** All groups, the primary one included. */
  readonly gids: readonly number[];
}

/** The variable that says "I know whose workspace this is"; read from the real environment only, never from `.env`. */
export const trustVariable = "HIMS_TRUST_WORKSPACE";

/** The caller's process; null where the system has no user ids. */
function callingUser(): Caller | null {
  const uid = process.getuid?.();
  if (uid === undefined) return null;
  return { uid, gids: [process.getgid?.() ?? -1, ...(process.getgroups?.() ?? [])] };
}

/** Whether the caller said to work in workspaces of other users. */
export function isTrustForced(): boolean {
  return process.env[trustVariable] === "1";
}

/**
 * Refuses a workspace of which a part belongs to neither the caller nor root. For an ordinary user it may also belong to
 * whoever opened it to a group the caller is in; for root its folder must be root's as well, since the owner of a folder
 * can exchange everything in it.
 * @throws HimsError HIMS_WORKSPACE_OWNER
 */
export function refuseForeignWorkspace(workspace: JudgedWorkspace, caller = callingUser()): void {
  if (caller === null || isTrustForced()) return;
  const trusted = new Set([0, caller.uid]);
  const owner = sharedBy(workspace, caller);
  if (owner !== null) trusted.add(owner);
  const { root, configPath, stateRoot, pipelinesFolder } = workspace;
  const parts = [configPath, join(root, ".env"), stateRoot, pipelinesFolder];
  const foreign = (caller.uid === 0 ? [root, ...parts] : parts).find(
    (path) => !ownersOf(path).every((uid) => trusted.has(uid)),
  );
  if (foreign !== undefined) throw foreignWorkspace(foreign);
}

/** The error of a workspace that is somebody else's. @param file the part that is */
export function foreignWorkspace(file: string): HimsError {
  return new HimsError("HIMS_WORKSPACE_OWNER", {
    kind: "usage",
    message: "this workspace, or a part of it, belongs to another user",
    hint: `Run hims as its owner, or, when you trust them with your rights, set ${trustVariable}=1. \`hims init --group\` opens a workspace to a group.`,
    at: { file },
  });
}

/** The owner who opened this workspace to a group of the caller, as `hims init --group` does; null for none, and for root. */
function sharedBy({ stateRoot }: JudgedWorkspace, caller: Caller): number | null {
  if (caller.uid === 0) return null;
  const stats = orNull(() => lstatSync(stateRoot));
  if (stats === null || !stats.isDirectory()) return null;
  const isOpened = (stats.mode & 0o2070) === 0o2070 && caller.gids.includes(stats.gid);
  return isOpened ? stats.uid : null;
}

/** Of what lies there and, for a symbolic link, of what it leads to: both can be exchanged by their owner. */
function ownersOf(path: string): readonly number[] {
  const link = orNull(() => lstatSync(path));
  if (link === null) return [];
  const target = link.isSymbolicLink() ? orNull(() => statSync(path)) : null;
  return target === null ? [link.uid] : [link.uid, target.uid];
}

function orNull(look: () => Stats): Stats | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
