// Builds src/ into dist/<fingerprint>/ and names it in dist/build.json. A build is never changed once it has its name, so
// that a command that is still running keeps the files it will load later; types are checked elsewhere (scripts/check.mjs).
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandFilesOf, fingerprintOf, sourceFilesOf } from "./fingerprint.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const lockPath = join(dist, "build.lock");
const longestBuildMs = 60_000;
const keptBuilds = 5;
const keptMs = 10 * 60_000;

/** Exit code understood by bin/start.js: this folder cannot be built, run from source. */
const cannotBuild = 3;

async function main() {
  if (process.argv.includes("--clean")) rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const folder = await buildOnce();
  writeAtomically(join(dist, "build.json"), buildNote(folder));
  removeOldBuilds(folder);
  console.log(
    process.argv.includes("--print-folder") ? join(dist, folder) : `built dist/${folder}`,
  );
}

/** The lock only saves double work (20 commands at once build once): a build takes its name by one rename, so that even two at a time are right. */
async function buildOnce() {
  for (;;) {
    const fingerprint = fingerprintOf(root);
    if (isBuilt(fingerprint)) return fingerprint;
    if (!takeLock()) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      continue;
    }
    try {
      if (!isBuilt(fingerprint)) await build(fingerprint);
    } finally {
      rmSync(lockPath, { force: true });
    }
    return fingerprint;
  }
}

function isBuilt(fingerprint) {
  return existsSync(join(dist, fingerprint, "oclif.manifest.json"));
}

function takeLock() {
  try {
    const file = openSync(lockPath, "wx");
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (isLockStale()) rmSync(lockPath, { force: true });
  return false;
}

/** Left behind by a killed build: its process is gone, or (seen from another machine or container) it is older than any build. */
function isLockStale() {
  try {
    const ageMs = Date.now() - statSync(lockPath).mtimeMs;
    const pid = Number(readFileSync(lockPath, "utf8"));
    // An empty file was created a moment ago by someone who has not written the number yet.
    if (pid === 0) return ageMs > 1_000;
    return ageMs > longestBuildMs || !isAlive(pid);
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

async function build(fingerprint) {
  const temporary = join(dist, `building-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    await bundle(temporary);
    await writeManifest(temporary);
    renameSync(temporary, join(dist, fingerprint));
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // Another builder, who had judged our lock stale, was first: the same sources give the same build.
    if (!isBuilt(fingerprint)) throw error;
  }
}

async function bundle(outdir) {
  const esbuild = await import("esbuild");
  const { dependencies, optionalDependencies } = packageJson();
  const packages = Object.keys({ ...dependencies, ...optionalDependencies });
  // drizzle-orm alone is bundled: as 106 cyclic modules its import takes 400 ms and 300 MB, bundled 30 ms.
  const external = packages
    .filter((name) => name !== "drizzle-orm")
    .flatMap((name) => [name, `${name}/*`]);
  const workers = sourceFilesOf(root).filter((path) => path.endsWith("-worker.ts"));
  const entryPoints = [
    "src/commands/main.ts",
    ...commandFilesOf(root).map((path) => `src/commands/${path}`),
    ...workers,
  ];
  await esbuild.build({
    absWorkingDir: root,
    entryPoints,
    outbase: "src",
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    external,
    chunkNames: "chunks/[name]-[hash]",
    logLevel: "silent",
    charset: "utf8",
  });
  await esbuild.stop();
}

/** oclif reads the commands' names, flags and help from here instead of loading every command. */
async function writeManifest(folder) {
  const { describeCommands } = await import(join(folder, "commands", "main.js"));
  const commandFiles = commandFilesOf(root).map((path) => path.replace(/\.ts$/, ".js"));
  const manifest = await describeCommands({
    root: folder,
    packageJson: packageJson(),
    commandFiles,
  });
  writeFileSync(join(folder, "oclif.manifest.json"), JSON.stringify(manifest));
}

function packageJson() {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

function buildNote(folder) {
  return `${JSON.stringify({ version: packageJson().version, fingerprint: folder, folder })}\n`;
}

function writeAtomically(path, content) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

/** Keeps the newest few, and all young ones: a command that started from them may still load a chunk. */
function removeOldBuilds(current) {
  const folders = readdirSync(dist, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== current)
    .map((entry) => ({ path: join(dist, entry.name), madeAt: madeAt(join(dist, entry.name)) }))
    .sort((a, b) => b.madeAt - a.madeAt);
  for (const { path, madeAt } of folders.slice(keptBuilds - 1)) {
    if (Date.now() - madeAt > keptMs) rmSync(path, { recursive: true, force: true });
  }
}

function madeAt(path) {
  try {
    return statSync(path).mtimeMs;
  } catch (error) {
    if (error.code === "ENOENT") return Date.now();
    throw error;
  }
}

/** A folder of another user, a read-only or full one, or an installation without esbuild (`npm ci --omit=dev`). */
function isNotOurFault(error) {
  if (error.code === "ERR_MODULE_NOT_FOUND") return error.message.includes("'esbuild'");
  return ["EACCES", "EROFS", "EPERM", "ENOSPC", "EDQUOT"].includes(error.code);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(error.message);
  process.exit(isNotOurFault(error) ? cannotBuild : 1);
}
