/** How long a user waits before the first letter: `--version` and `--help` against a Node that does nothing. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../src/platform/package-root.ts";
import { type BenchOptions, type Measurement, median } from "../measurement.ts";

const rounds = 11;
const program = join(packageRoot(), "bin", "hims");

interface Start {
  readonly program: string;
  readonly args: readonly string[];
  readonly milliseconds: number[];
}

/** All three take turns, so that a busy moment of the machine meets each of them. */
export async function* benchStart(_: BenchOptions): AsyncIterable<Measurement> {
  // Under `npm run` this is the Node 24 that starts HIMS too.
  const node = { program: process.execPath, args: ["-e", "0"], milliseconds: [] };
  const version = { program, args: ["--version"], milliseconds: [] };
  const help = { program, args: ["--help"], milliseconds: [] };
  // A checkout builds itself when its sources changed, and V8 fills its code cache: neither is a start.
  for (const start of [version, help]) time(start);
  for (const start of [version, help]) start.milliseconds.length = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const start of [node, version, help]) time(start);
  }
  const against = { name: "node -e 0", value: median(node.milliseconds) };
  const note = `median of ${rounds}, from a checkout`;
  yield {
    name: "start/version",
    value: median(version.milliseconds),
    unit: "ms",
    against,
    limit: "<= 2.5",
    note,
  };
  yield {
    name: "start/help",
    value: median(help.milliseconds),
    unit: "ms",
    against,
    limit: "<= 6",
    note,
  };
}

function time(start: Start): void {
  const started = performance.now();
  const { status } = spawnSync(start.program, start.args, { stdio: "ignore" });
  if (status !== 0) throw new Error(`${start.args.join(" ")} ended with ${status}`);
  start.milliseconds.push(performance.now() - started);
}
