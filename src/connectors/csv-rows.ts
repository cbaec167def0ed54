/** Lines of a CSV file whose layout is known -> raw rows, and an account of every line. */
import type { Problem } from "../records/problem.ts";
import type { RawRecord, SourcePlace } from "../records/raw-record.ts";
import { columnKey } from "../records/row-reader.ts";
import type { LineCounts } from "./connector.ts";
import { isClosingLine, isRule } from "./csv-closing-line.ts";
import { uniqueColumns } from "./csv-header.ts";
import { innerLines } from "./csv-inner-lines.ts";
import { type CsvLayout, isBlankTitle } from "./csv-layout.ts";
import type { CsvLine, LineDamage } from "./csv-lines.ts";
import { type CsvRecord, RecordAssembler } from "./csv-records.ts";

const problems = {
  quote: {
    reason: "malformed",
    field: null,
    rule: "unclosed_quote",
    segment: null,
    hint: "Close the quotation mark, or remove it; double it where it is part of the text.",
  },
  fewer: {
    reason: "malformed",
    field: null,
    rule: "cells_missing",
    segment: null,
    hint: "Give the row as many cells as the header has; a line break inside a cell needs quotation marks.",
  },
  more: {
    reason: "malformed",
    field: null,
    rule: "cells_extra",
    segment: null,
    hint: "Put quotation marks around a cell that contains the delimiter.",
  },
} as const satisfies Record<string, Problem>;

const damages: Readonly<Record<LineDamage, Problem>> = {
  nul: {
    reason: "malformed",
    field: null,
    rule: "nul_bytes",
    segment: null,
    hint: "Export the file again, in one encoding: this line has NUL bytes, which no text has.",
  },
  encoding: {
    reason: "malformed",
    field: null,
    rule: "encoding_broken",
    segment: null,
    hint: "Export the file again as UTF-8: the Hindi text of this line was damaged by a wrong encoding.",
  },
};

/** Who takes the rows, and where the bytes of a line are to be had. */
export interface RowTaker {
  readonly take: (record: RawRecord) => void;
  readonly bytesOf: (line: CsvLine) => Buffer;
  readonly encoding: string;
}

/** Gives each row as soon as its lines are there, and counts what lines were spent on. */
export class CsvRows {
  private readonly layout: CsvLayout;
  private readonly assembler: RecordAssembler;
  private readonly headerKey: string;
  private readonly firstColumnKey: string;
  private readonly headerReach: number;
  private readonly taker: RowTaker;
  private readonly titles: ReadonlySet<string>;
  private lines = { headerLines: 0, blankLines: 0, layoutLines: [] as number[], recordLines: 0 };

  constructor(layout: CsvLayout, taker: RowTaker) {
    this.layout = layout;
    this.taker = taker;
    this.titles = new Set(layout.titles);
    this.assembler = new RecordAssembler(layout.delimiter, layout.columns.length);
    this.headerKey = layout.columns.map(columnKey).join("\u0000");
    this.firstColumnKey = columnKey(layout.columns[0] ?? "");
    this.headerReach = (layout.columns[0] ?? "").length * 4 + 100;
  }

  add(line: CsvLine): void {
    const { headerLine, headerEnd } = this.layout;
    if (line.line > headerEnd) for (const record of this.assembler.add(line)) this.settle(record);
    else if (line.line >= headerLine) this.lines.headerLines += 1;
    else this.layoutOrBlank(line);
  }

  /** A line that was read elsewhere, as the row it is. */
  countRow(): void {
    this.lines.recordLines += 1;
  }

  /** The file has ended: what waits for a closing quote waits in vain. */
  end(): void {
    for (const record of this.assembler.end()) this.settle(record);
  }

  /** Offset in the file of the first line that waits for a quote to close; null when none does. */
  get waitingFrom(): number | null {
    return this.assembler.waitingFrom;
  }

  /** What the lines were spent on since this was last asked. */
  takeLineCounts(): LineCounts {
    const { lines } = this;
    this.lines = { headerLines: 0, blankLines: 0, layoutLines: [], recordLines: 0 };
    return lines;
  }

