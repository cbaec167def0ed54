import { expect, test } from "vitest";
import { evaluatePartition } from "./evaluation.ts";

const truth = new Map([
  ["a1", "A"],
  ["a2", "A"],
  ["a3", "A"],
  ["b1", "B"],
  ["c1", "C"],
]);

test("the truth itself is without fault", () => {
  expect(evaluatePartition(truth, truth)).toEqual({
    pairwise: { precision: 1, recall: 1, f1: 1 },
    bcubed: { precision: 1, recall: 1, f1: 1 },
    clusters: 3,
    wrongPairs: 0,
  });
});

test("one wrong and two missed pairs count as such", () => {
  const found = new Map([
    ["a1", "x"],
    ["a2", "x"],
    ["a3", "y"],
    ["b1", "y"],
    ["c1", "z"],
  ]);
  const { pairwise, bcubed, wrongPairs } = evaluatePartition(truth, found);

  expect(pairwise.precision).toBeCloseTo(1 / 2);
  expect(pairwise.recall).toBeCloseTo(1 / 3);
  expect(wrongPairs).toBe(1);
  // Records a1 and a2 stand with 2 of their 3, a3 with 1 of 3; a3 and b1 share their cluster with a stranger.
  expect(bcubed.recall).toBeCloseTo((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5);
  expect(bcubed.precision).toBeCloseTo((1 + 1 + 1 / 2 + 1 / 2 + 1) / 5);
});

test("a record that was not found stands alone, and one that is not in the truth is not judged", () => {
  const found = new Map([
    ["a1", "x"],
    ["a2", "x"],
    ["stranger", "x"],
  ]);
  const { pairwise, clusters } = evaluatePartition(truth, found);
  expect(pairwise).toMatchObject({ precision: 1, recall: expect.closeTo(1 / 3, 5) });
  expect(clusters).toBe(4);
});
