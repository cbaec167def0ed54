/** What stands in a sheet, as the text that is read of it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readContent } from "../../src/connectors/connector.ts";
import { unwrapFiles } from "../../src/connectors/wrapped-file.ts";
import { type GivenCell, type GivenWorkbook, workbookBytes } from "../support/workbook-bytes.ts";

const folder = mkdtempSync(join(tmpdir(), "hims-workbook-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;

async function linesOf(
  book: GivenWorkbook,
  options: { sheet?: string | number; delimiter?: string; name?: string } = {},
): Promise<readonly string[]> {
  const path = join(folder, "given");
  const bytes = workbookBytes(book);
  writeFileSync(path, bytes);
  const name = options.name ?? "given.xlsx";
  const sheet = {
    sheet: options.sheet ?? null,
    expectedColumns: ["MRN", "Name", "Mobile"],
    identifierColumns: ["MRN"],
    phoneColumns: ["Mobile"],
    delimiter: options.delimiter ?? ",",
  };
  const file = { path, name, bytes: bytes.length, modifiedAt: new Date(0) };
  const wrapping = { maxUnpackedBytes: 1e9, sheet };
  const [read] = await unwrapFiles([file], wrapping, signal);
  if (read === undefined) throw new Error("a file was not listed");
  const chunks: Uint8Array[] = [];
  for await (const chunk of readContent(read, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString().split("\r\n").slice(0, -1);
}

const oneSheet = (...rows: readonly (readonly GivenCell[])[]) =>
  linesOf({ sheets: [{ name: "S", rows }] });

test("a line is a row: titles, blank rows and gaps keep their places, and all rows are as wide as the header", async () => {
  expect(
    await oneSheet(
      ["Register of patients"],
      [],
      ["MRN", null, "Name"],
      ["1"],
      [],
      [],
      ["2", null, "Ram", "more"],
    ),
  ).toEqual(["Register of patients,,", "", "MRN,,Name", "1,,", "", "", "2,,Ram,more"]);
});

test("cells of every type are told as text", async () => {
  expect(
    await oneSheet(
      ["MRN", "Name"],
      [{ inline: "A1" }, { xml: '<c t="b"><v>1</v></c>' }],
      [{ xml: '<c t="e"><v>#REF!</v></c>' }, { xml: '<c t="str"><f>A1</f><v>Ram</v></c>' }],
      [{ xml: "<c><f>A1+1</f><v>7</v></c>" }, { xml: "<c><f>A1+1</f></c>" }],
      [
        { xml: '<c t="inlineStr"><is><r><t>Ra</t></r><r><t>m</t></r><rPh><t>x</t></rPh></is></c>' },
        { xml: '<c t="d"><v>2026-03-12T00:00:00</v></c>' },
      ],
    ),
  ).toEqual(["MRN,Name", "A1,TRUE", "#REF!,Ram", "7,#N/A", "Ram,2026-03-12"]);
});

test("a formula that was never reckoned is no blank cell, and one that gives an empty text is", async () => {
  expect(
    await oneSheet(
      ["MRN", "Name", "Ward"],
      [{ xml: "<c><f>A1</f><v></v></c>" }, { xml: "<c><f>A1</f><v/></c>" }, "East"],
      [{ xml: '<c t="str"><f>""</f><v></v></c>' }, { xml: "<c><v></v></c>" }, "West"],
    ),
  ).toEqual(["MRN,Name,Ward", "#N/A,#N/A,East", ",,West"]);
});

test("delimiters and quotes are quoted, and a line break in a cell is a space", async () => {
  expect(await oneSheet(["MRN", "Name"], ['a,"b"', "one\ntwo_x000D_\nthree"])).toEqual([
    "MRN,Name",
    '"a,""b""",one two three',
  ]);
  const book = {
    sheets: [
      {
        name: "S",
        rows: [
          ["MRN", "Name"],
          ["1,2", "a|b"],
        ],
      },
    ],
  };
  expect(await linesOf(book, { delimiter: "|" })).toEqual(["MRN|Name", '1,2|"a|b"']);
});

test("the first visible sheet with the header is read, or the one that is named", async () => {
  const sheets = [
    { name: "Old", rows: [["MRN"], ["hidden"]], state: "hidden" as const },
    { name: "Cover", rows: [["Report of March"]] },
    {
      name: "Data",
      rows: [
        ["MRN", "Name"],
        ["1", "Ram"],
      ],
    },
  ];
  expect(await linesOf({ sheets })).toEqual(["MRN,Name", "1,Ram"]);
  expect(await linesOf({ sheets }, { sheet: 2 })).toEqual(["Report of March"]);
  expect(await linesOf({ sheets }, { sheet: " data" })).toEqual(["MRN,Name", "1,Ram"]);
  await expect(linesOf({ sheets }, { sheet: "Dates" })).rejects.toMatchObject({
    code: "HIMS_SOURCE_SPREADSHEET",
  });
});

test("a number short of its column's zeros, and a date in a column of numbers, are marked", async () => {
  expect(
    await oneSheet(
      ["MRN", "Name", "Mobile"],
      ["00042", "Ram", "09811112222"],
      [43, 43, 9_811_112_222],
      [12_345, "Sita", { number: 45_123, format: "dd/mm/yyyy" }],
      [
        { number: 45_363, format: "d-mmm" },
        { number: 45_363, format: "d-mmm" },
      ],
      [{ number: 44, format: "00000" }],
      [1_234_567_890_123_450],
    ),
  ).toEqual([
    "MRN,Name,Mobile",
    "00042,Ram,09811112222",
    "#ZEROS!43,43,9811112222",
    "12345,Sita,#DATE!2023-07-16",
    "#DATE!2024-03-12,2024-03-12,",
    "00044,,",
    "1.23456789012345E+15,,",
  ]);
});

test("a workbook is told by its bytes, whatever its name", async () => {
  const book = { sheets: [{ name: "S", rows: [["MRN"], ["1"]] }] };
  expect(await linesOf(book, { name: "given.csv" })).toEqual(["MRN", "1"]);
});
