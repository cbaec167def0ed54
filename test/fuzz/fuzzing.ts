/** Mutants of given files through connector and reading: what must hold of every file, however broken it is. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type PipelineFile, pipelineSchema } from "../../src/pipelines/pipeline-file.ts";
import {
  type FileReading,
  faultsOf,
  type ReadOutcome,
  readWhole,
} from "../support/file-reading.ts";
import {
  byteOperators,
  type Draw,
  drawing,
  type Mutant,
  mutate,
  rowOperators,
} from "./mutation.ts";

/** A file to break, and the pipeline that reads it. */
export interface Seed {
  readonly name: string;
  readonly pipeline: PipelineFile;
  readonly bytes: Buffer;
  readonly whole: FileReading;
  readonly delimiter: string;
}

/** What went wrong with one mutant; it can be made again from its seed and number. */
export interface Finding {
  readonly number: number;
  readonly seed: string;
  readonly kind: string;
  readonly faults: readonly string[];
}

/** Longer than this for a mutant of some kilobytes is a hang. */
const patienceMs = 2_000;
const largestSeedBytes = 200_000;

const root = join(import.meta.dirname, "..");

/** Every file of the golden cases. */
export async function goldenSeeds(): Promise<readonly Seed[]> {
  const folder = join(root, "golden");
  const seeds: Seed[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const home = join(folder, entry.name);
    const pipeline = pipelineOf(readFileSync(join(home, "pipeline.yaml"), "utf8"), home);
    const given = readdirSync(home).filter((name) => /^given.*\.(?:csv|hl7)$/.test(name));
    for (const name of given)
      seeds.push(await seedOf(`${entry.name}/${name}`, pipeline, readFileSync(join(home, name))));
  }
  return seeds;
}

/** HL7 files of a folder of samples, where it is there. */
export async function hl7Seeds(folder: string): Promise<readonly Seed[]> {
  const pipeline = pipelineOf(
    "version: 1\nname: fuzz\nfacility: { id: ddu, name: Test Hospital }\nsource: { type: hl7, at: . }\n",
    root,
  );
  const seeds: Seed[] = [];
  for (const path of filesUnder(folder)) {
    if (!/\.(?:hl7|txt|msg|dat)$/i.test(path)) continue;
    const bytes = readFileSync(path);
    if (bytes.includes("MSH|")) seeds.push(await seedOf(path, pipeline, bytes));
  }
  return seeds;
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => {
      const stats = statSync(path);
      return stats.isFile() && stats.size > 0 && stats.size < largestSeedBytes;
    })
    .sort();
}

export function pipelineOf(yaml: string, folder: string): PipelineFile {
  return { ...pipelineSchema.parse(parse(yaml)), path: join(folder, "pipeline.yaml"), folder };
}

export async function seedOf(name: string, pipeline: PipelineFile, bytes: Buffer): Promise<Seed> {
  const whole = await readWhole(pipeline, bytes);
  const head = bytes.toString("latin1").replaceAll("\u0000", "").slice(0, 2_000);
  const signs = [",", ";", "\t", "|"].map((sign) => ({ sign, times: head.split(sign).length }));
  const delimiter = signs.sort((a, b) => b.times - a.times)[0]?.sign ?? ",";
  return { name, pipeline, bytes, whole, delimiter };
}

/** Mutant `number` of a run: the same for the same seeds and seed, whatever came before. */
export function mutantOf(
  seeds: readonly Seed[],
  seed: number,
  number: number,
): [Seed, Mutant] | null {
  const draw = drawing(seed * 1_000_003 + number);
  draw(1);
  const from = seeds[draw(seeds.length)];
  if (from === undefined) return null;
  const mutant = mutantFrom(from, draw);
  return mutant === null ? null : [from, mutant];
}

function mutantFrom(seed: Seed, draw: Draw): Mutant | null {
  const operators = draw(3) === 0 ? byteOperators : rowOperators;
  const kinds = Object.keys(operators);
  const place = seed.whole.outcomes[draw(seed.whole.outcomes.length)]?.place;
  const { encoding } = seed.whole;
  const site = { bytes: seed.bytes, encoding, delimiter: seed.delimiter, draw };
  const { offset, length } = place ?? { offset: 0, length: seed.bytes.length };
  return mutate({ ...site, offset, length }, operators, kinds[draw(kinds.length)] ?? "");
}

/** Reads a mutant and says what does not hold; empty when all does. */
export async function judge(seed: Seed, mutant: Mutant): Promise<readonly string[]> {
  const start = performance.now();
  const sizes = [1 + (mutant.from % 13), 1 + (mutant.bytes.length % 4_097)];
  let reading: FileReading;
  try {
    reading = await readWhole(seed.pipeline, mutant.bytes, { chunkBytes: sizes, batchSize: 3 });
  } catch (error) {
    return [`it crashed: ${error instanceof Error ? (error.stack ?? error.message) : "?"}`];
  }
  const tookMs = performance.now() - start;
  const isCsv = "fields" in seed.pipeline;
  return [
    ...(tookMs > patienceMs ? [`it took ${Math.round(tookMs)} ms`] : []),
    ...faultsOf(reading, mutant.bytes, isCsv),
    ...neighborFaults(seed, reading, mutant),
  ];
}

/** Records that the change did not touch must be loaded as before, where they can be told from the broken one. */
export function neighborFaults(seed: Seed, after: FileReading, mutant: Mutant): readonly string[] {
  const before = seed.whole;
  const isWide = before.encoding.startsWith("utf-16");
  const first = before.outcomes[0]?.place.offset ?? 0;
  // A change above the first record may change what the columns are; half a unit shifts all that follows.
  if (mutant.from <= first || after.refusedBy !== null || before.refusedBy !== null) return [];
  // Rows alone say how many columns a file without header has.
  if ("fields" in seed.pipeline && seed.pipeline.source.header === "none") return [];
  if (isWide && (mutant.shift % 2 !== 0 || mutant.from % 2 !== 0)) return [];
  if (before.encoding !== after.encoding) return ["the whole file is read in another encoding"];
  const found = new Map(after.outcomes.map((outcome) => [outcome.place.offset, outcome]));
  const touched = touchedLines(seed, mutant);
  return before.outcomes.flatMap((outcome) => {
    const { offset, line } = outcome.place;
    if (outcome.staged === null || touched.has(line)) return [];
    const moved = offset >= mutant.to ? offset + mutant.shift : offset;
    return isSame(outcome, found.get(moved)) ? [] : [`the neighbor at byte ${offset} changed`];
  });
}

/** First lines of the records that the change touched; rows of one physical line share its fate. */
function touchedLines({ whole, bytes, pipeline }: Seed, mutant: Mutant): ReadonlySet<number> {
  const touched = new Set<number>();
  for (const [index, { place }] of whole.outcomes.entries()) {
    if (place.offset > mutant.to || place.offset + place.length < mutant.from) continue;
    touched.add(place.line);
    const begin = bytes.subarray(place.offset, place.offset + 8);
    const isBegun = mutant.bytes.indexOf(begin, Math.max(0, place.offset - 8)) === place.offset;
    const previous = whole.outcomes[index - 1]?.place.line;
    // Without its MSH a message's segments belong to the message before.
    if (!("fields" in pipeline) && !isBegun && previous !== undefined) touched.add(previous);
  }
  return touched;
}

function isSame(before: ReadOutcome, after: ReadOutcome | undefined): boolean {
  if (after === undefined || before.staged !== after.staged) return false;
  return before.rules.join() === after.rules.join();
}
