// Chooses what to run and runs it. An installed package has a build and no sources: it runs the build. A checkout runs
// the build made of exactly its sources (found by their hash), and makes it first where it is missing.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** scripts/build.mjs ends with this where the folder cannot be written or esbuild is not installed. */
const cannotBuild = 3;

export async function start(root, argv) {
  standInForMissingUser();
  const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const build = existsSync(join(root, "src", "commands"))
    ? await buildOfSources(root)
    : installedBuild(root);
  const installation =
    build === null ? await sources(root, packageJson) : built(build, packageJson);
  useCompileCache(build, packageJson.version);
  const main = await import(
    pathToFileURL(join(installation.root, "commands", installation.main)).href
  );
  // Not left to the event loop: a forgotten socket or timer must not keep a finished command alive.
  process.exit(await main.runCommandLine(argv, installation));
}

/** A container may run us under a number without a passwd entry; Node and oclif fail when they then ask who the user is. */
function standInForMissingUser() {
  try {
    homedir();
  } catch {
    process.env["HOME"] = "/nonexistent";
  }
  process.env["SHELL"] ||= "/bin/sh";
}

function installedBuild(root) {
  try {
    return join(
      root,
      "dist",
      JSON.parse(readFileSync(join(root, "dist", "build.json"), "utf8")).folder,
    );
  } catch {
    console.error(
      "this installation of hims is incomplete (no dist/).\n  hint: Install the package again.",
    );
    process.exit(2);
  }
}

/** The folder of the build of these sources, or null where none can be made. */
async function buildOfSources(root) {
  if (process.env["HIMS_RUN_FROM"] === "source") return null;
  const { fingerprintOf } = await import("../scripts/fingerprint.mjs");
  const folder = join(root, "dist", fingerprintOf(root));
  if (existsSync(join(folder, "oclif.manifest.json"))) return folder;
  if (process.stderr.isTTY) process.stderr.write("hims: building from changed sources ... ");
  // In a process of its own: what a build loads and leaves open is none of the command's business.
  const builder = spawnSync(
    process.execPath,
    [join(root, "scripts", "build.mjs"), "--print-folder"],
    {
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
    },
  );
  if (process.stderr.isTTY) process.stderr.write(builder.status === 0 ? "done\n" : "\n");
  if (builder.status === 0) return builder.stdout.trim();
  if (builder.status === cannotBuild) return null;
  console.error(`hims could not be built from its sources:\n${builder.stderr}`);
  process.exit(1);
}

function built(folder, packageJson) {
  return { root: folder, main: "main.js", packageJson, commandFiles: null };
}

/**
 * Runs the TypeScript as it is, by Node's own type stripping. This is how an ordinary user runs a checkout that belongs to
 * root and was never built: slower to start (about 0.3 s), but right, and nothing is written where another user could have
 * put something. A build in a per-user folder would be faster, yet could find neither node_modules nor migrations/.
 */
async function sources(root, packageJson) {
  const { commandFilesOf } = await import("../scripts/fingerprint.mjs");
  return {
    root: join(root, "src"),
    main: "main.ts",
    packageJson,
    commandFiles: commandFilesOf(root),
  };
}

/**
 * V8's compiled code, kept between runs (about 25 ms of every start). It lies in the build, so that it goes when the build
 * goes, or else in the cache of this user: never in a folder of another user, who could plant code there (Node's default
 * is one folder in /tmp for all). Where it cannot be written Node silently does without.
 */
function useCompileCache(build, version) {
  const userId = process.getuid?.();
  const owns = (folder) => {
    try {
      return userId === undefined || statSync(folder).uid === userId;
    } catch {
      return false;
    }
  };
  if (build !== null && owns(build)) enableCompileCache(join(build, "compile-cache"));
  else if (owns(homedir())) {
    const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
    if (!existsSync(cache) || owns(cache)) enableCompileCache(join(cache, `hims-${version}`));
  }
}
