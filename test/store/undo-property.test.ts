/** Whatever happened in whatever order: without a run the store knows what it would know had that run never been. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { linkPersons } from "../../src/pipelines/link.ts";
import { newRunId } from "../../src/pipelines/run-context.ts";
import { undoRun } from "../../src/pipelines/undo-run.ts";
import { HimsError } from "../../src/platform/errors.ts";
import type { RunId } from "../../src/platform/ids.ts";
import type { StoreHash } from "../../src/store/store-hash.ts";
import { withDatabase } from "../support/database.ts";
import { contentOf } from "../support/ingest-run.ts";
import {
  aHistoryStore,
  clearStore,
  type HistoryStore,
  histories,
  issueTestCards,
  type Step,
} from "../support/undo-history.ts";
import type { Said } from "../support/undo-replays.ts";

interface Lived {
  readonly step: Step;
  /** The run that read its file; null when it skipped a known file, or was refused: it had no part in what came of all. */
  readonly run: RunId | null;
  /** What a replay read. */
  readonly said?: Said;
}

async function live(
  store: HistoryStore,
  steps: readonly Pick<Lived, "step" | "said">[],
): Promise<readonly Lived[]> {
  const lived: Lived[] = [];
  for (const { step, said } of steps) {
    if (step.kind === "cards") {
      await issueTestCards(store.context, newRunId(store.context.clock));
      lived.push({ step, run: null });
      continue;
    }
    if (step.kind === "replay") lived.push({ step, ...(await store.replay(step, said)) });
    else {
      const { id, read, error } = await store.run(step);
      lived.push({ step, run: read > 0 && error === null ? id : null });
    }
    await linkPersons(store.context);
  }
  return lived;
}

/** False where a later replay read what a clerk had given in this one: that is not guessed at, and keeps everything. */
async function isUndone(store: HistoryStore, { step, run }: Lived): Promise<boolean> {
  if (run === null) return false;
  try {
    await undoRun(run, { dryRun: false, actor: "test" }, store.context);
    return true;
  } catch (error) {
    const isRefusal = error instanceof HimsError && error.code === "HIMS_UNDO_REPLAYED";
    if (!isRefusal || step.kind !== "replay") throw error;
    return false;
  }
}

const noCards = (steps: readonly Lived[]) => steps.every(({ step }) => step.kind !== "cards");

/** Whom a batch of cards would have met had something not been there, nobody can tell now: cards are compared without one. */
function comparable(parts: StoreHash["parts"], withCards: boolean): Partial<StoreHash["parts"]> {
  const { cards, ...rest } = parts;
  return withCards ? { ...rest, cards } : rest;
}

const examples = Number(process.env["UNDO_EXAMPLES"] ?? 12);
const picks = fc.array(fc.record({ pick: fc.nat(), again: fc.boolean() }), {
  minLength: 1,
  maxLength: 3,
});

test("undone in any order, runs leave what there would be without them, and come again as they were", async () => {
  const [one, other] = [await withDatabase(), await withDatabase()];
  const store = aHistoryStore(one.database);
  const without = aHistoryStore(other.database);

  async function contentAfter(steps: readonly Lived[]): Promise<StoreHash["parts"]> {
    await clearStore(other.database);
    await live(without, steps);
    // Every run links people, also one that is gone now.
    await linkPersons(without.context);
    return await contentOf(other.database);
  }

  await fc.assert(
    fc.asyncProperty(histories, picks, async (steps, picked) => {
      await clearStore(one.database);
      let left = (
        await live(
          store,
          steps.map((step) => ({ step })),
        )
      ).filter(({ step, run }) => run !== null || step.kind === "cards");
      let withCards = true;
      for (const { pick, again } of picked) {
        const runs = left.filter(({ run }) => run !== null);
        const undone = runs[pick % Math.max(runs.length, 1)];
        if (undone?.run == null) return;
        // Cards that were made before the run: those made after it may have met people it brought.
        withCards &&= noCards(left.slice(left.indexOf(undone)));
        if (!(await isUndone(store, undone))) return;
        left = left.filter((step) => step !== undone);
        if (again) left = [...left, ...(await live(store, [{ step: undone.step }]))];
        expect(comparable(await contentOf(one.database), withCards)).toEqual(
          comparable(await contentAfter(left), withCards),
        );
      }
    }),
    { numRuns: examples },
  );
}, 3_600_000);
