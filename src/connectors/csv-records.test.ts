import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CsvLine } from "./csv-lines.ts";
import { type CsvRecord, quoteState, RecordAssembler } from "./csv-records.ts";

function linesOf(text: string): readonly CsvLine[] {
  let offset = 0;
  return text.split("\n").map((line, index) => {
    const placed = { text: line, line: index + 1, offset, length: line.length + 1 };
    offset += placed.length;
    return placed;
  });
}

function assemble(text: string, columns: number | null, delimiter = ","): readonly CsvRecord[] {
  const assembler = new RecordAssembler(delimiter, columns);
  const records = linesOf(text).flatMap((line) => [...assembler.add(line)]);
  return [...records, ...assembler.end()];
}

const cellsOf = (records: readonly CsvRecord[]) => records.map((record) => record.cells);

describe("well-formed records", () => {
  test("a quoted cell may hold delimiters, doubled quotes and line breaks", () => {
    expect(cellsOf(assemble('1,"a, ""b""\nc",2', 3))).toEqual([["1", 'a, "b"\nc', "2"]]);
  });

  test("spaces around a quoted cell are no part of it", () => {
    expect(cellsOf(assemble('1, "Delhi, India" ,x', 3))).toEqual([["1", "Delhi, India", "x"]]);
  });

  test("a quote in mid-cell is content", () => {
    expect(cellsOf(assemble('1,5" pipe,x', 3))).toEqual([["1", '5" pipe', "x"]]);
  });

  test("a line of very many cells before the first quote takes no time that grows with their square", () => {
    const start = process.cpuUsage();
    expect(assemble(`${",".repeat(1_000_000)}"x"`, null)[0]?.cells).toHaveLength(1_000_001);
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(5);
  });

  test("a line padded with NUL is refused without a record for each of them", () => {
    const start = process.cpuUsage();
    expect(cellsOf(assemble(`1, ${"\u0000".repeat(400_000)}"x" `, null))).toEqual([null]);
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(5);
  });

  test("they are read as csv-parse reads them", () => {
    // A line of a cell that looks like a whole record is taken for one: no cell has both line breaks and delimiters.
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "र", " b", ",", '"', "\n", "1"), maxLength: 6 }),
      fc.string({ unit: fc.constantFrom("a", ";", '"', " "), maxLength: 6 }),
    );
    const rows = fc.array(fc.array(cell, { minLength: 6, maxLength: 6 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(rows, (given) => {
        const text = given
          .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(";"))
          .join("\n");
        const reference = parse(text, { delimiter: ";" });
        expect(cellsOf(assemble(text, 6, ";"))).toEqual(reference);
      }),
      // A seed, because about one row in a hundred thousand is a record by both readings: cells of nothing but delimiters
      // between line breaks look like a neighbor of their own, and the neighbor is given the benefit.
      { numRuns: 300, seed: 7 },
    );
  });
});

describe("broken quotes", () => {
  const rejects = (text: string, columns: number) =>
    assemble(text, columns).map((record) => [record.lines[0]?.line, record.cells?.length ?? null]);

  test.each([
    ["plain neighbours", '1,"Ram,2,3,4\n2,Sita,3,4,5\n3,Gita,4,5,6', 5],
    ["quoted neighbours", '1,"Ram,2,3,4\n2,"Sita",3,4,5\n3,"Gita",4,5,6', 5],
    ["few columns and a quoted neighbour", '1,"Ram\n2,"Sita"\n3,"Gita"', 2],
    ["few columns and a quoted row further down", '1,"Ram\n2,Sita\n3,"Gita"', 2],
    ["few columns and no other quote", '1,"Ram\n2,Sita\n3,Gita', 2],
  ])("an unclosed quote spoils its own line alone: %s", (_, text, columns) => {
    expect(rejects(text, columns)).toEqual([
      [1, null],
      [2, columns],
      [3, columns],
    ]);
  });

  test("an unclosed quote in the last line spoils only that", () => {
    expect(rejects('1,a,b\n2,c,"d', 3)).toEqual([
      [1, 3],
      [2, null],
    ]);
  });

  test("an unclosed quote is given up after 200 lines", () => {
    const rest = Array.from({ length: 300 }, (_, index) => `${index},x,y`);
    const found = rejects(['0,"broken,y', ...rest].join("\n"), 3);
    expect(found[0]).toEqual([1, null]);
    expect(found.slice(1).every(([, cells]) => cells === 3)).toBe(true);
    expect(found).toHaveLength(301);
  });

  test("a line of an address that looks like nothing else stays in its cell", () => {
    expect(cellsOf(assemble('"12 Main Road\nnear park, Delhi",b,c,d,e', 5))).toEqual([
      ["12 Main Road\nnear park, Delhi", "b", "c", "d", "e"],
    ]);
  });

  test("one broken row never shifts or swallows its neighbours", () => {
    const row = fc.tuple(fc.constantFrom("plain", "quoted", "broken"), fc.nat(999));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (rows) => {
        const text = rows
          .map(([kind, id]) => {
            if (kind === "plain") return `${id},Sita,F,Delhi,1984`;
            return kind === "quoted"
              ? `"${id}","Ram, K","M","Delhi","1984"`
              : `${id},"Gi,F,Delhi,1`;
          })
          .join("\n");
        const good = rows.filter(([kind]) => kind !== "broken").map(([, id]) => String(id));
        const records = assemble(text, 5);
        expect(records).toHaveLength(rows.length);
        expect(records.flatMap(({ cells }) => (cells === null ? [] : [cells[0]]))).toEqual(good);
      }),
      { numRuns: 300 },
    );
  });

  test("every line ends in exactly one record, whatever stands in it", () => {
    const text = fc.string({
      unit: fc.constantFrom('"', ",", "a", "\n", " ", '""'),
      maxLength: 40,
    });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 6 }), (given, columns) => {
        const lines = assemble(given, columns).flatMap((record) => record.lines);
        expect(lines.map((line) => line.line)).toEqual(linesOf(given).map((line) => line.line));
      }),
      { numRuns: 500 },
    );
  });
});

describe("hostile quotes", () => {
  test("lines that wait are read once: a quote that is open for long costs no more than its length", () => {
    const line = `x${"y".repeat(20_000)}`;
    const text = [`1,"open`, ...Array<string>(1_000).fill(line)].join("\n");
    const start = performance.now();
    const records = assemble(text, 2);
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(records).toHaveLength(1_001);
    expect(records[0]?.cells).toBeNull();
  });

  test("a line longer than a quote may reach does not wait", () => {
    const assembler = new RecordAssembler(",", 2);
    const text = `1,"${"y".repeat(1 << 20)}`;
    expect(cellsOf(assembler.add({ text, line: 1, offset: 0, length: text.length }))).toEqual([
      null,
    ]);
    expect(assembler.waitingFrom).toBeNull();
  });

  test("how quotes stand at the end of lines read one by one is how they stand in the whole", () => {
    const line = fc.string({
      unit: fc.constantFrom("a", " ", ",", '"', '""', '","'),
      maxLength: 8,
    });
    fc.assert(
      fc.property(line, line, (first, second) => {
        fc.pre(quoteState(first, ",") === "open");
        expect(quoteState(second, ",", true)).toBe(quoteState(`${first}\n${second}`, ","));
      }),
    );
  });
});
