/** The delimiter and the header of a CSV file of which nothing is known yet, from its first lines. */
import type { CsvLine } from "./csv-lines.ts";
import { RecordAssembler } from "./csv-records.ts";

export interface SniffedCsv {
  readonly delimiter: "," | ";" | "\t" | "|";
  /** Line of the header, 1-based; null when the first row is data already. */
  readonly headerLine: number | null;
  /** Cells of a usual line. */
  readonly width: number;
}

/** Whether a cell is a column's header that somebody knows. Connectors do not know what patients have. */
export type HeaderWord = (cell: string) => boolean;

const delimiters = [",", ";", "\t", "|"] as const;

interface SniffedRow {
  readonly line: number;
  readonly cells: readonly string[];
}

interface Reading extends SniffedCsv {
  readonly score: number;
}

/** So many rows are compared with the header. */
const contrastRows = 60;
/** A header stands within so many rows that are not blank. */
const headerRows = 40;

/** @param lines the first few hundred lines of the file */
export function sniffCsv(lines: readonly CsvLine[], isHeaderWord: HeaderWord): SniffedCsv {
  const readings = delimiters.map((delimiter) => readAs(lines, delimiter, isHeaderWord));
  const [best] = readings.sort((a, b) => b.score - a.score);
  const { delimiter, headerLine, width } = best ?? { delimiter: ",", headerLine: null, width: 1 };
  return { delimiter, headerLine, width };
}

function readAs(
  lines: readonly CsvLine[],
  delimiter: (typeof delimiters)[number],
  isHeaderWord: HeaderWord,
): Reading {
  const rows = rowsOf(lines, delimiter);
  const width = usualWidth(rows);
  const usual = rows.filter(({ cells }) => cells.length === width).length;
  const header = findHeader(rows, width, isHeaderWord);
  const consistency = rows.length === 0 ? 0 : usual / rows.length;
  // One cell a line is always consistent and says nothing; a header of known words says most.
  const score =
    width === 1 ? 0.01 : consistency * (1 - 1 / width) + Math.min(header.known, 6) * 0.25;
  return { delimiter, headerLine: header.line, width, score };
}

function rowsOf(lines: readonly CsvLine[], delimiter: string): readonly SniffedRow[] {
  const assembler = new RecordAssembler(delimiter, null);
  return [...lines.flatMap((line) => assembler.add(line)), ...assembler.end()].flatMap((record) => {
    const [first] = record.lines;
    const cells = record.cells?.map((cell) => cell.trim()) ?? [];
    if (first === undefined || cells.every((cell) => cell === "")) return [];
    return [{ line: first.line, cells }];
  });
}

/** The commonest number of cells, the larger of two equally common ones. */
function usualWidth(rows: readonly SniffedRow[]): number {
  const counts = new Map<number, number>();
  for (const { cells } of rows) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0]);
  return best?.[0] ?? 1;
}

/** The row with most known headers; else the first whose cells are words above cells that are not. */
function findHeader(
  rows: readonly SniffedRow[],
  width: number,
  isHeaderWord: HeaderWord,
): { readonly line: number | null; readonly known: number } {
  let best: { line: number | null; known: number } = { line: null, known: 0 };
  for (const [index, row] of rows.slice(0, headerRows).entries()) {
    const isNamed = row.cells.every((cell) => cell === "" || isHeaderWord(cell));
    if (!mayBeHeader(row, width, isNamed)) continue;
    const known = row.cells.filter((cell) => cell !== "" && isHeaderWord(cell)).length;
    const isEnough = known >= 2 || (known === 1 && row.cells.length <= 3);
    if (isEnough && known > best.known && known >= filled(row) * 0.25)
      best = { line: row.line, known };
    if (best.line === null && contrasts(row, rows.slice(index + 1, index + 1 + contrastRows)))
      best = { line: row.line, known: 0 };
  }
  return best;
}

function filled({ cells }: SniffedRow): number {
  return cells.filter((cell) => cell !== "").length;
}

/** A title fills one cell, data have numbers and dates; a header fills most cells with words, each once, or twice where all of them are known. */
function mayBeHeader(row: SniffedRow, width: number, isNamed: boolean): boolean {
  if (row.cells.length < width * 0.6 || filled(row) < Math.max(1, Math.min(width, 2))) return false;
  if (filled(row) < width * 0.5) return false;
  const words = row.cells.filter((cell) => cell !== "");
  const data = words.filter(isData).length;
  const isEachOnce = new Set(words).size >= words.length * 0.8;
  return data <= words.length * 0.15 && (isEachOnce || isNamed);
}

/** Numbers, dates, and whatever is mostly digits. */
function isData(cell: string): boolean {
  const digits = cell.match(/\p{Nd}/gu)?.length ?? 0;
  return digits >= 3 || digits > cell.length * 0.4 || /@/.test(cell);
}

/**
 * Below words stand numbers, in at least one column and in most rows of it. A row with a number of its own, or with `NA`
 * for a missing one, may be a patient: taken for a header it would be shown as one.
 */
function contrasts(header: SniffedRow, rows: readonly SniffedRow[]): boolean {
  if (header.cells.some((cell) => isData(cell) || /^(?:-+|n\.?\/?a\.?|nil|null)$/i.test(cell)))
    return false;
  const below = rows.filter(({ cells }) => cells.length === header.cells.length);
  if (below.length === 0) return false;
  return header.cells.some((cell, column) => {
    if (cell === "" || /\p{Nd}/u.test(cell)) return false;
    const data = below.filter((row) => isData(row.cells[column] ?? "")).length;
    return data > below.length * 0.7;
  });
}