  private settle(record: CsvRecord): void {
    const [first] = record.lines;
    if (first === undefined) return;
    const cells = record.cells;
    if (record.lines.length === 1 && isBlank(first, cells)) {
      this.lines.blankLines += 1;
      return;
    }
    if (this.isLayout(cells, first)) {
      for (const line of record.lines) this.lines.layoutLines.push(line.line);
      return;
    }
    this.lines.recordLines += record.lines.length;
    const raw = this.rawRecord(record, first);
    const inner = raw.kind === "unreadable" ? this.innerRecords(record) : [];
    if (inner.length === 0) this.taker.take(raw);
    else for (const part of inner) this.taker.take(part);
  }

  private rawRecord(record: CsvRecord, first: CsvLine): RawRecord {
    const place = placeOf(record.lines, first);
    const expected = this.layout.columns.length;
    const cells = record.cells;
    const damage = record.lines.find((line) => line.damage !== undefined)?.damage;
    if (damage !== undefined) return { kind: "unreadable", place, problem: damages[damage] };
    if (cells === null) return { kind: "unreadable", place, problem: problems.quote };
    if (cells.length === expected) return { kind: "row", place, cells };
    // Exports often end every line with one more delimiter, or leave blank last cells away: nothing is shifted by either.
    const extra = cells.slice(expected);
    if (cells.length > expected && extra.every((cell) => cell.trim() === "")) {
      return { kind: "row", place, cells: cells.slice(0, expected) };
    }
    return {
      kind: "unreadable",
      place,
      problem: cells.length < expected ? problems.fewer : problems.more,
    };
  }

  /** The rows of a line that holds several, ended by the other line ends of a joined export; none where it holds but one. */
  private innerRecords({ lines }: CsvRecord): readonly RawRecord[] {
    const [line] = lines;
    if (line === undefined || lines.length > 1 || !/[\r\n]/.test(line.text)) return [];
    const { delimiter, columns } = this.layout;
    const assembler = new RecordAssembler(delimiter, columns.length);
    const parts = innerLines(line, this.taker.bytesOf(line), this.taker.encoding);
    const inner = parts.flatMap((part) => [...assembler.add(part)]);
    const records = [...inner, ...assembler.end()].flatMap((record) => {
      const [first] = record.lines;
      if (first === undefined || isBlank(first, record.cells)) return [];
      return this.isLayout(record.cells, first) ? [] : [this.rawRecord(record, first)];
    });
    const rows = records.filter(({ kind }) => kind === "row").length;
    // A single good part proves nothing: the end of an address may look like a row.
    const isJoined = rows >= 2 && rows * 2 >= records.length;
    return isJoined ? records.map((record) => onLine(record, line)) : [];
  }

  private layoutOrBlank(line: CsvLine): void {
    if (isBlankTitle(line.text)) this.lines.blankLines += 1;
    else this.lines.layoutLines.push(line.line);
  }

  /** A repeated header or title, a line drawn under the header, or a closing line of the report. */
  private isLayout(cells: readonly string[] | null, first: CsvLine): boolean {
    const columns = this.layout.columns.length;
    if (this.titles.size > 0 && this.titles.has(first.text.trim())) {
      // A title that is as full as a record may be a record.
      const filled = cells?.filter(isFilled).length ?? 0;
      if (filled <= Math.max(1, columns / 3)) return true;
    }
    if (cells === null) return false;
    return this.repeatsHeader(cells) || isRule(cells) || isClosingLine(cells, columns);
  }

  private repeatsHeader(cells: readonly string[]): boolean {
    // Asked of every row: nearly every row is told apart by its first cell.
    if (cells.length !== this.layout.columns.length || this.layout.headerLine === 0) return false;
    const [first] = cells;
    // Far longer than the header's, it is another text, and need not be folded to be told.
    if (first === undefined || first.length > this.headerReach) return false;
    if (columnKey(first) !== this.firstColumnKey) return false;
    return uniqueColumns(cells).map(columnKey).join("\u0000") === this.headerKey;
  }
}

function isFilled(cell: string): boolean {
  return cell.trim() !== "";
}

function isBlank(line: CsvLine, cells: readonly string[] | null): boolean {
  return line.text.trim() === "" || !(cells?.some(isFilled) ?? true);
}

/** A row found inside of a line stands on that line. */
function onLine(record: RawRecord, { line }: CsvLine): RawRecord {
  return { ...record, place: { ...record.place, line, lineCount: 1 } };
}

function placeOf(lines: readonly CsvLine[], first: CsvLine): SourcePlace {
  let length = 0;
  for (const line of lines) length += line.length;
  return { line: first.line, lineCount: lines.length, offset: first.offset, length };
}
