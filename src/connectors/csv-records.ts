/**
 * Which physical lines make one CSV record, and its cells. One broken record never shifts or swallows its neighbours:
 * a quote that does not close within reach belongs to its own line alone, and lines are joined only by clean quotes.
 */
import { parse } from "csv-parse/sync";
import type { CsvLine } from "./csv-lines.ts";

export interface CsvRecord {
  readonly lines: readonly CsvLine[];
  /** Null when the quotes of the record are broken. */
  readonly cells: readonly string[] | null;
}

/** A quoted cell may run over this many lines; beyond it the quote is taken to be broken. */
const reachLines = 200;

/** Nor over more than this, in UTF-16 code units: a line may be as long as a file. */
const reachLength = 1 << 20;

/** With fewer columns than this, a line of an address could by chance look like a whole record. */
const surelyColumns = 5;

/** Assembles records from lines as they come; `end` gives what still waits at the end of the file. */
export class RecordAssembler {
  readonly delimiter: string;
  private waiting: CsvLine[] = [];
  private waitingLength = 0;
  private readonly columns: number | null;

  /** `columns`: how many cells a good record has, once the header is known. */
  constructor(delimiter: string, columns: number | null) {
    this.delimiter = delimiter;
    this.columns = columns;
  }

  /** Offset in the file of the first line that waits; null when none does. */
  get waitingFrom(): number | null {
    return this.waiting[0]?.offset ?? null;
  }

  add(line: CsvLine): readonly CsvRecord[] {
    if (this.waiting.length === 0) {
      const record = this.single(line);
      if (record !== null) return [record];
      if (line.text.length > reachLength) return [{ lines: [line], cells: null }];
      this.wait(line);
      return [];
    }
    this.wait(line);
    return this.isNeighbour(line) ? this.giveUp(false) : this.settle(line);
  }

  private wait(line: CsvLine): void {
    this.waiting.push(line);
    this.waitingLength += line.text.length;
  }

  private takeWaiting(): readonly CsvLine[] {
    const lines = this.waiting;
    this.waiting = [];
    this.waitingLength = 0;
    return lines;
  }

  /** A line that has every cell of a record, cleanly written, is one: the open quote before it is broken. */
  private isNeighbour({ text }: CsvLine): boolean {
    if (this.columns === null || this.columns < surelyColumns) return false;
    if (this.isBrokenNeighbour(text)) return true;
    const cells = text.includes('"') ? this.cleanCells(text) : text.split(this.delimiter);
    return cells !== null && this.isWhole(cells);
  }

  /** As many cells as a record has; exports that end each line with one more delimiter give blank ones besides. */
  private isWhole(cells: readonly string[]): boolean {
    const { columns } = this;
    if (columns === null || cells.length === columns) return true;
    return cells.length > columns && cells.slice(columns).every((cell) => cell.trim() === "");
  }

  /**
   * Two rows with one stray quote each would close each other's, and load as one patient with the words of both. Told by
   * their delimiters: each line has as many as a record, and the first quote is not that of its last cell.
   */
  private isBrokenNeighbour(text: string): boolean {
    const [first] = this.waiting;
    if (first === undefined || this.waiting.length !== 2) return false;
    const cells = first.text.split(this.delimiter);
    const lastCell = cells[(this.columns ?? 0) - 1];
    const isWhole = this.isWhole(cells) && lastCell?.includes('"') === false;
    return isWhole && this.isWhole(text.split(this.delimiter));
  }

  /** Cells of a line in which quotes stand only around cells; null for any other. */
  private cleanCells(text: string): readonly string[] | null {
    if (quoteState(text, this.delimiter) !== "closed") return null;
    const cells = this.quotedCells(text);
    return cells?.some((cell) => cell.includes('"')) ? null : cells;
  }

  end(): readonly CsvRecord[] {
    return this.waiting.length === 0 ? [] : this.giveUp(true);
  }

  /** The record of one line, or null while a quote is open at its end. */
  private single(line: CsvLine): CsvRecord | null {
    if (!line.text.includes('"')) return { lines: [line], cells: line.text.split(this.delimiter) };
    const clean = cleanlyQuotedCells(line.text, this.delimiter);
    if (clean !== null) return { lines: [line], cells: clean };
    const escaped = this.escapedCells(line.text);
    if (escaped !== null) return { lines: [line], cells: escaped };
    if (quoteState(line.text, this.delimiter) === "open") return null;
    const isOpen = quoteIsOpen(line.text, this.delimiter);
    return { lines: [line], cells: isOpen ? null : this.quotedCells(line.text) };
  }

  /** Cells of a line whose quotes are escaped as `\\"`, as MySQL writes them; only where they are as many as there should be. */
  private escapedCells(text: string): readonly string[] | null {
    if (this.columns === null || !text.includes('\\"')) return null;
    const cells = cleanlyQuotedCells(text.replaceAll('\\"', '""'), this.delimiter);
    return cells?.length === this.columns ? cells : null;
  }

  /**
   * Closes the waiting lines as one record when the last of them closes its quotes and its cells are right; else gives up
   * on the first line. Lines wait only while a quote is open, so the last one alone says how the quotes stand now.
   */
  private settle(last: CsvLine): readonly CsvRecord[] {
    const state = quoteState(last.text, this.delimiter, true);
    if (state === "broken") return this.giveUp(false);
    if (state === "closed") {
      const cells = this.quotedCells(this.waiting.map((line) => line.text).join("\n"));
      if (cells !== null && (this.isWhole(cells) || this.hasMore(cells, last)))
        return [{ lines: this.takeWaiting(), cells }];
      return this.giveUp(false);
    }
    const isOutOfReach = this.waiting.length > reachLines || this.waitingLength > reachLength;
    return isOutOfReach ? this.giveUp(false) : [];
  }

