import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { RawRecord } from "../records/raw-record.ts";
import type { RawBatch } from "./connector.ts";
import { csvFile } from "./csv-file.ts";
import { csvOptionsSchema } from "./csv-layout.ts";

const folder = mkdtempSync(join(tmpdir(), "hims-csv-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(
  content: string | Uint8Array,
  {
    options = {},
    expected = ["MRN", "Name"],
  }: { options?: object; expected?: readonly string[] } = {},
): Promise<readonly RawBatch[]> {
  const path = join(folder, "export.csv");
  writeFileSync(path, content);
  const file = { path, name: "export.csv", bytes: content.length, modifiedAt: new Date(0) };
  const batches: RawBatch[] = [];
  const context = {
    expectedColumns: expected,
    signal: new AbortController().signal,
    batchSize: 100,
  };
  for await (const batch of csvFile.read(file, csvOptionsSchema.parse(options), context))
    batches.push(batch);
  return batches;
}

const told = (record: RawRecord) =>
  record.kind === "row" ? record.cells : record.kind === "unreadable" ? record.problem.rule : null;
const rowsOf = async (...given: Parameters<typeof read>) =>
  (await read(...given)).flatMap((batch) => batch.records.map(told));
const columnsOf = async (...given: Parameters<typeof read>) => (await read(...given))[0]?.columns;

describe("the header", () => {
  test.each([[","], [";"], ["\t"], ["|"]])("is found with the delimiter %j", async (sign) => {
    const text = ["MRN,Name,City", "1,Ram,Delhi"].join("\n").replaceAll(",", sign);
    expect(await rowsOf(text)).toEqual([["1", "Ram", "Delhi"]]);
  });

  test("is the line that names most mapped columns, below titles", async () => {
    const [batch] = await read("Name of hospital\n\nMRN,Name\n1,Ram\n");
    expect(batch).toMatchObject({
      columns: ["MRN", "Name"],
      lines: { headerLines: 1, blankLines: 1, layoutLines: [1], recordLines: 1 },
    });
  });

  test("may be named by its line, or be none", async () => {
    expect(await columnsOf("a,b\nc,d\n1,2\n", { options: { header: 2 }, expected: [] })).toEqual([
      "c",
      "d",
    ]);
    expect(
      await rowsOf("1,Ram\n2,Sita\n", { options: { header: "none" }, expected: ["1"] }),
    ).toEqual([
      ["1", "Ram"],
      ["2", "Sita"],
    ]);
  });

  test("gives repeated and blank columns names of their own", async () => {
    expect(await columnsOf("MRN,Name,name,Name (2),,Name\n")).toEqual([
      "MRN",
      "Name",
      "name (2)",
      "Name (2) (2)",
      "(5)",
      "Name (3)",
    ]);
  });

  test("that names no mapped column is refused without a word of the file", async () => {
    const reading = read("Sunita,Devi\n1,2\n");
    await expect(reading).rejects.toMatchObject({
      code: "HIMS_SOURCE_HEADER",
      at: { file: "export.csv", line: 1 },
    });
    await expect(reading).rejects.not.toThrow(/Sunita|Devi/);
  });
});

describe("lines that are no records", () => {
  test("are counted where they stand: repeated headers, totals, blanks", async () => {
    const text =
      "MRN,Name,City\n1,Ram,Delhi\n,,\n \nMRN, name ,City\nGrand Total,2,\nकुल,2,\n7 rows selected\n2,Total Singh,Agra\n";
    const [batch] = await read(text);
    expect(batch?.lines).toEqual({
      headerLines: 1,
      blankLines: 2,
      layoutLines: [5, 6, 7, 8],
      recordLines: 2,
    });
  });

  test("do not hide a patient: a full row that begins with Total is a record", async () => {
    expect(await rowsOf("MRN,Name,City\nTotal-7,Ram,Delhi\n")).toEqual([
      ["Total-7", "Ram", "Delhi"],
    ]);
  });
});

describe("rows", () => {
  test("with blank cells too many are whole; others too long or too short are refused, alone", async () => {
    expect(await rowsOf("MRN,Name\n1,Ram,, \n2,Sita,x\n3\n4,Uma\n")).toEqual([
      ["1", "Ram"],
      "cells_extra",
      "cells_missing",
      ["4", "Uma"],
    ]);
  });

  test("at the very end need no line end, and a quoted line break at the border of a read is kept", async () => {
    const filler = Array.from(
      { length: 20_000 },
      (_, index) => `${index},"Line one of ${index}\nline two, and more of it to read"`,
    );
    const rows = await rowsOf(`MRN,Name\n${filler.join("\n")}`);
    expect(rows).toHaveLength(20_000);
    expect(
      rows.every((row) => Array.isArray(row) && row.length === 2 && row[1]?.includes("\n")),
    ).toBe(true);
  });
});

describe("what cannot be read", () => {
  test("bytes that are no text are refused", async () => {
    const reading = read(
      Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(200, 0), Buffer.from("MRN,Name")]),
    );
    await expect(reading).rejects.toMatchObject({
      code: expect.stringMatching(/^HIMS_SOURCE_(NOT_TEXT|HEADER)$/),
    });
  });

  test("an encoding that nobody knows is refused with a hint", async () => {
    await expect(read("MRN,Name\n", { options: { encoding: "utf-99" } })).rejects.toMatchObject({
      code: "HIMS_SOURCE_ENCODING",
    });
  });

  test("an encoding may be named in any spelling", async () => {
    const bytes = Buffer.from("\ufeffMRN,Name\n1,राम\n", "utf16le");
    expect(await rowsOf(bytes, { options: { encoding: "UTF-16LE" } })).toEqual([["1", "राम"]]);
    expect(
      await rowsOf(Buffer.from("MRN,Name\n1,Jos\u00e9\n", "latin1"), {
        options: { encoding: "ISO-8859-1" },
      }),
    ).toEqual([["1", "José"]]);
  });
});
