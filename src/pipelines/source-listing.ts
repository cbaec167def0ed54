/** The files a pipeline's source has now, in natural order of their names. */
import { existsSync, statSync } from "node:fs";
import { glob, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { SourceFile } from "../connectors/connector.ts";
import { HimsError } from "../platform/errors.ts";
import { codeOf } from "../platform/failure.ts";

const naturalOrder = new Intl.Collator("en", { numeric: true });
/** Uploads under way and editors' leftovers. */
const unfinished = /^\.|\.(?:tmp|part|partial|filepart|crdownload|swp)$|~$/i;

/** Whether a name says that its file is not complete, or none of ours. */
export function isUnfinishedName(name: string): boolean {
  return unfinished.test(name);
}

/**
 * @param at a file, a folder (its own files, not those of folders inside) or a glob, relative to `folder`
 * @throws HimsError HIMS_SOURCE_MISSING (exit 4) when the file or the folder is not there
 */
export async function listSourceFiles(at: string, folder: string): Promise<readonly SourceFile[]> {
  const path = resolve(folder, at);
  if (existsSync(path))
    return statSync(path).isDirectory() ? filesOf(await childrenOf(path), path) : namedFile(path);
  const fixed = fixedPart(at);
  if (fixed === null || !existsSync(resolve(folder, fixed))) throw missing(path);
  const matches: string[] = [];
  for await (const match of glob(at, { cwd: folder })) matches.push(resolve(folder, match));
  return filesOf(matches, resolve(folder, fixed));
}

async function childrenOf(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).map((name) => join(folder, name));
}

async function filesOf(paths: readonly string[], root: string): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  for (const path of paths) {
    const file = isUnfinishedName(basename(path)) ? null : await fileAt(path, root);
    if (file !== null) files.push(file);
  }
  return files.sort(byName);
}

/** Natural order of names: `2.csv` before `10.csv`. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return naturalOrder.compare(a.name, b.name) || (a.name < b.name ? -1 : 1);
}

/** A file that was named itself is read wherever it leads: somebody chose it. */
async function namedFile(path: string): Promise<readonly SourceFile[]> {
  const files = await filesOf([path], dirname(path));
  return files.map((file) => ({ ...file, leadsOut: false }));
}

/** Null for a folder, a device, and what was moved away since it was listed. */
async function fileAt(path: string, root: string): Promise<SourceFile | null> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  if (found === null || !found.isFile()) return null;
  return {
    path,
    name: relative(root, path),
    bytes: found.size,
    modifiedAt: found.mtime,
    leadsOut: await leadsOut(path, root),
  };
}

/** Whether a link takes the file out of its source: whoever may drop files there could read others' through our rights. */
async function leadsOut(path: string, root: string): Promise<boolean> {
  const real = relative(await realpath(root), await realpath(path));
  return real.startsWith("..") || isAbsolute(real);
}

/** The folders before the first pattern character; null when there is no pattern. */
function fixedPart(at: string): string | null {
  const parts = at.split("/");
  const index = parts.findIndex((part) => /[*?[\]{}]/.test(part));
  return index === -1 ? null : parts.slice(0, index).join("/") || (at.startsWith("/") ? "/" : ".");
}

function missing(path: string): HimsError {
  return new HimsError("HIMS_SOURCE_MISSING", {
    kind: "unreachable",
    message: "the source is not there",
    hint: "Check `source.at` of the pipeline file (it is relative to that file), or name the file with --file.",
    at: { file: path },
  });
}
