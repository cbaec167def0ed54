// `npm test`: the checks, then every test project. The very last line counts: "N passed, N failed".
// Arguments go to vitest: `npm test -- --project unit src/cards`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChecks } from "./check.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function main() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  add(counts, runChecks());
  // Built once here, so that the tests of the command line do not wait for it inside their time limits.
  const build = spawnSync(process.execPath, [join(root, "scripts", "build.mjs")], {
    stdio: "inherit",
  });
  add(counts, build.status === 0 ? { passed: 1 } : { failed: 1 });
  add(counts, runVitest());
  const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
  process.exitCode = counts.failed === 0 ? 0 : 1;
  console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
}

function runVitest() {
  const folder = mkdtempSync(join(tmpdir(), "hims-test-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const args = ["run", "--passWithNoTests", ...reporters, ...process.argv.slice(2)];
  try {
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const run = spawnSync(process.execPath, [vitest, ...args], {
      cwd: root,
      stdio: "inherit",
    });
    return countReport(report, run.status === 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that could not even be loaded has no tests of its own: it counts as one failure. */
function countReport(path, endedWell) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    console.error(`vitest left no report (${error.code ?? error.name})`);
    return { failed: 1 };
  }
  const unloaded = report.testResults.filter(
    (file) =>
      file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  ).length;
  const failed = report.numFailedTests + unloaded;
  return {
    passed: report.numPassedTests,
    // Vitest can fail without a failed test (an unhandled rejection): that must not look like success.
    failed: failed === 0 && !endedWell ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function add(counts, more) {
  for (const [name, count] of Object.entries(more)) counts[name] += count;
}

main();
