// `node test/fuzz/run.ts [--mutants N] [--seed S] [--data FOLDER] [--store-every K] [--only NUMBER]`: mutants of all golden cases and of
// the HL7 files in FOLDER, read without a database, every K-th through a real one. Ends with 1 when something does not hold.
// A mutant that is not read in 20 seconds ends the run, with its number.
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Database, migrateStore } from "../../src/store/database.ts";
import { ensureEmbeddedPostgres, stopEmbeddedPostgres } from "../../src/store/embedded-postgres.ts";
import { type Finding, goldenSeeds, hl7Seeds, judge, mutantOf, type Seed } from "./fuzzing.ts";
import { storeFaults } from "./store-round.ts";

interface Task {
  readonly seed: number;
  readonly first: number;
  readonly mutants: number;
  readonly data: string;
  readonly storeEvery: number;
  readonly socketDirectory: string | null;
}

interface Report {
  readonly number: number;
  readonly finding: Finding | null;
  readonly isMade: boolean;
  readonly isStored: boolean;
}

const patienceMs = 20_000;
const print = (text: string) => process.stdout.write(`${text}\n`);

if (isMainThread) process.exitCode = await main();
else await work(workerData as Task);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      mutants: { type: "string", default: "2000" },
      seed: { type: "string", default: "1" },
      data: { type: "string", default: join(import.meta.dirname, "../../../shared/data/hl7") },
      "store-every": { type: "string", default: "100" },
      only: { type: "string" },
    },
  });
  const task = {
    seed: Number(values.seed),
    first: Number(values.only ?? 0),
    mutants: values.only === undefined ? Number(values.mutants) : 1,
    data: values.data,
    storeEvery: Number(values["store-every"]),
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
  const tally = { made: 0, stored: 0, findings: 0, last: task.first };
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  let timer = setTimeout(() => undefined, 0);
  const ended = await new Promise<string>((resolve, reject) => {
    const expectMore = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => resolve(`mutant ${tally.last + 1} hangs`), ms);
    };
    expectMore(patienceMs * 6); // the whole files are read first
    worker.on("message", ({ number, finding, isMade, isStored }: Report) => {
      expectMore(patienceMs);
      tally.last = number;
      tally.made += Number(isMade);
      tally.stored += Number(isStored);
      if (finding === null) return;
      tally.findings += 1;
      print(JSON.stringify(finding));
    });
    worker.on("error", reject);
    worker.on("exit", () => resolve("all read"));
  });
  clearTimeout(timer);
  await worker.terminate();
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  print(
    `${ended}: ${tally.made} mutants (seed ${task.seed}), ${tally.stored} of them through the store, ${tally.findings} findings, ${seconds} s`,
  );
  return ended === "all read" && tally.findings === 0 ? 0 : 1;
}

async function work(task: Task): Promise<void> {
  const samples = existsSync(task.data) ? await hl7Seeds(task.data) : [];
  const golden = await goldenSeeds();
  // Each golden case weighs as much as a dozen samples: there are many of those, and they are alike.
  const seeds = [...Array.from({ length: 12 }, () => golden).flat(), ...samples];
  const database =
    task.socketDirectory === null
      ? null
      : await Database.connect({
          kind: "embedded",
          socketDirectory: task.socketDirectory,
          port: 5432,
          database: "hims",
        });
  for (let number = task.first; number < task.first + task.mutants; number += 1)
    parentPort?.postMessage(await round(seeds, { ...task, number }, database));
  await database?.[Symbol.asyncDispose]();
}

async function round(
  seeds: readonly Seed[],
  { seed, number, storeEvery }: Task & { readonly number: number },
  database: Database | null,
): Promise<Report> {
  const made = mutantOf(seeds, seed, number);
  if (made === null) return { number, finding: null, isMade: false, isStored: false };
  const [from, mutant] = made;
  const faults = [...(await judge(from, mutant))];
  const isStored = database !== null && number % storeEvery === 0;
  if (isStored) faults.push(...(await storeFaults(database, number, made)));
  const finding =
    faults.length === 0 ? null : { number, seed: from.name, kind: mutant.kind, faults };
  return { number, finding, isMade: true, isStored };
}
