/** A sheet as CSV (RFC 4180): one line a row, the line's number is the row's. Line breaks inside a cell become spaces. */
import { dateMark, lostZerosMark } from "../records/excel-mark.ts";
import { columnKey } from "../records/row-reader.ts";
import type { SheetCell, SheetRow } from "./sheet-rows.ts";

export interface SheetLayout {
  /** Columns the field map asks for: they find the header row. */
  readonly expectedColumns: readonly string[];
  /** Columns that hold identifiers: what the sheet has as a date there, or without its leading zeros, is marked. */
  readonly identifierColumns: readonly string[];
  /** Columns that hold phones: a date there is marked. */
  readonly phoneColumns: readonly string[];
  readonly delimiter: string;
}

const headRows = 1_000;
const headCells = 200_000;
const headerReachRows = 50;
const blockLength = 1 << 16;

export async function* sheetText(
  rows: AsyncIterable<SheetRow>,
  layout: SheetLayout,
): AsyncIterable<string> {
  let writer: LineWriter | null = null;
  let head: SheetRow[] = [];
  let cells = 0;
  for await (const row of rows) {
    if (writer === null) {
      head.push(row);
      cells += row.cells.length;
      if (head.length < headRows && cells < headCells) continue;
      writer = new LineWriter(head, layout);
      for (const waiting of head) writer.add(waiting);
      head = [];
    } else {
      writer.add(row);
    }
    yield* writer.take(blockLength);
  }
  writer ??= new LineWriter(head, layout);
  for (const waiting of head) writer.add(waiting);
  yield* writer.take(1);
}

/** How many of the columns a sheet's first rows name, in the row that names most of them, and that row. */
export function headerOf(
  rows: readonly SheetRow[],
  expectedColumns: readonly string[],
): { readonly score: number; readonly row: SheetRow | null } {
  const expected = new Set(expectedColumns.map(columnKey));
  let best: { score: number; row: SheetRow | null } = { score: 0, row: null };
  for (const row of rows.slice(0, headerReachRows)) {
    const keys = new Set(row.cells.map((cell) => columnKey(cell?.text ?? "")));
    const score = [...keys].filter((key) => expected.has(key)).length;
    if (score > best.score) best = { score, row };
  }
  return best;
}

class LineWriter {
  private readonly delimiter: string;
  private readonly needsQuotes: RegExp;
  /** Cells a line has at least: spreadsheets leave blank last cells out. */
  private readonly width: number;
  private readonly marks: readonly (CellMark | undefined)[];
  private lines: string[] = [];
  private length = 0;
  private written = 0;

  constructor(head: readonly SheetRow[], layout: SheetLayout) {
    this.delimiter = layout.delimiter;
    this.needsQuotes = new RegExp(
      `["\\r\\n]|[${layout.delimiter === "|" ? "\\|" : layout.delimiter}]|^\\s|\\s$`,
    );
    const header = headerOf(head, layout.expectedColumns).row;
    this.width =
      header?.cells.length ??
      Math.max(0, ...head.slice(0, headerReachRows).map((row) => row.cells.length));
    this.marks = header === null ? [] : marksOf(header, head, layout);
  }

  add(row: SheetRow): void {
    const gap = row.number - this.written - 1;
    if (gap > 0) this.push("\r\n".repeat(gap));
    this.written = row.number;
    this.push(`${row.cells.length === 0 ? "" : this.line(row)}\r\n`);
  }

  /** What was written so far, when it is as long as asked for. */
  *take(atLeast: number): Iterable<string> {
    if (this.length < atLeast) return;
    yield this.lines.join("");
    this.lines = [];
    this.length = 0;
  }

  private push(text: string): void {
    this.lines.push(text);
    this.length += text.length;
  }

  private line(row: SheetRow): string {
    let line = "";
    const width = Math.max(this.width, row.cells.length);
    for (let column = 0; column < width; column += 1) {
      if (column > 0) line += this.delimiter;
      const cell = row.cells[column];
      if (cell === undefined) continue;
      const text = this.marks[column]?.(cell) ?? cell.text;
      line += this.needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    }
    return line;
  }
}

/** The marked text of a cell that its sheet shows to be damaged; null for all others. */
type CellMark = (cell: SheetCell) => string | null;

function marksOf(
  header: SheetRow,
  head: readonly SheetRow[],
  layout: SheetLayout,
): readonly (CellMark | undefined)[] {
  const identifiers = new Set(layout.identifierColumns.map(columnKey));
  const phones = new Set(layout.phoneColumns.map(columnKey));
  return header.cells.map((title, column) => {
    const key = columnKey(title?.text ?? "");
    if (!identifiers.has(key) && !phones.has(key)) return undefined;
    const below = head.filter((row) => row.number > header.number);
    // A phone without its leading zero is still that phone.
    const width = identifiers.has(key) ? zeroPaddedWidth(below, column) : null;
    return (cell) => {
      if (cell.kind === "date") return dateMark + cell.text;
      const isShort = width !== null && cell.kind === "number" && /^\d+$/.test(cell.text);
      return isShort && cell.text.length < width ? lostZerosMark + cell.text : null;
    };
  });
}

/** The one length of a column's numbers that stand as text, where some begin with a zero; else null. */
function zeroPaddedWidth(rows: readonly SheetRow[], column: number): number | null {
  let width: number | null = null;
  let hasZero = false;
  for (const row of rows) {
    const cell = row.cells[column];
    if (cell?.kind !== "text" || !/^\d+$/.test(cell.text.trim())) continue;
    const text = cell.text.trim();
    if (width !== null && text.length !== width) return null;
    width = text.length;
    hasZero ||= text.startsWith("0");
  }
  return hasZero ? width : null;
}
