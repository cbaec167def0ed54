/** One mutant after the other, by its number: what it is made of, and every round it goes through. */
import type { Database } from "../../src/store/database.ts";
import {
  crashed,
  drawOf,
  type Finding,
  judge,
  type MadeMutant,
  mutantOf,
  watched,
} from "./fuzzing.ts";
import { packedFaults, wrappedFaults } from "./packed-round.ts";
import { type PackedMutant, type PackedSeed, packedMutantOf, packedSeeds } from "./packed-seeds.ts";
import { goldenSeeds, type Seed, sampleSeeds, syntheticSeeds } from "./seeds.ts";
import { storeFaults } from "./store-round.ts";

export interface AllSeeds {
  readonly seeds: readonly Seed[];
  readonly packed: readonly PackedSeed[];
}

/** How often the costly rounds are gone; 0 is never. */
export interface Pace {
  readonly storeEvery: number;
  readonly threadsEvery: number;
}

export interface Round {
  readonly number: number;
  readonly finding: Finding | null;
  /** What it went through; empty where there was nothing to break. */
  readonly went: readonly ("rows" | "messages" | "packed" | "wrapped" | "store" | "threads")[];
}

const packedOneIn = 8;
const wrappedOneIn = 16;
/** There are many samples, and they are alike: each golden case weighs as much as a dozen of them. */
const goldenWeight = 12;

/** @param data a folder of shared data, or null for none */
export async function everySeed(data: string | null): Promise<AllSeeds> {
  const own = [...(await goldenSeeds()), ...(await syntheticSeeds())];
  const samples = data === null ? [] : await sampleSeeds(data);
  const seeds = [...Array.from({ length: goldenWeight }, () => own).flat(), ...samples];
  return { seeds, packed: await packedSeeds(await syntheticSeeds()) };
}

/** Mutant `number` of a run: the same for the same seeds and seed, whatever came before. */
export async function roundOf(
  { seeds, packed }: AllSeeds,
  { seed, number }: { readonly seed: number; readonly number: number },
  { storeEvery, threadsEvery, database }: Pace & { readonly database: Database | null },
): Promise<Round> {
  const draw = drawOf(seed, number);
  const stored = storeEvery > 0 && number % storeEvery === 0 ? database : null;
  if (draw(packedOneIn) === 0) return packedRound(packedMutantOf(packed, draw), number, stored);
  const made = mutantOf(seeds, draw);
  if (made === null) return { number, finding: null, went: [] };
  const isCsv = "fields" in made.seed.pipeline;
  const inThreads = isCsv && threadsEvery > 0 && number % threadsEvery === 0;
  const isWrapped = draw(wrappedOneIn) === 0;
  const faults = [
    ...(await judge(made, draw, inThreads)),
    ...(isWrapped ? await crashed(() => wrappedFaults(made, draw)) : []),
    ...(stored === null ? [] : await crashed(() => storeFaults(stored, number, fileOf(made)))),
  ];
  return {
    number,
    finding: findingOf(number, made.seed.name, made.mutant.kind, faults),
    went: [
      isCsv ? "rows" : "messages",
      ...(isWrapped ? (["wrapped"] as const) : []),
      ...(inThreads ? (["threads"] as const) : []),
      ...(stored === null ? [] : (["store"] as const)),
    ],
  };
}

function fileOf({ seed: { pipeline }, mutant: { bytes } }: MadeMutant) {
  return { pipeline, bytes, isPacked: false };
}

async function packedRound(
  mutant: PackedMutant | null,
  number: number,
  stored: Database | null,
): Promise<Round> {
  if (mutant === null) return { number, finding: null, went: [] };
  const { pipeline, name } = mutant.seed;
  const file = { pipeline, bytes: mutant.bytes, isPacked: true };
  const faults = [
    ...(await watched(mutant.bytes, () => packedFaults(mutant))),
    ...(stored === null ? [] : await crashed(() => storeFaults(stored, number, file))),
  ];
  const went = stored === null ? (["packed"] as const) : (["packed", "store"] as const);
  return { number, finding: findingOf(number, name, mutant.kind, faults), went };
}

function findingOf(
  number: number,
  seed: string,
  kind: string,
  faults: readonly string[],
): Finding | null {
  return faults.length === 0 ? null : { number, seed, kind, faults };
}
