/** Ways in which a file breaks: each changes one stretch of its bytes and says which. Seeded: the same draws give the same mutant. */

/** What was done: bytes from `from` up to, not including, `to` of the file were replaced; the rest moved by `shift`. */
export interface Mutant {
  readonly bytes: Buffer;
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

/** Draws a whole number below `limit`. */
export type Draw = (limit: number) => number;

/** mulberry32: the same numbers in every run. */
export function drawing(seed: number): Draw {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  };
}

export interface MutationSite {
  readonly bytes: Buffer;
  /** Encoding of the file, by its WHATWG label: signs that are put in are written in it. */
  readonly encoding: string;
  readonly delimiter: string;
  /** The record to break: offset and length of its bytes with the line end. */
  readonly offset: number;
  readonly length: number;
  readonly draw: Draw;
}

/** The bytes from `from` up to, not including, `to` give way to others. */
export interface Change {
  readonly from: number;
  readonly to: number;
  readonly put: Buffer;
}

/** Null where it finds nothing to break. */
export type Operator = (site: MutationSite) => Change | null;

/** The file with one stretch broken; null when the operator finds nothing to break. */
export function mutate<Site extends MutationSite>(
  site: Site,
  operators: Readonly<Record<string, (site: Site) => Change | null>>,
  kind: string,
): Mutant | null {
  const change = operators[kind]?.(site) ?? null;
  if (change === null) return null;
  const { from, to, put } = change;
  const bytes = Buffer.concat([site.bytes.subarray(0, from), put, site.bytes.subarray(to)]);
  return { bytes, kind, from, to, shift: put.length - (to - from) };
}

/** A mutant broken once more: its stretch is the least that holds both. */
export function together(first: Mutant, second: Mutant): Mutant {
  const put = first.to - first.from + first.shift;
  const before = (at: number) =>
    at <= first.from ? at : at < first.from + put ? first.from : at - first.shift;
  const from = Math.min(first.from, before(second.from));
  const to = Math.max(first.to, before(second.to));
  const { bytes } = second;
  return {
    bytes,
    kind: `${first.kind}, ${second.kind}`,
    from,
    to,
    shift: first.shift + second.shift,
  };
}
