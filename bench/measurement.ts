/** What a bench says, and how it measures: best of a few, in one run with its floor, because the machine is never quiet. */

/** The number ours is compared with: another program, or the least any program could need. */
export interface Yardstick {
  readonly name: string;
  /** In the unit of the measurement. */
  readonly value: number;
}

export interface Measurement {
  /** `bench/what`, such as `ingest/first-load`. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Measured in the same run. Null: there is none, or `note` says which one is missing. */
  readonly against: Yardstick | null;
  /** What the ratio may not pass, where a limit is agreed. */
  readonly limit?: string;
  /** What a reader must know to understand the number. */
  readonly note?: string;
}

/** From the command line of `npm run bench`. */
export interface BenchOptions {
  /** Rows, people, faces or messages, by the bench; null: the bench's own size. */
  readonly size: number | null;
  /** How often what is noisy is measured; the best one counts. */
  readonly repeats: number;
  /** Where a bench that starts the product under a profiler leaves the profiles; null: it does not. */
  readonly profiles: string | null;
}

/** A bench gives its measurements as it gets them. */
export type Bench = (options: BenchOptions) => AsyncIterable<Measurement>;

/** Shortest of `repeats` runs in seconds, and what the last one answered. */
export async function bestSeconds<T>(
  repeats: number,
  work: () => T | Promise<T>,
): Promise<{ readonly seconds: number; readonly answer: T }> {
  const timed = async () => {
    const started = performance.now();
    const answer = await work();
    return { seconds: (performance.now() - started) / 1000, answer };
  };
  let best = await timed();
  for (let round = 1; round < repeats; round += 1) {
    const { seconds, answer } = await timed();
    best = { seconds: Math.min(seconds, best.seconds), answer };
  }
  return best;
}

/** The middle value; of an even number, the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
}

/** Three digits that count: more would claim a precision that a shared machine does not have. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** Ours by the yardstick's; null without one. */
export function ratioOf({ value, against }: Measurement): number | null {
  return against === null ? null : rounded(value / against.value);
}
