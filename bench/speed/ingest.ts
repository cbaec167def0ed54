/** A CSV file end to end through the real command line, into a new workspace, against COPY of the same file on the same server. */
import {
  chmodSync,
  createWriteStream,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { workspaceAt } from "../../src/platform/workspace.ts";
import { locateStore } from "../../src/store/database.ts";
import { stopEmbeddedPostgres } from "../../src/store/embedded-postgres.ts";
import { runHims } from "../hims-process.ts";
import type { BenchOptions, Measurement } from "../measurement.ts";
import { copySeconds, copySender } from "./copy-floor.ts";
import { exportPipeline, exportText } from "./patient-export.ts";

const defaultRows = 200_000;

/** What we read of `hims run --json`. */
interface RunData {
  readonly runs: readonly {
    readonly seconds: number;
    readonly stageSeconds: number;
    readonly read: number;
    readonly loaded: number;
    readonly unchanged: number;
  }[];
}

interface Load {
  readonly rows: number;
  /** Of the run itself: from the first byte of the file to its commit, without the start of Node and without linking. */
  readonly seconds: number;
  readonly stageSeconds: number;
  readonly peakBytes: number | null;
}

interface Round {
  /** COPY of the same file, without and with indexes. */
  readonly rawSeconds: number;
  readonly indexedSeconds: number;
  readonly first: Load;
  readonly again: Load;
  readonly changed: Load;
}

export async function* benchIngest(options: BenchOptions): AsyncIterable<Measurement> {
  const rows = options.size ?? defaultRows;
  const folder = mkdtempSync(join(tmpdir(), "hims-bench-"));
  // As root the server runs as another user, who must pass through.
  chmodSync(folder, 0o711);
  try {
    const path = join(folder, "patients.csv");
    const changedPath = join(folder, "patients-later.csv");
    await pipeline(Readable.from(exportText(rows)), createWriteStream(path));
    await pipeline(Readable.from(exportText(rows, 20)), createWriteStream(changedPath));
    const rounds: Round[] = [];
    for (let round = 0; round < options.repeats; round += 1)
      rounds.push(
        await oneRound(join(folder, `round-${round}`), { path, changedPath }, options.profiles),
      );
    yield* measurementsOf(rounds, statSync(path).size);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A new cluster each time: a table that was filled before is another table. */
async function oneRound(
  folder: string,
  { path, changedPath }: { readonly path: string; readonly changedPath: string },
  profiles: string | null,
): Promise<Round> {
  await runHims(["init", folder], { folder: tmpdir() });
  const { stateRoot } = workspaceAt(folder);
  writeFileSync(join(folder, "pipelines", "bench.yaml"), exportPipeline(path));
  try {
    await runHims(["db", "start"], { folder });
    const address = await locateStore({ stateRoot, databaseUrl: null });
    // Before and after, because the machine may be busier at one time than at the other.
    const floors = async () => ({
      raw: await copySeconds(address, path, "raw"),
      indexed: await copySeconds(address, path, "indexed"),
    });
    const before = await floors();
    const first = await load(["run", "bench", "--no-link"], folder, profiles);
    const again = await load(["run", "bench", "--no-link", "--full"], folder, null);
    const later = ["run", "bench", "--no-link", "--file", changedPath];
    const changed = await load(later, folder, null);
    const after = await floors();
    if (first.rows === 0 || again.rows !== first.rows || changed.rows !== first.rows)
      throw new Error("the runs are not comparable");
    return {
      rawSeconds: Math.min(before.raw, after.raw),
      indexedSeconds: Math.min(before.indexed, after.indexed),
      first,
      again,
      changed,
    };
  } finally {
    await stopEmbeddedPostgres({ stateRoot });
    rmSync(folder, { recursive: true, force: true });
  }
}

async function load(
  args: readonly string[],
  folder: string,
  profiles: string | null,
): Promise<Load> {
  const { data, peakBytes } = await runHims<RunData>(args, { folder, profiles });
  const [run] = data.runs;
  if (run === undefined || run.loaded + run.unchanged !== run.read)
    throw new Error("the export is meant to load whole");
  return { rows: run.read, seconds: run.seconds, stageSeconds: run.stageSeconds, peakBytes };
}

function* measurementsOf(rounds: readonly Round[], bytes: number): Generator<Measurement> {
  const rows = rounds[0]?.first.rows ?? 0;
  const best = (pick: (round: Round) => number) => Math.min(...rounds.map(pick));
  const note = `${rows} rows, ${(bytes / 1e6).toFixed(1)} MB, best of ${rounds.length}, floors by ${copySender}`;
  const raw = {
    name: "R0: COPY, unlogged, no index",
    value: rows / best((round) => round.rawSeconds),
  };
  const indexed = {
    name: "R1: COPY, logged, key and two indexes",
    value: rows / best((round) => round.indexedSeconds),
  };
  const line = (
    name: string,
    seconds: (round: Round) => number,
    against: typeof raw,
    limit: string,
  ) => ({
    name,
    value: rows / best(seconds),
    unit: "rows/s",
    against,
    limit,
    note,
  });
  yield line("ingest/stage", (round) => round.first.stageSeconds, raw, ">= 0.25");
  yield line("ingest/first-load", (round) => round.first.seconds, indexed, ">= 0.35");
  yield line("ingest/unchanged", (round) => round.again.seconds, indexed, ">= 1.5");
  yield line("ingest/changed-5-percent", (round) => round.changed.seconds, indexed, ">= 0.8");
  yield* peakOf(
    "ingest/peak-memory",
    rounds.flatMap(({ first, again, changed }) => [first, again, changed]),
  );
}

function* peakOf(name: string, loads: readonly Load[]): Generator<Measurement> {
  const peaks = loads.flatMap(({ peakBytes }) => (peakBytes === null ? [] : [peakBytes]));
  if (peaks.length === 0) return;
  yield { name, value: Math.max(...peaks) / 1e6, unit: "MB", against: null, limit: "<= 400" };
}
