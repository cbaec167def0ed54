/** A CSV export as old hospital software writes it: title lines, repeated headers, totals, and rows that are broken on purpose. */
import type { Breakage, Tally } from "./tally.ts";

export interface CsvLayout {
  readonly delimiter: "," | ";" | "\t";
  readonly lineEnd: "\n" | "\r\n";
  readonly header: readonly string[];
  /** Lines above the header. */
  readonly titles: readonly string[];
  /** Rows between repetitions of the header; null: it stands once. */
  readonly pageRows: number | null;
  /** Last line, told the number of rows above it; null: none. */
  readonly total: ((rows: number) => string) | null;
  /** Header of the patient number: emptied in rows that miss it. */
  readonly mrnColumn: string;
  /** Header and impossible value of the birth date; null in files without one. */
  readonly impossibleBirth: { readonly column: string; readonly value: string } | null;
}

export interface CsvRow {
  /** One cell per column of the header. */
  readonly cells: readonly string[];
  readonly breakage: Breakage | null;
}

/** One cell, quoted where it must be. */
function quoted(cell: string, delimiter: string): string {
  const mustQuote =
    cell.includes(delimiter) || cell.includes('"') || cell.includes("\n") || cell.includes("\r");
  return mustQuote ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function replacedCell(row: readonly string[], layout: CsvLayout, column: string, value: string) {
  const at = layout.header.indexOf(column);
  return row.map((cell, index) => (index === at ? value : cell));
}

function rowText(row: CsvRow, layout: CsvLayout): string {
  const line = (cells: readonly string[]) =>
    cells.map((cell) => quoted(cell, layout.delimiter)).join(layout.delimiter) + layout.lineEnd;
  switch (row.breakage) {
    case "identifier_missing":
      return line(replacedCell(row.cells, layout, layout.mrnColumn, ""));
    case "birth_date_invalid": {
      const birth = layout.impossibleBirth;
      if (birth === null) throw new Error("this layout has no birth date to break");
      return line(replacedCell(row.cells, layout, birth.column, birth.value));
    }
    case "cells_extra":
      return line([...row.cells, "(contd)", "see register 2"]);
    case "unclosed_quote":
      return line(row.cells).replace(layout.delimiter, `${layout.delimiter}"`);
    case "not_hl7":
      throw new Error("a table has no messages");
    case null:
      return line(row.cells);
  }
}

/** The table's text, row by row. */
export function* csvText(
  layout: CsvLayout,
  rows: Iterable<CsvRow>,
  tally: Tally,
): Generator<string> {
  const header =
    layout.header.map((name) => quoted(name, layout.delimiter)).join(layout.delimiter) +
    layout.lineEnd;
  for (const title of layout.titles) {
    tally.layoutLines++;
    yield title + layout.lineEnd;
  }
  yield header;
  let count = 0;
  for (const row of rows) {
    if (layout.pageRows !== null && count > 0 && count % layout.pageRows === 0) {
      tally.layoutLines++;
      yield header;
    }
    count++;
    tally.record(row.breakage);
    yield rowText(row, layout);
  }
  if (layout.total !== null) {
    tally.layoutLines++;
    yield layout.total(count) + layout.lineEnd;
  }
}
