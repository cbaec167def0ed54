import { expect, test } from "vitest";
import { type CsvLayout, type CsvRow, csvText } from "./csv-table.ts";
import { Tally } from "./tally.ts";

const layout: CsvLayout = {
  delimiter: ";",
  lineEnd: "\n",
  header: ["No", "MRN", "DOB"],
  titles: ["Register"],
  pageRows: 2,
  total: (rows) => `Total;;${rows}`,
  mrnColumn: "MRN",
  impossibleBirth: { column: "DOB", value: "31-02-1990" },
};
const row = (breakage: CsvRow["breakage"] = null, cells = ["1", "m1", "x"]): CsvRow => ({
  cells,
  breakage,
});
const lines = (rows: readonly CsvRow[], tally = new Tally()) =>
  [...csvText(layout, rows, tally)].join("").split("\n");

test("titles, repeated headers and the total are layout, every row is a record", () => {
  const tally = new Tally();
  const text = lines([row(), row(), row()], tally);

  expect(text).toEqual([
    "Register",
    "No;MRN;DOB",
    "1;m1;x",
    "1;m1;x",
    "No;MRN;DOB",
    "1;m1;x",
    "Total;;3",
    "",
  ]);
  expect([tally.records, tally.layoutLines]).toEqual([3, 3]);
});

test("each breakage spoils exactly what its name says", () => {
  const text = (breakage: CsvRow["breakage"]) => lines([row(breakage)])[2];

  expect(text("identifier_missing")).toBe("1;;x");
  expect(text("birth_date_invalid")).toBe("1;m1;31-02-1990");
  expect(text("cells_extra")).toBe("1;m1;x;(contd);see register 2");
  expect(text("unclosed_quote")).toBe('1;"m1;x');
});

test("cells with delimiters, quotes or line ends are quoted", () => {
  expect(lines([row(null, ["1", 'a;"b"', "x"])])[2]).toBe('1;"a;""b""";x');
});
