/** A bounded number of mutants of golden cases, synthetic hospitals and archives; `node test/fuzz/run.ts` makes as many as one has time for. */
import { expect, test } from "vitest";
import type { Finding } from "../fuzz/fuzzing.ts";
import { everySeed, roundOf } from "../fuzz/rounds.ts";
import { withDatabase } from "../support/database.ts";

const mutants = 2_000;
const pace = { storeEvery: 40, threadsEvery: 500 };

test("however a file is broken, it is accounted for, and what is not broken in it loads as before", async () => {
  const { database } = await withDatabase();
  const seeds = await everySeed(null);
  const findings: Finding[] = [];
  for (let number = 0; number < mutants; number += 1) {
    const { finding } = await roundOf(seeds, { seed: 20_261_122, number }, { ...pace, database });
    if (finding !== null) findings.push(finding);
  }
  expect(findings).toEqual([]);
}, 120_000);
