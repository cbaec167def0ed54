/** Lines of a CSV file whose layout is known -> raw rows, and an account of every line. */
import type { Problem } from "../records/problem.ts";
import type { RawRecord, SourcePlace } from "../records/raw-record.ts";
import { columnKey } from "../records/row-reader.ts";
import type { LineCounts } from "./connector.ts";
import { type CsvLayout, uniqueColumns } from "./csv-layout.ts";
import type { CsvLine } from "./csv-lines.ts";
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

const totalLine =
  /^\W*(?:(?:grand|sub)[\s-]*)?total\b|^\W*(?:कुल|योग)(?![\p{L}\p{M}])|^\W*end of (?:report|file|list)\b|^\W*\d+ rows? (?:selected|affected)/iu;

/** Gives each row as soon as its lines are there, and counts what lines were spent on. */
export class CsvRows {
  private readonly layout: CsvLayout;
  private readonly assembler: RecordAssembler;
  private readonly headerKey: string;
  private readonly firstColumnKey: string;
  private readonly headerReach: number;
  private readonly take: (record: RawRecord) => void;
  private lines = { headerLines: 0, blankLines: 0, layoutLines: [] as number[], recordLines: 0 };

  constructor(layout: CsvLayout, take: (record: RawRecord) => void) {
    this.layout = layout;
    this.take = take;
    this.assembler = new RecordAssembler(layout.delimiter, layout.columns.length);
    this.headerKey = layout.columns.map(columnKey).join("\u0000");
    this.firstColumnKey = columnKey(layout.columns[0] ?? "");
    this.headerReach = (layout.columns[0] ?? "").length * 4 + 100;
  }

  add(line: CsvLine): void {
    const { headerLine } = this.layout;
    if (line.line > headerLine) for (const record of this.assembler.add(line)) this.settle(record);
    else if (line.line === headerLine) this.lines.headerLines += 1;
    else this.layoutOrBlank(line);
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
    if (cells !== null && this.isLayout(cells)) {
      for (const line of record.lines) this.lines.layoutLines.push(line.line);
      return;
    }
    this.lines.recordLines += record.lines.length;
    this.take(this.rawRecord(record, first));
  }

  private rawRecord(record: CsvRecord, first: CsvLine): RawRecord {
    const place = placeOf(record.lines, first);
    const expected = this.layout.columns.length;
    const cells = record.cells;
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

  private layoutOrBlank(line: CsvLine): void {
    if (line.text.replace(/[\s,;|"]/g, "") === "") this.lines.blankLines += 1;
    else this.lines.layoutLines.push(line.line);
  }

  /** A repeated header, or a closing line of the report: its first words say so and most of its cells are blank. */
  private isLayout(cells: readonly string[]): boolean {
    if (this.repeatsHeader(cells)) return true;
    const first = cells.find(isFilled) ?? "";
    if (!totalLine.test(first)) return false;
    const filled = cells.filter(isFilled).length;
    return filled <= Math.max(2, this.layout.columns.length / 3);
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

function placeOf(lines: readonly CsvLine[], first: CsvLine): SourcePlace {
  let length = 0;
  for (const line of lines) length += line.length;
  return { line: first.line, lineCount: lines.length, offset: first.offset, length };
}
