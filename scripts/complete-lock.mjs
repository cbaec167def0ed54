// Completes package-lock.json after `npm install`: `node scripts/complete-lock.mjs`, with --check only looks.
// Some tools name one optional package for every platform, and a registry (a mirror, a delayed one) may not have them all.
// npm then leaves them out of the lockfile, and `npm ci` refuses it as out of sync. An entry that says for which platform
// a package is lets `npm ci` skip it elsewhere without asking the registry.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const path = join(dirname(dirname(fileURLToPath(import.meta.url))), "package-lock.json");
const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = [
  "arm64",
  "arm",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "x64",
];

function main() {
  const lock = JSON.parse(readFileSync(path, "utf8"));
  const missing = Object.entries(lock.packages).flatMap(([from, entry]) =>
    missingOf(lock, from, entry),
  );
  if (missing.length === 0) return console.log("package-lock.json is complete");
  if (process.argv.includes("--check")) {
    console.error(`package-lock.json lacks ${missing.map(({ name }) => name).join(", ")}`);
    process.exitCode = 1;
    return;
  }
  for (const { name, entry } of missing) lock.packages[`node_modules/${name}`] = entry;
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`added ${missing.length} platform packages to package-lock.json`);
}

function missingOf(lock, from, { optionalDependencies = {}, dev }) {
  return Object.entries(optionalDependencies)
    .filter(([name]) => !isLocked(lock, from, name))
    .map(([name, version]) => ({
      name,
      entry: { version, ...(dev ? { dev } : {}), ...platformOf(name) },
    }));
}

/** As Node resolves: in the package's own node_modules, or in one further up. */
function isLocked(lock, from, name) {
  for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf("/node_modules/"))) {
    if (`${folder === "" ? "" : `${folder}/`}node_modules/${name}` in lock.packages) return true;
    if (!folder.includes("/node_modules/")) return `node_modules/${name}` in lock.packages;
  }
}

/** From names such as @biomejs/cli-linux-x64-musl. A package without a platform in its name is no such case. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined)
    throw new Error(`${name} is missing and names no platform`);
  const libc = words.includes("musl") ? "musl" : words.includes("gnu") ? "glibc" : null;
  return { cpu: [cpu], ...(libc === null ? {} : { libc: [libc] }), optional: true, os: [os] };
}

main();
