/** Repeatable randomness: the same seed and keys give the same numbers on every machine. Not for secrets. */

/** Mixes 32-bit integers into one (the finalizer of MurmurHash3), so that near-by keys give unlike streams. */
function mix(seed: number, key: number): number {
  let h = (seed ^ Math.imul(key | 0, 0xcc9e2d51)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) + Math.imul(seed, 5);
}

/** A stream of pseudo-random numbers (sfc32), one per thing that is made. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, key: number) {
    this.a = mix(seed, key);
    this.b = mix(this.a, 0x9e3779b9);
    this.c = mix(this.b, key ^ 0x243f6a88);
    for (let round = 0; round < 8; round++) this.uint32();
  }

  /** 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor((this.uint32() / 0x100000000) * (high - low + 1));
  }

  /** True in `share` of the cases (0 to 1). */
  chance(share: number): boolean {
    return this.uint32() < share * 0x100000000;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.between(0, list.length - 1)] ?? list[0];
  }

  /** Popular entries stand first: about half of all picks fall into the first quarter of the list. */
  pickPopular<T>(list: readonly [T, ...T[]]): T {
    const unit = this.uint32() / 0x100000000;
    return list[Math.floor(unit * unit * list.length)] ?? list[0];
  }

  /** `count` decimal digits; zeros may lead. */
  digits(count: number): string {
    let text = "";
    while (text.length < count) text += this.between(0, 9);
    return text;
  }
}

/** One number out of several, to key a stream by (person, record, purpose). */
export function keyOf(...parts: readonly number[]): number {
  return parts.reduce((key, part) => mix(key, part) | 0, 0x2545f491);
}

/** How many rare things happen when `mean` are expected: Poisson's distribution, capped at 8. */
export function rareCount(random: Random, mean: number): number {
  const end = Math.exp(-mean);
  let count = 0;
  let product = random.uint32() / 0x100000000;
  while (product > end && count < 8) {
    count++;
    product *= random.uint32() / 0x100000000;
  }
  return count;
}
