import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { IsoDate, RecordId } from "../platform/ids.ts";
import { cluster, type PairDecision } from "./cluster.ts";
import { buildFeatureColumns, type FeatureColumns } from "./feature-columns.ts";
import type { Edge } from "./link.ts";

function columnsOf(abhaNumbers: readonly (string | null)[]): FeatureColumns {
  return buildFeatureColumns(
    abhaNumbers.map((abha, index) => ({
      recordId: BigInt(index) as RecordId,
      name: "Kiran Rao",
      nameLocal: null,
      givenName: null,
      middleName: null,
      familyName: null,
      sex: null,
      birthDate: null,
      phones: [],
      abhaNumbers: abha === null ? [] : [abha],
    })),
  );
}
const edge = (lo: number, hi: number, weight = 10): Edge => ({ lo, hi, weight, pattern: "test" });
const decision = (
  kind: PairDecision["kind"],
  source: PairDecision["source"],
  lo: number,
  hi: number,
) => ({ kind, source, lo, hi });
const clustersOf = (
  columns: FeatureColumns,
  edges: readonly Edge[],
  decisions: readonly PairDecision[] = [],
) => [...cluster(columns, edges, decisions).cluster];

const one = "91111111111111";
const other = "92222222222222";

describe("precedence", () => {
  test("edges join, through others as well", () => {
    expect(clustersOf(columnsOf([null, null, null, null]), [edge(0, 1), edge(1, 2)])).toEqual([
      0, 0, 0, 3,
    ]);
  });

  test("conflicting ABHA numbers never meet, not even through a third record", () => {
    expect(clustersOf(columnsOf([one, null, other]), [edge(0, 1, 9), edge(1, 2, 12)])).toEqual([
      0, 1, 1,
    ]);
  });

  test("a record without sex or birth date does not bridge people that cannot be one", () => {
    const facts = (sex: "male" | "female" | null, date: string | null) => ({
      nameLocal: null,
      givenName: null,
      middleName: null,
      familyName: null,
      phones: [],
      abhaNumbers: [],
      name: "Kiran Rao",
      sex,
      birthDate: date === null ? null : { date: date as IsoDate, precision: "day" as const },
    });
    const bridged = (...people: ReturnType<typeof facts>[]) =>
      clustersOf(
        buildFeatureColumns(
          people.map((person, index) => ({ ...person, recordId: BigInt(index) as RecordId })),
        ),
        [edge(0, 1), edge(1, 2)],
      );
    expect(bridged(facts("male", null), facts(null, null), facts("female", null))).toEqual([
      0, 0, 2,
    ]);
    expect(
      bridged(facts(null, "1955-05-05"), facts(null, null), facts(null, "1955-09-06")),
    ).toEqual([0, 0, 2]);
    expect(bridged(facts("male", null), facts(null, null), facts("male", null))).toEqual([0, 0, 0]);
  });

  test("what a person holds to be distinct stays apart, even through a third record", () => {
    const apart = decision("distinct", "human", 0, 2);
    expect(
      clustersOf(columnsOf([null, null, null]), [edge(0, 1), edge(1, 2), edge(0, 2)], [apart]),
    ).toEqual([0, 0, 2]);
  });

  test("a person's link outranks a conflict of ABHA numbers; a sender's merge does not, and is told", () => {
    const columns = columnsOf([one, other]);
    expect(clustersOf(columns, [], [decision("link", "human", 0, 1)])).toEqual([0, 0]);
    const merge = decision("link", "hl7", 0, 1);
    const { cluster: labels, vetoed } = cluster(columns, [], [merge]);
    expect([[...labels], vetoed]).toEqual([[0, 1], [merge]]);
  });

  test("a sender's merge goes before the model's links", () => {
    const merge = decision("link", "hl7", 0, 1);
    expect(clustersOf(columnsOf([one, null, other]), [edge(1, 2, 99)], [merge])).toEqual([0, 0, 2]);
  });
});

test("the partition does not depend on the order of edges and decisions, and keeps every veto", () => {
  const size = 9;
  const pair = fc
    .tuple(fc.nat(size - 1), fc.nat(size - 1))
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => (a < b ? [a, b] : [b, a]) as [number, number]);
  const abha = fc.array(fc.constantFrom(null, null, one, other), {
    minLength: size,
    maxLength: size,
  });
  const edges = fc.uniqueArray(fc.tuple(pair, fc.integer({ min: 1, max: 4 })), {
    maxLength: 20,
    selector: ([[a, b]]) => `${a} ${b}`,
  });
  const decisions = fc.array(
    fc.tuple(fc.constantFrom("link", "distinct"), fc.constantFrom("human", "hl7"), pair),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(abha, edges, decisions, (abhaNumbers, found, said) => {
      const columns = columnsOf(abhaNumbers);
      const links = found.map(([[lo, hi], weight]) => edge(lo, hi, weight));
      const decided = said.map(([kind, source, [lo, hi]]) => decision(kind, source, lo, hi));
      const labels = clustersOf(columns, links, decided);
      expect(clustersOf(columns, links.toReversed(), decided.toReversed())).toEqual(labels);
      expect(labels.every((label, index) => label <= index && labels[label] === label)).toBe(true);
      if (decided.some(({ kind, source }) => kind === "link" && source === "human")) return;
      for (const { kind, lo, hi } of decided)
        if (kind === "distinct") expect(labels[lo]).not.toBe(labels[hi]);
      for (const [index, label] of labels.entries()) {
        const numbers = new Set(
          abhaNumbers.filter((number, at) => number !== null && labels[at] === label),
        );
        expect(numbers.size, `cluster of ${index}`).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 300 },
  );
});
