/** Replays in made-up histories: a clerk who mends by a rule, and the same clerk where some of the records never waited. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exportQuarantine } from "../../src/pipelines/export-quarantine.ts";
import { rowIdOf } from "../../src/pipelines/quarantine-row-id.ts";
import { type ReplayReport, replayQuarantine } from "../../src/pipelines/replay-quarantine.ts";
import type { RunContext } from "../../src/pipelines/run-context.ts";
import type { RunId } from "../../src/platform/ids.ts";
import type { TestFeed } from "./ingest-run.ts";
import { type PipelineKey, pipelines } from "./undo-history.ts";

export interface ReplayStep {
  readonly kind: "replay";
  readonly pipeline: PipelineKey;
  /** What the clerk does; null: the archive's own text is read again. */
  readonly clerk: number | null;
}

/** What each record said that was replayed, by its raw hash: null for the archive's own text. */
export type Said = ReadonlyMap<string, string | null>;

export interface Replayed {
  readonly run: RunId | null;
  readonly said: Said;
}

type Feed = Pick<TestFeed, "folder" | "write"> & { readonly context: RunContext };

/** Replays what waits; `said` of an earlier life: only that, and as it was said then. */
export async function replayStep(feed: Feed, step: ReplayStep, said?: Said): Promise<Replayed> {
  const yaml = pipelines[step.pipeline];
  const name = /name: (\w+)/.exec(yaml)?.[1] ?? "";
  feed.write(`pipelines/${name}.yaml`, yaml);
  const waiting = await listOpen(feed.context, name);
  const open = waiting.filter(({ rawHash }) => said === undefined || said.has(rawHash));
  if (open.length === 0) return { run: null, said: new Map() };
  if (step.clerk !== null) {
    const clerk = { seed: step.clerk, said };
    return await byHand(feed, { name, open, clerk });
  }
  const all = { file: null, pipeline: name, id: null, dryRun: false };
  const ids = open.length === waiting.length ? [null] : open.map(({ id }) => id);
  let run: RunId | null = null;
  for (const id of ids) {
    const { report } = await replayQuarantine({ ...all, id }, feed.context);
    run = runOf(report) ?? run;
  }
  return { run, said: new Map(open.map(({ rawHash }) => [rawHash, null])) };
}

interface OpenItem {
  readonly id: string;
  readonly pipeline: string;
  readonly rawHash: string;
}

function listOpen({ database }: RunContext, name: string): Promise<OpenItem[]> {
  return database.writer.rows<OpenItem>(
    `select quarantine_id::text as id, pipeline, raw_hash as "rawHash" from quarantine
     where state = 'open' and pipeline = $1 order by file_name, line, quarantine_id`,
    [name],
  );
}

let files = 0;

async function byHand(
  feed: Feed,
  given: {
    name: string;
    open: readonly OpenItem[];
    clerk: { seed: number; said: Said | undefined };
  },
): Promise<Replayed> {
  const { name, open, clerk } = given;
  files += 1;
  const out = join(feed.folder, `given-${files}`);
  await exportQuarantine({ pipeline: name, run: null, out }, feed.context);
  // HL7 messages each begin with a batch header, rows are lines; the id of a record stands in its part.
  const text = readFileSync(out, name === "adt" ? "latin1" : "utf8");
  const [head, ...rest] = text.startsWith("BHS")
    ? ["", ...text.split(/(?=BHS)/)]
    : text.split(/(?<=\r\n)/);
  const said = new Map<string, string>();
  for (const item of open) {
    const part = rest.find((one) => one.includes(rowIdOf(item)));
    const then = clerk.said?.get(item.rawHash);
    const mended = then ?? (part === undefined ? null : mend(part, item.rawHash, clerk.seed));
    if (mended !== null) said.set(item.rawHash, mended.replace(/Q\d+-[0-9A-Z]{4}/, rowIdOf(item)));
  }
  feed.write(`mended-${files}`, [head, ...said.values()].join(""));
  const file = join(feed.folder, `mended-${files}`);
  const { report } = await replayQuarantine(
    { file, pipeline: name, id: null, dryRun: false },
    feed.context,
  );
  return { run: runOf(report), said };
}

/** One in five is left out, one in five stays wrong, and some get another number. */
function mend(part: string, rawHash: string, seed: number): string | null {
  const way = (Number.parseInt(rawHash.slice(0, 6), 16) + seed) % 5;
  if (way === 0) return null;
  if (way === 1) return part;
  const right = part
    .replace("'31/31/1985", "07/07/1987")
    .replace("'99/99/2026", "03/03/2026")
    .replace("PID|1||||", "PID|1||2^^^ddu^MR||");
  return way === 2 ? right.replace(/^\d,/, "2,") : right;
}

/** Null where it read nothing. */
function runOf({ runs }: ReplayReport): RunId | null {
  const [run] = runs.filter(({ read }) => read > 0);
  return run?.id == null ? null : (run.id as RunId);
}
