import fc from "fast-check";
import { expect, test } from "vitest";
import { csvFile } from "../connectors/csv-file.ts";
import { replayText } from "./replay-table.ts";
import { oneLine } from "./returned-cell.ts";

/** Lines and cells of every record, as ingestion reads them. */
async function readBack(text: string): Promise<readonly (readonly [number, readonly string[]])[]> {
  const bytes = Buffer.from(text);
  const content = async function* () {
    yield bytes;
  };
  const file = { path: "x", name: "x", bytes: bytes.length, modifiedAt: new Date(0), content };
  const options = { encoding: "utf-8", delimiter: ",", header: 1 } as const;
  const context = { expectedColumns: ["a"], signal: new AbortController().signal, batchSize: 10 };
  const read: [number, readonly string[]][] = [];
  for await (const batch of csvFile.read(file, options, context)) {
    for (const { place, ...record } of batch.records) {
      if (record.kind !== "row") throw new Error("a replayed row is no row");
      read.push([place.line, record.cells]);
    }
  }
  return read;
}

test("every row is read back as it is, on its own line, whatever its cells hold", async () => {
  const unit = fc.constantFrom('"', ",", ";", "\n", "\r", "\t", "x", " ", "ओ", "'", "=");
  const cell = fc.string({ unit, maxLength: 8 }).map(oneLine);
  const row = fc.record({
    gap: fc.integer({ min: 1, max: 4 }),
    cells: fc.array(cell, { minLength: 6, maxLength: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (given) => {
      let line = 1;
      const rows = given
        .filter(({ cells }) => cells.some((text) => text !== ""))
        .map(({ gap, cells }) => {
          line += gap;
          return { line, cells };
        });
      const text = replayText({ columns: ["a", "b", "c", "d", "e", "f"], hasHeader: true, rows });
      expect(await readBack(text)).toEqual(rows.map((one) => [one.line, one.cells]));
    }),
    { numRuns: 200 },
  );
});
