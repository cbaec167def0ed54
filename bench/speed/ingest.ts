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
import { copySeconds } from "./copy-floor.ts";
import { exportPipeline, exportText } from "./patient-export.ts";

const defaultRows = 200_000;

/** What we read of `hims run --json`. */
interface RunData {
  readonly runs: readonly {
    readonly seconds: number;
    readonly read: number;
    readonly loaded: number;
    readonly unchanged: number;
  }[];
  readonly link: { readonly seconds: number } | null;
}

interface Load {
  readonly rows: number;
  /** Of the run itself: from the first byte of the file to its commit, without the start of Node and without linking. */
  readonly seconds: number;
  readonly linkSeconds: number;
  readonly peakBytes: number | null;
}

interface Round {
  readonly floorSeconds: number;
  readonly first: Load;
  readonly again: Load;
}

export async function* benchIngest(options: BenchOptions): AsyncIterable<Measurement> {
  const rows = options.size ?? defaultRows;
  const folder = mkdtempSync(join(tmpdir(), "hims-bench-"));
  // As root the server runs as another user, who must pass through.
  chmodSync(folder, 0o711);
  try {
    const path = join(folder, "patients.csv");
    await pipeline(Readable.from(exportText(rows)), createWriteStream(path));
    const rounds: Round[] = [];
    for (let round = 0; round < options.repeats; round += 1)
      rounds.push(await oneRound(join(folder, `round-${round}`), path, options.profiles));
    yield* measurementsOf(rounds, statSync(path).size);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A new cluster each time: a table that was filled before is another table. */
async function oneRound(folder: string, path: string, profiles: string | null): Promise<Round> {
  await runHims(["init", folder], { folder: tmpdir() });
  const { stateRoot } = workspaceAt(folder);
  writeFileSync(join(folder, "pipelines", "bench.yaml"), exportPipeline(path));
  try {
    await runHims(["db", "start"], { folder });
    const address = await locateStore({ stateRoot, databaseUrl: null });
    // Before and after, because the machine may be busier at one time than at the other.
    const before = await copySeconds(address, path);
    const first = await load(["run", "bench"], folder, profiles);
    const again = await load(["run", "bench", "--full"], folder, null);
    const after = await copySeconds(address, path);
    if (first.rows === 0 || again.rows !== first.rows)
      throw new Error("the runs are not comparable");
    return { floorSeconds: Math.min(before, after), first, again };
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
  const linkSeconds = data.link?.seconds ?? 0;
  return { rows: run.read, seconds: run.seconds, linkSeconds, peakBytes };
}

function* measurementsOf(rounds: readonly Round[], bytes: number): Generator<Measurement> {
  const rows = rounds[0]?.first.rows ?? 0;
  const best = (pick: (round: Round) => number) => Math.min(...rounds.map(pick));
  const against = {
    name: "COPY into a logged table, key and two indexes",
    value: rows / best((round) => round.floorSeconds),
  };
  const note = `${rows} rows, ${(bytes / 1e6).toFixed(1)} MB, best of ${rounds.length}`;
  yield {
    name: "ingest/first-load",
    value: rows / best((round) => round.first.seconds),
    unit: "rows/s",
    against,
    note,
  };
  yield {
    name: "ingest/unchanged",
    value: rows / best((round) => round.again.seconds),
    unit: "rows/s",
    against,
    note,
  };
  yield {
    name: "ingest/link-after",
    value: rows / best((round) => round.first.linkSeconds),
    unit: "records/s",
    against: null,
    note: `${note}; linking in the store, which \`hims run\` does after loading`,
  };
  yield* peakOf(
    "ingest/peak-memory",
    rounds.map((round) => round.first),
    "with linking",
  );
  yield* peakOf(
    "ingest/peak-memory-unchanged",
    rounds.map((round) => round.again),
    "with linking",
  );
}

function* peakOf(name: string, loads: readonly Load[], note: string): Generator<Measurement> {
  const peaks = loads.flatMap(({ peakBytes }) => (peakBytes === null ? [] : [peakBytes]));
  if (peaks.length === 0) return;
  yield { name, value: Math.max(...peaks) / 1e6, unit: "MB", against: null, note };
}