  /** Cleanly quoted, and with too many cells: one row to refuse, where its last line could be none by itself. */
  private hasMore(cells: readonly string[], last: CsvLine): boolean {
    if (this.columns === null || this.columns < surelyColumns) return false;
    return cells.length > this.columns && last.text.split(this.delimiter).length < this.columns;
  }

  private giveUp(isEnd: boolean): readonly CsvRecord[] {
    const [first, ...rest] = this.takeWaiting();
    if (first === undefined) return [];
    const records: CsvRecord[] = [{ lines: [first], cells: null }];
    for (const line of rest) records.push(...this.add(line));
    if (isEnd) records.push(...this.end());
    return records;
  }

  /** csv-parse reads what has quotes; null when it refuses. Its error text holds cell content and goes nowhere. */
  private quotedCells(text: string): readonly string[] | null {
    const clean = cleanlyQuotedCells(text, this.delimiter);
    if (clean !== null) return clean;
    // NUL is no text, and ends records below: of a line padded with it csv-parse would make as many as there are.
    if (text.includes("\u0000")) return null;
    try {
      const rows = parse(text, {
        delimiter: this.delimiter,
        relax_column_count: true,
        relax_quotes: true,
        skip_empty_lines: false,
        record_delimiter: "\u0000",
        // `a, "b, c"`: csv-parse sees a quote only at the very start of a cell.
        trim: / "|" /.test(text),
      });
      return rows.length === 1 ? (rows[0] ?? null) : null;
    } catch {
      return null;
    }
  }
}

/**
 * How the quotes of a text stand: `broken` when one stands inside a quoted cell without being doubled.
 * Spaces around a quoted cell are let pass, and quotes in a cell that does not begin with one (`5" pipe`).
 * `startsInside`: the text goes on in a quoted cell of the line before.
 */
export function quoteState(
  text: string,
  delimiter: string,
  startsInside = false,
): "closed" | "open" | "broken" {
  let at = 0;
  for (let inside = startsInside; ; inside = false) {
    const content = inside ? 0 : quotedFrom(text, at);
    const end = content === null ? at : cleanQuoteEnd(text, content);
    if (end === null) return "open";
    const next = text.indexOf(delimiter, end);
    const rest = text.slice(end, next === -1 ? text.length : next);
    if (content !== null && rest.trim() !== "") return "broken";
    if (next === -1) return "closed";
    at = next + delimiter.length;
  }
}

/** Where the content of a quoted cell begins, spaces before its quote let pass; null for a cell without one. */
function quotedFrom(text: string, from: number): number | null {
  let at = from;
  while (text[at] === " ") at += 1;
  return text[at] === '"' ? at + 1 : null;
}

/** Just after the quote that closes a cell; doubled ones are content. Null when none does. */
function cleanQuoteEnd(text: string, from: number): number | null {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at + 1;
  }
  return null;
}

/** RFC 4180: a quote opens only at the start of a cell, and closes before a delimiter or the end; `""` inside is a quote. */
export function quoteIsOpen(text: string, delimiter: string): boolean {
  let at = 0;
  while (at < text.length) {
    let start = at;
    while (text[start] === " ") start += 1;
    if (text[start] !== '"') {
      const next = text.indexOf(delimiter, at);
      if (next === -1) return false;
      at = next + 1;
      continue;
    }
    const close = closingQuote(text, start + 1, delimiter);
    if (close === -1) return true;
    const next = text.indexOf(delimiter, close + 1);
    if (next === -1) return false;
    at = next + 1;
  }
  return false;
}

/** A quote in mid-cell that is not doubled and ends nothing is content: `"5" pipe",x` has two cells. */
function closingQuote(text: string, from: number, delimiter: string): number {
  let at = text.indexOf('"', from);
  while (at !== -1) {
    if (text[at + 1] === '"') {
      at = text.indexOf('"', at + 2);
      continue;
    }
    let after = at + 1;
    while (text[after] === " ") after += 1;
    if (after >= text.length || text[after] === delimiter) return at;
    at = text.indexOf('"', at + 1);
  }
  return -1;
}

/**
 * Cells of a text whose quotes stand only around whole cells, doubled inside; null for any other text, which csv-parse reads.
 * Nearly every quoted export is such, and starting the library for every record costs more than all else of reading it.
 */
function cleanlyQuotedCells(text: string, delimiter: string): readonly string[] | null {
  const cells: string[] = [];
  // Looked for only once it is passed: else each of many cells would search through all that follow.
  let quote = text.indexOf('"');
  for (let at = 0; ; ) {
    if (quote !== -1 && quote < at) quote = text.indexOf('"', at);
    const isQuoted = quote === at;
    const end = isQuoted ? cleanQuoteEnd(text, at + 1) : plainEnd(text, at, delimiter, quote);
    if (end === null) return null;
    cells.push(isQuoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end));
    if (end === text.length) return cells;
    if (!text.startsWith(delimiter, end)) return null;
    at = end + delimiter.length;
  }
}

/** Where a cell without quotes ends; null when the next quote is in it. */
function plainEnd(text: string, at: number, delimiter: string, quote: number): number | null {
  const next = text.indexOf(delimiter, at);
  const end = next === -1 ? text.length : next;
  return quote !== -1 && quote < end ? null : end;
}
