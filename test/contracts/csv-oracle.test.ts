/**
 * The differential oracle: csv-parse reads clean files, and must agree; then one row is broken, and every other row must
 * load exactly as it did from the clean file.
 */
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { csvFile } from "../../src/connectors/csv-file.ts";
import type { SourcePlace } from "../../src/records/raw-record.ts";
import { drawing, type Mutant, mutate } from "../fuzz/mutation.ts";
import { neighborFaults } from "../fuzz/neighbors.ts";
import { rowOperators } from "../fuzz/row-operators.ts";
import { pipelineOf, seedOf } from "../fuzz/seeds.ts";
import { faultsOf, readWhole } from "../support/file-reading.ts";

const pipeline = pipelineOf(
  `version: 1
name: oracle
facility: { id: ddu, name: Test Hospital }
source: { type: csv, at: . }
fields: { mrn: MRN, name: Name, sex: Sex, birthDate: DOB, addressLine: Address }
`,
  "/nowhere",
);

interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly delimiter: "," | ";" | "\t" | "|";
  readonly lineEnd: "\n" | "\r\n" | "\r";
  readonly encoding: string;
  readonly isMarked: boolean;
  readonly isQuoted: boolean;
  readonly endsWithLine: boolean;
}

const names = fc.constantFrom("Ram Lal", "सुनीता देवी", "Asha", "José", "मो. इमरान", "Gurpreet Kaur");
/** Line breaks and delimiters in one cell can look like a row of their own: never both in one cell. */
const address = fc.oneof(
  fc.constantFrom("Delhi", "", "House 7 Sector 3", "करोल बाग"),
  fc.constantFrom("12 Main Road, Delhi", "a;b", "x|y", "tab\there", 'near "Big" Park', '5" pipe'),
  fc.constantFrom("House 7\nDelhi", "A\n\nB", 'the "Old"\nFort'),
);
const row = fc.tuple(
  names,
  fc.constantFrom("M", "F", "O"),
  fc.constantFrom("01/02/1985", "2-3-86", "1999-12-31", "", "31/02/1985"),
  address,
  fc.constantFrom("", "0", "note"),
);

const table: fc.Arbitrary<Table> = fc
  .record({
    people: fc.array(row, { minLength: 3, maxLength: 10 }),
    delimiter: fc.constantFrom(",", ";", "\t", "|"),
    lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
    encoding: fc.constantFrom("utf-8", "utf-8", "utf-16le", "utf-16be"),
    isMarked: fc.boolean(),
    isQuoted: fc.boolean(),
    endsWithLine: fc.boolean(),
  })
  .map(({ people, ...form }) => ({
    header: ["MRN", "Name", "Sex", "DOB", "Address", "Note"],
    rows: people.map((cells, index) => [String(index + 1), ...cells]),
    ...form,
  }));

function textOf({ header, rows, delimiter, lineEnd, isQuoted, endsWithLine }: Table): string {
  const written = (cell: string) =>
    isQuoted || /[",;\t|\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  const lines = [header, ...rows].map((cells) => cells.map(written).join(delimiter));
  return lines.join(lineEnd) + (endsWithLine ? lineEnd : "");
}

function bytesOf(given: Table): Buffer {
  const addBOM = given.isMarked || given.encoding !== "utf-8";
  return iconv.encode(textOf(given), given.encoding, { addBOM });
}

async function cellsOf(bytes: Buffer): Promise<readonly (readonly string[])[]> {
  const file = { path: "", name: "given", bytes: bytes.length, modifiedAt: new Date(0) };
  const content = async function* () {
    yield bytes;
  };
  const options = { encoding: "auto", delimiter: "auto", header: "auto" } as const;
  const signal = new AbortController().signal;
  const context = { expectedColumns: ["MRN", "Name"], signal, batchSize: 100 };
  const cells: (readonly string[])[] = [];
  for await (const batch of csvFile.read({ ...file, content }, options, context))
    for (const record of batch.records)
      cells.push(record.kind === "row" ? record.cells : [record.kind]);
  return cells;
}

test("clean files are read as csv-parse reads them, in every encoding, with every delimiter and line end", async () => {
  await fc.assert(
    fc.asyncProperty(table, async (given) => {
      const { delimiter, lineEnd } = given;
      const reference: string[][] = parse(textOf(given), { delimiter, record_delimiter: lineEnd });
      expect(await cellsOf(bytesOf(given))).toEqual(reference.slice(1));
    }),
    { numRuns: 400 },
  );
});

/** A broken row leaves one record; of several lines that nothing holds together any more, one for each at most. */
function linesLeft(mutant: Mutant, place: SourcePlace, encoding: string): number {
  const bytes = mutant.bytes.subarray(place.offset, place.offset + place.length + mutant.shift);
  const text = iconv.decode(bytes, encoding);
  return text.split(/\r\n|\r|\n/).filter((line) => line !== "").length;
}

test("one broken row is one quarantined row or one that loads, and no other row is touched", async () => {
  const kinds = Object.keys(rowOperators);
  const where = fc.record({ row: fc.nat(), seed: fc.nat() });
  await fc.assert(
    fc.asyncProperty(table, where, async (given, { row: at, seed: draws }) => {
      const bytes = bytesOf(given);
      const seed = await seedOf("clean", pipeline, bytes);
      expect(faultsOf(seed.whole, bytes, true)).toEqual([]);
      const place = seed.whole.outcomes[at % seed.whole.outcomes.length]?.place;
      expect(seed.whole.outcomes).toHaveLength(given.rows.length);
      if (place === undefined) throw new Error("the table has rows");
      for (const kind of kinds) {
        const { encoding } = seed.whole;
        const site = {
          bytes,
          encoding,
          delimiter: given.delimiter,
          ...place,
          draw: drawing(draws),
        };
        const mutant = mutate(site, rowOperators, kind);
        if (mutant === null) continue;
        const reading = await readWhole(pipeline, mutant.bytes);
        const said = [
          ...faultsOf(reading, mutant.bytes, true),
          ...neighborFaults(seed, reading, mutant),
          reading.refusedBy,
          reading.outcomes.length - (given.rows.length - 1) > linesLeft(mutant, place, encoding)
            ? "more records than lines"
            : null,
        ].filter((fault) => fault !== null);
        expect({ kind, said }).toEqual({ kind, said: [] });
      }
    }),
    { numRuns: 300 },
  );
}, 60_000);
