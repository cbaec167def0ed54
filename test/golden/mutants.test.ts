/** A bounded number of mutants of all golden cases; `node test/fuzz/run.ts` makes as many as one has time for. */
import { expect, test } from "vitest";
import { type Finding, goldenSeeds, judge, mutantOf } from "../fuzz/fuzzing.ts";
import { storeFaults } from "../fuzz/store-round.ts";
import { withDatabase } from "../support/database.ts";

const mutants = 2_000;
const throughStoreEvery = 40;

test("however a file is broken, it is accounted for, and what is not broken in it loads as before", async () => {
  const { database } = await withDatabase();
  const seeds = await goldenSeeds();
  const findings: Finding[] = [];
  for (let number = 0; number < mutants; number += 1) {
    const made = mutantOf(seeds, 20_261_122, number);
    if (made === null) continue;
    const [seed, mutant] = made;
    const faults = [...(await judge(seed, mutant))];
    if (number % throughStoreEvery === 0)
      faults.push(...(await storeFaults(database, number, made)));
    if (faults.length > 0) findings.push({ number, seed: seed.name, kind: mutant.kind, faults });
  }
  expect(findings).toEqual([]);
}, 120_000);
