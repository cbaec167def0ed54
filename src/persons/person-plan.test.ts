import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planPersons } from "./person-plan.ts";

const plan = (
  cluster: readonly number[],
  personOf: readonly number[],
  createdNo: readonly number[],
  since: readonly string[] = personOf.map(() => "run-1"),
) => {
  const planned = planPersons(Int32Array.from(cluster), {
    personOf: Int32Array.from(personOf),
    since,
    createdNo: createdNo.map(BigInt),
  });
  return { ...planned, personOf: [...planned.personOf] };
};

describe("persons", () => {
  test("are made for clusters that nobody has", () => {
    expect(plan([0, 0, 2], [-1, -1, -1], [])).toEqual({
      personOf: [0, 0, 1],
      created: 2,
      merges: [],
      retired: [],
    });
  });

  test("stay where nothing changed, and take in new records", () => {
    expect(plan([0, 0, 2], [1, -1, 0], [1, 2])).toEqual({
      personOf: [1, 1, 0],
      created: 0,
      merges: [],
      retired: [],
    });
  });

  test("that meet merge into the oldest, whichever has the smallest record", () => {
    expect(plan([0, 0, 0], [2, 0, 1], [1, 2, 3])).toEqual({
      personOf: [0, 0, 0],
      created: 0,
      merges: [
        [1, 0],
        [2, 0],
      ],
      retired: [],
    });
  });

  test("that split stay with their smallest record of one run; the rest is someone new", () => {
    expect(plan([0, 1, 1], [0, 0, 0], [1])).toEqual({
      personOf: [0, 1, 1],
      created: 1,
      merges: [],
      retired: [],
    });
  });

  test("that split stay with the record that founded them, whose card they may have", () => {
    expect(plan([0, 1, 1], [0, 0, 0], [1], ["run-2", "run-1", "run-3"]).personOf).toEqual([
      1, 0, 0,
    ]);
  });

  test("without a record retire", () => {
    expect(plan([0], [1], [1, 2])).toEqual({ personOf: [1], created: 0, merges: [], retired: [0] });
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
        [1, 2, 3, 4, 5],
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
