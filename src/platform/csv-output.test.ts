import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvLine, keptCell, neutralCell, neutralLine, restoredCell } from "./csv-output.ts";

describe("a cell that a spreadsheet would run", () => {
  test.each([
    ["=HYPERLINK(1)"],
    ["+91 98100"],
    ["-2"],
    ["@SUM(1)"],
    ["\t=1"],
    ["\r=1"],
    ["  =1"],
    ["\u3000＝1"],
    ["＋1"],
    ["'=1"],
  ])("is shown and not run: %j", (text) => {
    expect(neutralCell(text)).toBe(`'${text}`);
  });

  test.each([["Sunita Devi"], ["'Tis"], ["a=b"], ["सुनीता"], [""], ["12 Main Road - 4"]])(
    "is no other one: %j",
    (text) => {
      expect(neutralCell(text)).toBe(text);
      expect(keptCell(text)).toBe(text);
    },
  );
});

describe("a cell that a spreadsheet would change", () => {
  test.each([
    ["00123"],
    ["919810012345"],
    ["12345678901234"],
    ["12E3"],
    ["1.50"],
    ["31/12/1985"],
    ["1-2"],
    ["1985-12-31T08:00"],
    ["09:30"],
    ["DEC5"],
    ["5 March 2026"],
    ["1,234"],
    ["12,34,567"],
    ["5."],
    ["12.5%"],
    ["₹500"],
    ["(5)"],
    ["1 1/2"],
    ["true"],
    ["2 PM"],
    ["१२"],
    ["१२-३"],
  ])("is kept as text: %j", (text) => {
    expect(keptCell(text)).toBe(`'${text}`);
    expect(restoredCell(`'${text}`)).toBe(text);
    expect(restoredCell(text)).toBe(text);
  });
});

test.each([["1001"], ["9810012345"], ["12 kg"], ["Ward 5"], ["A.M."], ["Truely"]])(
  "a cell that a spreadsheet leaves alone stays bare: %j",
  (text) => {
    expect(keptCell(text)).toBe(text);
  },
);

test("every text comes back as it was", () => {
  const unit = fc.constantFrom("'", "=", "-", "0", "1", "/", " ", "a", "\t", "ओ", ",", "५", "₹");
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
      expect(restoredCell(keptCell(text))).toBe(text);
    }),
  );
});

test("no line begins a formula in any cell, whatever stands in it", () => {
  const unit = fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", " ", '"', ",", "x", "＝");
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 6 }), (text) => {
      const cell = neutralLine([text]).replace(/\r\n$/, "").replace(/^"|"$/g, "");
      expect(cell).not.toMatch(/^[\s\u3000]*[=+\-@＝]|^[\t\r]/u);
    }),
  );
});

test("cells are quoted where they hold the delimiter, a quote, a line end or outer spaces", () => {
  expect(csvLine(["a", "b;c", 'd"e', "f\ng", " h"], ";")).toBe('a;"b;c";"d""e";"f\ng";" h"\r\n');
});

test("no line holds what a terminal would obey", () => {
  const cells = ["\u001b[2J\u001b]0;x\u0007Ram", "\u009b31m", "a\tb", "\u0000"];
  expect(csvLine(cells)).toBe('" [2J ]0;x Ram"," 31m",a\tb," "\r\n');
});
