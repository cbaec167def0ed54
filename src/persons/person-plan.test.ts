import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CurrentPerson, planPersons } from "./person-plan.ts";

/** Persons by their records alone: founded by the first record each has, unless `given` says more. */
const plan = (
  cluster: readonly number[],
  personOf: readonly number[],
  persons: number,
  given: Readonly<Record<number, Partial<CurrentPerson>>> = {},
) => {
  const planned = planPersons(Int32Array.from(cluster), {
    personOf: Int32Array.from(personOf),
    persons: Array.from({ length: persons }, (_, index) => {
      const first = personOf.indexOf(index);
      return { founder: first, eldest: first, mergedInto: null, ...given[index] };
    }),
  });
  return { ...planned, personOf: [...planned.personOf] };
};
const nothing = { created: 0, merges: [], revived: [], retired: [] };

describe("persons", () => {
  test("are made for clusters that nobody has", () => {
    expect(plan([0, 0, 2], [-1, -1, -1], 0)).toEqual({
      ...nothing,
      personOf: [0, 0, 1],
      created: 2,
    });
  });

  test("stay where nothing changed, and take in new records", () => {
    expect(plan([0, 0, 2], [1, -1, 0], 2)).toEqual({ ...nothing, personOf: [1, 1, 0] });
  });

  test("that meet merge into the oldest, whichever has the smallest record", () => {
    expect(plan([0, 0, 0], [2, 0, 1], 3)).toEqual({
      ...nothing,
      personOf: [0, 0, 0],
      merges: [
        [1, 0],
        [2, 0],
      ],
    });
  });

  test("that split stay with the record that founded them, whose card they may have", () => {
    expect(plan([0, 1, 1], [0, 0, 0], 1).personOf).toEqual([0, 1, 1]);
    expect(plan([0, 1, 1], [0, 0, 0], 1, { 0: { founder: 1 } }).personOf).toEqual([1, 0, 0]);
  });

  test("without a record retire", () => {
    expect(plan([0], [1], 2)).toEqual({ ...nothing, personOf: [1], retired: [0] });
  });

  test("that were merged come back when their founder stands apart again", () => {
    const merged = { 1: { founder: 1, mergedInto: 0 } };
    expect(plan([0, 0], [0, 0], 2, merged)).toEqual({ ...nothing, personOf: [0, 0] });
    expect(plan([0, 1], [0, 0], 2, merged)).toEqual({
      ...nothing,
      personOf: [0, 1],
      revived: [1],
    });
  });

  test("that were merged follow their founder into another person", () => {
    const planned = plan([0, 1, 1], [0, 0, 1], 3, { 2: { founder: 1, mergedInto: 0 } });
    expect(planned).toEqual({ ...nothing, personOf: [0, 1, 1], merges: [[2, 1]] });
  });

  test("that lost their founder keep what is left of them, unless somebody was founded there", () => {
    const lost = { 0: { founder: -1 } };
    expect(plan([0], [0], 1, lost)).toEqual({ ...nothing, personOf: [0] });
    expect(plan([0], [0], 2, { ...lost, 1: { founder: 0, mergedInto: 0 } })).toEqual({
      ...nothing,
      personOf: [1],
      merges: [[0, 1]],
      revived: [1],
    });
  });
});

test("each cluster is one person, no two share one, and every old person stays, merges or retires", () => {
  const records = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: -1, max: 4 })), { maxLength: 12 });
  fc.assert(
    fc.property(records, (given) => {
      const groups = given.map(([group]) => group);
      const cluster = groups.map((group) => groups.indexOf(group));
      const planned = plan(
        cluster,
        given.map(([, person]) => person),
        5,
      );
      const personOfCluster = new Map(
        cluster.map((root, index) => [root, planned.personOf[index]]),
      );
      expect(planned.personOf).toEqual(cluster.map((root) => personOfCluster.get(root)));
      expect(new Set(personOfCluster.values()).size).toBe(personOfCluster.size);
      const kept = [...new Set(planned.personOf)].filter((person) => person < 5);
      const ended = [...planned.merges.map(([merged]) => merged), ...planned.retired];
      expect([...kept, ...ended].sort()).toEqual([0, 1, 2, 3, 4]);
    }),
  );
});
