#!/usr/bin/env node
// The first file that runs. It must parse under Node 18, so that an old Node gets help and not a syntax error:
// answer --version, find a Node that is new enough, and hand over to start.js.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const oldestNode = [24, 12];
const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const argv = process.argv.slice(2);

// `hims ... | head -1` closes the pipe early: that is no failure.
process.stdout.on("error", (error) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

// A log that nobody reads anymore (`2>&1 | head`) must not end an import half way.
process.stderr.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
});

function isNodeNewEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
}

/** The Node that npm installed with us: in our own node_modules, or in one further up when we are a dependency. */
function bundledNode() {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const binary = process.platform === "win32" ? "node.exe" : "node";
  for (let folder = dirname(here); ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", `node-${platform}-${process.arch}`, "bin", binary);
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) return null;
  }
}

function refuseOldNode() {
  const message = `hims needs Node ${oldestNode.join(".")} or newer, this is ${process.versions.node}.`;
  const hint =
    "Run `npm ci` in the folder of HIMS (it brings Node 24 on Linux and Windows), or install Node 24.";
  if (argv.includes("--json")) {
    console.log(JSON.stringify({ ok: false, error: { code: "HIMS_NODE_TOO_OLD", message, hint } }));
  }
  console.error(`${message}\n  hint: ${hint}`);
  process.exitCode = 2;
}

async function runUnder(node) {
  const { spawn } = await import("node:child_process");
  const child = spawn(node, [fileURLToPath(import.meta.url), ...argv], {
    stdio: "inherit",
    env: { ...process.env, HIMS_REEXEC: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", refuseOldNode);
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

async function main() {
  if (argv[0] === "--version" || argv[0] === "-V") {
    const { version } = JSON.parse(readFileSync(join(here, "..", "package.json"), "utf8"));
    const envelope = { ok: true, command: "version", version: 1, data: { version }, warnings: [] };
    console.log(argv.includes("--json") ? JSON.stringify(envelope) : `hims ${version}`);
    return;
  }
  if (isNodeNewEnough()) {
    const { start } = await import("./start.js");
    await start(dirname(here), argv);
    return;
  }
  // The guard: where the Node we were re-executed under is too old as well, say so instead of looping.
  const node = process.env["HIMS_REEXEC"] === "1" ? null : bundledNode();
  if (node === null) refuseOldNode();
  else await runUnder(node);
}

await main();
