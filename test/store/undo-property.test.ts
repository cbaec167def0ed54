/** Whatever happened in whatever order: without a run the store knows what it would know had that run never been. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { linkPersons } from "../../src/pipelines/link.ts";
import { newRunId } from "../../src/pipelines/run-context.ts";
import { undoRun } from "../../src/pipelines/undo-run.ts";
import type { RunId } from "../../src/platform/ids.ts";
import type { StoreHash } from "../../src/store/store-hash.ts";
import { withDatabase } from "../support/database.ts";
import { contentOf } from "../support/ingest-run.ts";
import {
  aHistoryStore,
  type HistoryStore,
  histories,
  issueTestCards,
  type Step,
} from "../support/undo-history.ts";

/** What became of a step: a run that took part, or null (it skipped a known file, or was refused). */
type Part = RunId | null;

async function live(store: HistoryStore, steps: readonly Step[]): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const step of steps) {
    if (step.kind === "cards") {
      await issueTestCards(store.context, newRunId(store.context.clock));
      parts.push(null);
      continue;
    }
    const { id, read, error } = await store.run(step);
    parts.push(read > 0 && error === null ? id : null);
    await linkPersons(store.context);
  }
  return parts;
}

/** The content of a store in which these steps happened, and no others. */
async function contentAfter(steps: readonly Step[]): Promise<StoreHash["parts"]> {
  const { database } = await withDatabase();
  const store = aHistoryStore(database);
  await live(store, steps);
  // A run links even where it was the first and is gone.
  await linkPersons(store.context);
  return await contentOf(database);
}

const runs = Number(process.env["UNDO_RUNS"] ?? 12);

test("undone in any order, runs leave what there would be without them", { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), async (steps, picks) => {
      const { database } = await withDatabase();
      const store = aHistoryStore(database);
      const parts = await live(store, steps);
      const took = steps.map((step, index) => ({ step, part: parts[index] ?? null }));
      let left = took.filter(({ step, part }) => part !== null || step.kind === "cards");
      for (const pick of picks) {
        const candidates = left.filter(({ part }) => part !== null);
        const out = candidates[pick % Math.max(candidates.length, 1)];
        if (out === undefined || out.part === null) return;
        await undoRun(out.part, { dryRun: false, actor: "test" }, store.context);
        left = left.filter((one) => one !== out);
        const expected = await contentAfter(left.map(({ step }) => step));
        const found = await contentOf(database);
        expect(comparable(found, left)).toEqual(comparable(expected, left));
      }
    }),
    { numRuns: runs },
  );
});

/** Who would have been given a card by a batch that came later than what was undone, nobody can be given now. */
function comparable(
  parts: StoreHash["parts"],
  left: readonly { readonly step: Step }[],
): Partial<StoreHash["parts"]> {
  const { cards, ...rest } = parts;
  return left.some(({ step }) => step.kind === "cards") ? rest : { ...rest, cards };
}
