// `node test/fuzz/run.ts [--mutants N] [--seed S] [--data FOLDER] [--store-every K] [--threads-every K] [--only NUMBER]`: mutants of all
// golden cases, of synthetic hospitals and of the samples in FOLDER, read without a database, every K-th through a real one.
// Ends with 1 when something does not hold. A mutant that takes 30 seconds of a processor ends the run, with its number.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Database, migrateStore } from "../../src/store/database.ts";
import { ensureEmbeddedPostgres, stopEmbeddedPostgres } from "../../src/store/embedded-postgres.ts";
import { everySeed, type Pace, type Round, roundOf } from "./rounds.ts";
import { Tally } from "./tally.ts";
import { Watchdog } from "./watchdog.ts";

interface Task extends Pace {
  readonly seed: number;
  readonly first: number;
  readonly mutants: number;
  readonly data: string;
  readonly socketDirectory: string | null;
}

const print = (text: string) => process.stdout.write(`${text}\n`);

if (isMainThread) process.exitCode = await main();
else await work(workerData as Task);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      mutants: { type: "string", default: "2000" },
      seed: { type: "string", default: "1" },
      data: { type: "string", default: join(import.meta.dirname, "../../../shared/data") },
      "store-every": { type: "string", default: "100" },
      "threads-every": { type: "string", default: "500" },
      only: { type: "string" },
    },
  });
  const task = {
    seed: Number(values.seed),
    first: Number(values.only ?? 0),
    mutants: values.only === undefined ? Number(values.mutants) : 1,
    data: values.data,
    storeEvery: Number(values["store-every"]),
    threadsEvery: Number(values["threads-every"]),
  };
  if (task.storeEvery === 0) return watch({ ...task, socketDirectory: null });
  const root = mkdtempSync(join(tmpdir(), "hims-fuzz-store-"));
  // As root the server runs as another user, who must be able to pass through.
  chmodSync(root, 0o711);
  const stateRoot = join(root, ".hims");
  const { socketDirectory } = await ensureEmbeddedPostgres({ stateRoot, ballastBytes: 1 << 20 });
  try {
    await migrateStore({ stateRoot, databaseUrl: null });
    return await watch({ ...task, socketDirectory });
  } finally {
    await stopEmbeddedPostgres({ stateRoot });
    rmSync(root, { recursive: true, force: true });
  }
}

/** Runs the task in a thread, which can be ended when it hangs. */
async function watch(task: Task): Promise<number> {
  const startedMs = Date.now();
  const tally = new Tally(task);
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  const ended = await new Promise<string>((resolve, reject) => {
    const watchdog = new Watchdog((why) => resolve(`mutant ${tally.next} hangs (${why})`));
    worker.on("message", (round: Round) => {
      watchdog.heard();
      for (const line of tally.add(round)) print(line);
    });
    // A run that is stopped stops its PostgreSQL as well.
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => resolve(`stopped by ${signal}`));
    worker.on("error", reject);
    worker.on("exit", () => {
      watchdog.end();
      resolve(tally.isWhole ? "all read" : `mutant ${tally.next} never ends`);
    });
  });
  await worker.terminate();
  const seconds = Math.round((Date.now() - startedMs) / 1_000);
  const cpuSeconds = Math.round(process.cpuUsage().user / 1e6);
  print(`${ended}: ${tally.text()}, ${seconds} s (${cpuSeconds} s of processor time)`);
  return ended === "all read" && tally.findings === 0 ? 0 : 1;
}

async function work(task: Task): Promise<void> {
  const { seed, first, mutants, socketDirectory } = task;
  const seeds = await everySeed(task.data);
  const place = { port: 5432, database: "hims" };
  const database =
    socketDirectory === null
      ? null
      : await Database.connect({ kind: "embedded", socketDirectory, ...place });
  for (let number = first; number < first + mutants; number += 1)
    parentPort?.postMessage(await roundOf(seeds, { seed, number }, { ...task, database }));
  await database?.[Symbol.asyncDispose]();
}
