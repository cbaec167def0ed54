// The fast checks: `npm run check`, or one alone: `node scripts/check.mjs types|lint|boundaries|unused|lockfile|docs`.
// Each prints its tool's output only when it fails.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const checks = {
  types: ["tsc", "-p", "."],
  lint: ["biome", "check", "--error-on-warnings", "--diagnostic-level=warn"],
  boundaries: ["depcruise", "--config", ".dependency-cruiser.cjs", "src"],
  unused: ["knip", "--no-progress"],
  lockfile: ["node", "scripts/complete-lock.mjs", "--check"],
  docs: ["node", "scripts/docs.mjs", "--check"],
};

/** Whether the check passed; its output goes to stdout when it did not. */
function runCheck(name) {
  const startedMs = Date.now();
  const [tool, ...args] = checks[name];
  const path = `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}`;
  const result = spawnSync(tool, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const passed = result.status === 0;
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  console.log(`${passed ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  if (!passed) console.log(result.error?.message ?? `${result.stdout}${result.stderr}`);
  return passed;
}

/** @returns how many passed and failed */
export function runChecks(names = Object.keys(checks)) {
  const passed = names.filter(runCheck).length;
  return { passed, failed: names.length - passed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !(name in checks));
  if (unknown !== undefined) {
    console.error(`no check "${unknown}"; there are ${Object.keys(checks).join(", ")}`);
    process.exit(2);
  }
  process.exitCode = runChecks(names.length === 0 ? undefined : names).failed === 0 ? 0 : 1;
}
