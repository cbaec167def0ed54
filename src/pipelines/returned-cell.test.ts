import fc from "fast-check";
import { expect, test } from "vitest";
import { keptCell, printedText } from "../platform/csv-output.ts";
import { returnedCell } from "./returned-cell.ts";

test.each([
  ["as it was", "Ram", "Ram"],
  ["neutralized", "=1+1", "'=1+1"],
  ["with its apostrophe taken for a mark of text", "=1+1", "=1+1"],
  ["without what a terminal would obey", "\u001b[2JRam", " [2JRam"],
  ["without leading zeros", "00123", "123"],
  ["rounded to what fits a cell", "919810012345", "9.1981E+11"],
  ["without the letters that Windows-1252 lacks", "सुनीता (S)", "?????? (S)"],
  [
    "without its Hindi letters between signs of patterns",
    "दिल्ली - 110005 (घर)/१२-३",
    "?????? - 110005 (??)/??-?",
  ],
  ["neutralized and without its Hindi digits", "१२/०३/१९८१", "'??/??/????"],
  ["without the signs that no workbook holds", "\u001b[31mRed", "[31mRed"],
  ["with a line break made a space", "12 Main Road\r\nDelhi", "12 Main Road Delhi"],
])("a cell that comes back %s is the same", (_, given, returned) => {
  const same = returnedCell(given, returned);
  expect(same).toEqual({ kind: "same", text: given.replace("\r\n", " ") });
});

test.each([
  ["31/02/1980", "28-02-1980"],
  ["", "Q-17"],
  ["00123", "124"],
  ["919810012345", "9.2981E+11"],
  ["सुनीता", "सुनीता देवी"],
])("a cell that was mended says what the clerk wrote: %j", (given, returned) => {
  expect(returnedCell(given, returned)).toEqual({ kind: "mended", text: returned });
});

test("a cell that lost its letters and was changed as well is not believed", () => {
  expect(returnedCell("सुनीता देवी", "?????? ???? Sharma")).toEqual({ kind: "lost" });
});

test("a long cell that lost its letters is judged at once", () => {
  const given = "दिल्ली ".repeat(2_000);
  const lost = given.replace(/\p{Script=Devanagari}/gu, "?").trim();

  const start = performance.now();
  expect(returnedCell(given, lost)).toEqual({ kind: "same", text: given.trim() });
  expect(returnedCell(given, `${lost} (East)`)).toEqual({ kind: "lost" });
  expect(performance.now() - start).toBeLessThan(2_000);
});

test("what nobody touched comes back as it was", () => {
  const unit = fc.constantFrom("'", "=", "0", "7", "/", "a", "ओ", "?", "_", " ", "-", "\u001b");
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 14 }), (given) => {
      expect(returnedCell(given, printedText(keptCell(given)))).toEqual({
        kind: "same",
        text: given.trim(),
      });
    }),
  );
});
