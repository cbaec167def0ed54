/** Moving and deleting files of a source once they are committed. Nothing is ever overwritten, and only what was read is touched. */
import { constants } from "node:fs";
import { copyFile, link, lstat, mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import type { SourceFile } from "../connectors/connector.ts";
import { codeOf } from "../platform/failure.ts";
import type { AfterAction } from "./source-schema.ts";

/** Counted as a warning: a newer export took the file's place while it was read; the next run reads that. */
export const replacedRule = "file_replaced_since_read";

/**
 * Moves a file, and the marker that said it is complete, into a folder; a name that is taken there gets a number.
 * @param marker ending of the marker's name (`.done`); null: there is none
 * @returns a warning when the file is not the one that was read any more, and stays
 */
export async function moveFile(
  file: SourceFile,
  folder: string,
  marker: string | null,
): Promise<string | null> {
  const state = await stateOf(file);
  if (state !== "same") return state === "gone" ? null : replacedRule;
  await mkdir(folder, { recursive: true });
  await moveUnder(file.path, folder, basename(file.path));
  if (marker !== null)
    await ignoreGone(moveUnder(file.path + marker, folder, basename(file.path) + marker));
  return null;
}

/** Deletes a file and its marker. Parameters and answer as of `moveFile`. */
export async function deleteFile(file: SourceFile, marker: string | null): Promise<string | null> {
  const state = await stateOf(file);
  if (state !== "same") return state === "gone" ? null : replacedRule;
  await ignoreGone(unlink(file.path));
  if (marker !== null) await ignoreGone(unlink(file.path + marker));
  return null;
}

/**
 * Tells the folders that files are moved into, so that a glob over folders does not read them again.
 * @param folder to which a folder named in the pipeline file is relative
 */
export function actedFolders(after: AfterAction, folder: string): (path: string) => boolean {
  const named = [after.doneFolder, after.failedFolder].flatMap((name) =>
    name === null ? [] : [resolve(folder, name)],
  );
  const beside = [
    ...(after.loaded === "move" && after.doneFolder === null ? ["done"] : []),
    ...(after.movesRefused && after.failedFolder === null ? ["failed"] : []),
  ];
  return (path) =>
    beside.includes(basename(path)) ||
    named.some((acted) => !relative(acted, path).startsWith(".."));
}

/** Whether the file that was read still lies there. */
async function stateOf(file: SourceFile): Promise<"same" | "gone" | "replaced"> {
  const now = await stat(file.path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  if (now === null) return "gone";
  const isSame = now.size === file.bytes && now.mtime.getTime() === file.modifiedAt.getTime();
  return isSame ? "same" : "replaced";
}

/** The file under its own name or, where that is taken, under the first free one: `a.csv`, `a-2.csv`, `a-3.csv`. */
async function moveUnder(path: string, folder: string, name: string): Promise<void> {
  for (let number = 1; ; number += 1) {
    const target = join(folder, numbered(name, number));
    if (await moveTo(path, target)) return;
  }
}

/** A name with a number before its ending; the first has none. */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const ending = extname(name);
  return `${name.slice(0, name.length - ending.length)}-${number}${ending}`;
}

/** False where the name is taken. A link is made first, since a rename would overwrite. */
async function moveTo(path: string, target: string): Promise<boolean> {
  try {
    await link(path, target);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") {
      if (!(await isOneFile(path, target))) return false;
      // We linked it before and were stopped.
    } else if (code === "EXDEV") return await copyTo(path, target);
    else if (/^E(?:PERM|NOTSUP|OPNOTSUPP|NOSYS|MLINK|ACCES)$/.test(code))
      return await renameTo(path, target);
    else throw error;
  }
  await unlink(path);
  return true;
}

async function isOneFile(path: string, target: string): Promise<boolean> {
  const [one, other] = [await lstat(path), await lstat(target)];
  return one.ino === other.ino && one.dev === other.dev && one.ino !== 0;
}

/** To another file system: the copy is whole and on the disk before the file goes. */
async function copyTo(path: string, target: string): Promise<boolean> {
  try {
    await copyFile(path, target, constants.COPYFILE_EXCL);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
  await synced(target);
  await synced(dirname(target));
  await unlink(path);
  return true;
}

/** Where links are not possible. */
async function renameTo(path: string, target: string): Promise<boolean> {
  const taken = await lstat(target).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  if (taken !== null) return false;
  await rename(path, target);
  return true;
}

/** Makes sure that a file, or the names in a folder, outlast a power cut. */
export async function synced(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function ignoreGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}
