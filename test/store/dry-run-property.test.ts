/** A dry run tells exactly what the run after it will count. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type IngestOptions, type IngestResult, ingest } from "../../src/pipelines/ingest.ts";
import { withDatabase } from "../support/database.ts";
import { everyDefault } from "../support/ingest-context.ts";
import { aFeed } from "../support/ingest-run.ts";
import { clearStore, opdFile, pipelines } from "../support/undo-history.ts";

/** Several files a night, some of them known, some under another name, some over the gate. */
const nights = fc.array(
  fc.record({
    files: fc.array(fc.tuple(fc.constantFrom("a.csv", "b.csv", "c.csv"), opdFile), {
      minLength: 1,
      maxLength: 3,
    }),
    full: fc.boolean(),
    gate: fc.constantFrom(null, 40),
    pipeline: fc.constantFrom("opd" as const, "opd2" as const),
  }),
  { minLength: 1, maxLength: 3 },
);

function countsOf(result: IngestResult) {
  const { id, seconds, stageSeconds, rowsPerSecond, error, ...counts } = result;
  return { ...counts, error: error?.code ?? null };
}

const examples = Number(process.env["UNDO_EXAMPLES"] ?? 20);

test("a dry run and the run after it count the same", async () => {
  const { database } = await withDatabase();
  const feed = aFeed(database);
  await fc.assert(
    fc.asyncProperty(nights, async (given) => {
      await clearStore(database);
      for (const { files, full, gate, pipeline } of given) {
        for (const name of ["a.csv", "b.csv", "c.csv"]) {
          feed.write(name, "");
          feed.remove(name);
        }
        for (const [name, content] of files) feed.write(name, content);
        const yaml = pipelines[pipeline].replace("at: .", 'at: "*.csv"');
        const options: IngestOptions = { ...everyDefault, full, maxQuarantine: gate };
        const run = (dryRun: boolean) =>
          ingest(feed.pipeline(yaml), { ...options, dryRun }, feed.context);

        const predicted = countsOf(await run(true));

        expect(countsOf(await run(false))).toEqual(predicted);
      }
    }),
    { numRuns: examples },
  );
}, 3_600_000);
