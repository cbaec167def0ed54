/** `link(features, model) -> edges`: which pairs the model holds to be one person, in one order whatever the input's. */
import { isFillerPhone } from "../records/normalize-phone.ts";
import {
  compareBirthDates,
  compareNames,
  compareSexes,
  hasTrueBirthday,
  hasValidAbha,
} from "./comparison.ts";
import type { FeatureColumns } from "./feature-columns.ts";
import type { MatchModel } from "./match-model.ts";

/** One found pair, as positions in the columns (lo < hi, so lo has the smaller record id). */
export interface Edge {
  readonly lo: number;
  readonly hi: number;
  /** log2 odds. */
  readonly weight: number;
  /** The rules that found it, joined by `+`. */
  readonly pattern: string;
}

/**
 * Blocks hold at most a few records, so each is linked to its first: a chain would say the same,
 * but the first has the smallest record id and so does not depend on anything else in the block.
 */
export function link(columns: FeatureColumns, model: MatchModel): readonly Edge[] {
  const found = new Map<string, Edge>();
  const add = (edge: Edge): void => {
    const key = `${edge.lo} ${edge.hi}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, edge);
    else
      found.set(key, {
        ...known,
        weight: known.weight + edge.weight,
        pattern: `${known.pattern}+${edge.pattern}`,
      });
  };
  for (const [lo, hi] of sameAbhaPairs(columns, model.rules.same_abha.max_records_per_number))
    add({ lo, hi, weight: model.rules.same_abha.weight, pattern: "same_abha" });
  const { weight, max_given_names_per_phone: limit } = model.rules.same_demographics;
  for (const [lo, hi] of sameDemographicsPairs(columns, limit))
    add({ lo, hi, weight, pattern: "same_demographics" });
  return [...found.values()].sort((a, b) => a.lo - b.lo || a.hi - b.hi);
}

type Pair = readonly [number, number];

/** Every compatible pair of a block: one record with a typo must not keep two good ones apart. */
function sameAbhaPairs(columns: FeatureColumns, maxRecords: number): readonly Pair[] {
  const blocks = blocksOf(columns.size, (index) =>
    hasValidAbha(columns, index) ? (columns.abha[index] ?? null) : null,
  );
  const possible = blocks.filter((block) => block.length <= maxRecords);
  return possible.flatMap((block) =>
    pairsOf(block).filter(([left, right]) => canBeOnePerson(columns, left, right)),
  );
}

export function canBeOnePerson(columns: FeatureColumns, left: number, right: number): boolean {
  return (
    compareNames(columns, left, right) !== "different" &&
    compareSexes(columns, left, right) !== "different" &&
    compareBirthDates(columns, left, right) !== "different"
  );
}

function sameDemographicsPairs(columns: FeatureColumns, maxGivenNames: number): readonly Pair[] {
  return demographicBlocks(columns, maxGivenNames).flatMap((block) =>
    sharesOf(columns, block).flatMap(([first = 0, ...rest]) =>
      rest.map((index): Pair => [first, index]),
    ),
  );
}

/**
 * Records that agree exactly with several people whose ABHA numbers differ: nobody can tell whose they are, so they join
 * none of them. Each is paired with the first record of each number, for a person to look at.
 */
export function ambiguousPairs(columns: FeatureColumns, model: MatchModel): readonly Pair[] {
  const { max_given_names_per_phone: limit } = model.rules.same_demographics;
  return demographicBlocks(columns, limit).flatMap((block) => {
    const shares = sharesOf(columns, block);
    const numbered = shares.filter(([first = 0]) => columns.abha[first] !== 0);
    const bare = shares.find(([first = 0]) => columns.abha[first] === 0);
    if (bare === undefined || numbered.length < 2) return [];
    return numbered.map(([first = 0]): Pair => {
      const [own = 0] = bare;
      return own < first ? [own, first] : [first, own];
    });
  });
}

/** All of a block agree exactly with each other, so a share of it is tied to its first: the whole block, or one share a number. */
function sharesOf(
  columns: FeatureColumns,
  block: readonly number[],
): readonly (readonly number[])[] {
  const numbers = new Set(block.map((index) => columns.abha[index] ?? 0));
  numbers.delete(0);
  if (numbers.size < 2) return [block];
  return [0, ...numbers]
    .map((number) => block.filter((index) => columns.abha[index] === number))
    .filter((share) => share.length > 0);
}

function demographicBlocks(
  columns: FeatureColumns,
  maxGivenNames: number,
): readonly (readonly number[])[] {
  const usable = usablePhones(columns, maxGivenNames);
  return blocksOf(columns.size, (index) => {
    const phone = columns.phone[index] ?? -1;
    const name = columns.name[index] ?? -1;
    const sex = columns.sex[index] ?? 0;
    if (phone === -1 || !usable[phone] || name === -1 || sex === 0) return null;
    if (!hasTrueBirthday(columns, index)) return null;
    return `${name} ${columns.birthDate[index]} ${sex} ${phone}`;
  });
}

/** Phones that are no filler and that not too many given names share. */
function usablePhones(columns: FeatureColumns, maxGivenNames: number): readonly boolean[] {
  const givenNames = columns.phones.map(() => new Set<number>());
  for (let index = 0; index < columns.size; index += 1) {
    const given = columns.givenName[index] ?? -1;
    if (given !== -1) givenNames[columns.phone[index] ?? -1]?.add(given);
  }
  return columns.phones.map(
    (phone, code) => !isFillerPhone(phone) && (givenNames[code]?.size ?? 0) <= maxGivenNames,
  );
}

function blocksOf(
  size: number,
  keyOf: (index: number) => string | number | null,
): readonly (readonly number[])[] {
  const blocks = new Map<string | number, number[]>();
  for (let index = 0; index < size; index += 1) {
    const key = keyOf(index);
    if (key === null) continue;
    const block = blocks.get(key);
    if (block === undefined) blocks.set(key, [index]);
    else block.push(index);
  }
  return [...blocks.values()].filter((block) => block.length > 1);
}

function pairsOf(block: readonly number[]): readonly Pair[] {
  return block.flatMap((left, position) =>
    block.slice(position + 1).map((right): Pair => [left, right]),
  );
}
