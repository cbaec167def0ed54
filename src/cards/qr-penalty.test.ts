import fc from "fast-check";
import { expect, test } from "vitest";
import { qrPenalty } from "./qr-penalty.ts";
import { emptyPlanes, setDark } from "./qr-template.ts";

/** The four rules of ISO/IEC 18004 section 7.8.3 by the letter, on strings of 0 and 1. */
function slowPenalty(rows: readonly string[]): number {
  const size = rows.length;
  const columns = rows.map((_, at) => rows.map((row) => row[at] ?? "").join(""));
  const lines = [...rows, ...columns].reduce((sum, line) => sum + slowLinePenalty(line), 0);
  const dark = rows.join("").replaceAll("0", "").length;
  const balance = Math.floor(Math.abs((dark / size ** 2) * 100 - 50) / 5) * 10;
  return lines + slowSquarePenalty(rows) + balance;
}

function slowLinePenalty(line: string): number {
  let penalty = 0;
  for (const run of line.match(/0+|1+/g) ?? []) if (run.length >= 5) penalty += run.length - 2;
  const found = line.match(/(?=10111010000|00001011101)/g) ?? [];
  return penalty + found.length * 40;
}

function slowSquarePenalty(rows: readonly string[]): number {
  let squares = 0;
  for (let row = 0; row + 1 < rows.length; row += 1) {
    for (let at = 0; at + 1 < rows.length; at += 1) {
      const square = `${rows[row]?.slice(at, at + 2)}${rows[row + 1]?.slice(at, at + 2)}`;
      if (square === "0000" || square === "1111") squares += 1;
    }
  }
  return squares * 3;
}

test("word operations give the penalty of the standard's rules, for the sizes of cards and any modules", () => {
  const patterns = fc.constantFrom(
    "0",
    "1",
    "00000",
    "111111",
    "1011101",
    "10111010000",
    "00001011101",
  );
  const anySymbol = fc.constantFrom(53, 57, 61).chain((size) =>
    fc.array(
      fc
        .array(patterns, { minLength: size, maxLength: size })
        .map((parts) => parts.join("").slice(0, size)),
      { minLength: size, maxLength: size },
    ),
  );
  fc.assert(
    fc.property(anySymbol, (rows) => {
      const planes = emptyPlanes(rows.length);
      for (const [row, line] of rows.entries()) {
        for (const [column, bit] of [...line].entries())
          if (bit === "1") setDark(planes, row, column);
      }
      expect(qrPenalty(planes, rows.length)).toBe(slowPenalty(rows));
    }),
    { numRuns: 30 },
  );
});
