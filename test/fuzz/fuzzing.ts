/** Mutants of given files through connector and reading: what must hold of every file, however broken it is. */
import { isDeepStrictEqual } from "node:util";
import { type FileReading, faultsOf, readWhole } from "../support/file-reading.ts";
import { blockFaults } from "./block-round.ts";
import { byteOperators } from "./byte-operators.ts";
import { fileOperators } from "./file-operators.ts";
import { leakFaults } from "./leaks.ts";
import { type Draw, drawing, type Mutant, mutate, together } from "./mutation.ts";
import { neighborFaults } from "./neighbors.ts";
import { rowOperators } from "./row-operators.ts";
import type { Seed } from "./seeds.ts";

/** What went wrong with one mutant; it can be made again from its seed and number. */
export interface Finding {
  readonly number: number;
  readonly seed: string;
  readonly kind: string;
  readonly faults: readonly string[];
}

/** A mutant and the file it was made of. */
export interface MadeMutant {
  readonly seed: Seed;
  readonly mutant: Mutant;
}

/** More of a processor's time than this is a hang: a mutant of some kilobytes takes milliseconds. */
const patienceMs = 2_000;
const patienceMsPerByte = 0.01;
const drawsOfMutant = 20;

export function drawOf(seed: number, number: number): Draw {
  const draw = drawing(seed * 1_000_003 + number);
  draw(1);
  return draw;
}

/** A mutant of one of the seeds; null where nothing could be broken, over and over. */
export function mutantOf(seeds: readonly Seed[], draw: Draw): MadeMutant | null {
  const seed = seeds[draw(seeds.length)];
  const other = seeds[draw(seeds.length)]?.bytes;
  if (seed === undefined || other === undefined) return null;
  for (let times = 0; times < drawsOfMutant; times += 1) {
    const mutant = mutantFrom(seed, other, draw);
    if (mutant !== null && !mutant.bytes.equals(seed.bytes)) return { seed, mutant };
  }
  return null;
}

function mutantFrom(seed: Seed, other: Buffer, draw: Draw): Mutant | null {
  const first = brokenOnce(seed, other, draw);
  if (first === null || draw(5) !== 0) return first;
  const second = brokenOnce({ ...seed, bytes: first.bytes }, other, draw);
  return second === null ? first : together(first, second);
}

function brokenOnce(seed: Seed, other: Buffer, draw: Draw): Mutant | null {
  const which = draw(8);
  const operators = which < 4 ? rowOperators : which < 6 ? byteOperators : fileOperators;
  const kinds = Object.keys(operators);
  const { bytes, delimiter } = seed;
  const place = seed.whole.outcomes[draw(seed.whole.outcomes.length)]?.place;
  const { offset, length } = place ?? { offset: 0, length: bytes.length };
  const { encoding } = seed.whole;
  const site = { bytes, encoding, delimiter, draw, offset, length, other };
  return mutate(site, operators, kinds[draw(kinds.length)] ?? "");
}

/** Reads a mutant and says what does not hold; empty when all does. */
export async function judge(
  made: MadeMutant,
  draw: Draw,
  inThreads = false,
): Promise<readonly string[]> {
  return watched(made.mutant.bytes, () => readingFaults(made, draw, inThreads));
}

/** What a round finds, its crash, or that it took too long for so many bytes. */
export async function watched(
  bytes: Buffer,
  round: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const start = process.cpuUsage();
  const faults = await crashed(round);
  const { user, system } = process.cpuUsage(start);
  const tookMs = (user + system) / 1_000;
  const isSlow = tookMs > patienceMs + patienceMsPerByte * bytes.length;
  return isSlow ? [...faults, `it took ${Math.round(tookMs)} ms`] : faults;
}

/** What is found, or the crash. */
export async function crashed(round: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await round();
  } catch (error) {
    return [`it crashed: ${error instanceof Error ? (error.stack ?? error.message) : "?"}`];
  }
}

async function readingFaults(
  { seed, mutant }: MadeMutant,
  draw: Draw,
  inThreads: boolean,
): Promise<readonly string[]> {
  const { pipeline } = seed;
  const { bytes } = mutant;
  // Thousands of chunks, not hundreds of thousands: what waits for the end of its line is joined with each.
  const least = Math.ceil(bytes.length / 5_000);
  const chunkBytes = [least + draw(13), least + draw(4_097)];
  const reading = await readWhole(pipeline, bytes, { chunkBytes, batchSize: 1 + draw(4) });
  const again = draw(3) === 0 ? await readWhole(pipeline, bytes, { batchSize: 5_000 }) : reading;
  return [
    ...faultsOf(reading, bytes, "fields" in pipeline),
    ...(isDeepStrictEqual(reading, again) ? [] : [differs(reading, again)]),
    ...neighborFaults(seed, reading, mutant),
    ...leakFaults(reading.said, bytes, pipeline),
    ...("fields" in pipeline
      ? await blockFaults(reading, { pipeline, bytes, draw, inThreads })
      : []),
  ];
}

function differs(reading: FileReading, again: FileReading): string {
  const keys = Object.keys(reading).filter(
    (key) => !isDeepStrictEqual(Reflect.get(reading, key), Reflect.get(again, key)),
  );
  return `what is read depends on how the bytes come: ${keys.join(", ")}`;
}
