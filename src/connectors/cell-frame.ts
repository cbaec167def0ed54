/** Where the cells of one line stand in its bytes, found in one pass without decoding anything. */
import { columnKey } from "../records/row-reader.ts";
import { carriageReturn, lineFeed } from "./csv-encoding.ts";
import type { CsvLayout } from "./csv-layout.ts";

const quote = 0x22;
const space = 0x20;
/** First byte of U+FEFF in UTF-8: a byte order mark in mid-file, where exports were joined. */
const markByte = 0xef;
/** First byte of every sign of the Indian scripts in UTF-8; no blank begins with it. */
const indianByte = 0xe0;

/**
 * The cells of one line at a time, where it is a row beyond doubt: right in number, quotes only around whole cells, too full
 * and too unlike the header for a line of layout. Anything else must be read with care.
 */
export class CellFrame {
  /** Offsets in the bytes, quotes and outer spaces off. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** ASCII digits of each cell, and whether it has bytes outside of ASCII (then not 0). */
  readonly digits: Int32Array;
  readonly isWide: Uint8Array;
  readonly columns: number;
  private readonly delimiter: number;
  private readonly bareKinds: Int8Array;
  private readonly quotedKinds: Int8Array;
  private readonly headerStart: string;
  private readonly headerKey: string;
  /** A line with no more filled cells than this may be a title or a total. */
  private readonly sparse: number;

  constructor({ delimiter, columns, headerLine }: CsvLayout) {
    this.delimiter = delimiter.charCodeAt(0);
    this.bareKinds = kindsOf([quote, lineFeed, this.delimiter]);
    this.quotedKinds = kindsOf([quote, lineFeed]);
    this.columns = columns.length;
    this.headerKey = headerLine === 0 ? "" : columnKey(columns[0] ?? "");
    this.headerStart = this.headerKey.charAt(0);
    this.sparse = Math.max(2, columns.length / 3);
    // One more than there should be: many exports end every line with a delimiter.
    const most = columns.length + 1;
    this.starts = new Int32Array(most);
    this.ends = new Int32Array(most);
    this.digits = new Int32Array(most);
    this.isWide = new Uint8Array(most);
  }

  /**
   * Frames the line that begins at `from` of sound UTF-8 whose lines LF ends.
   * @returns where the next line begins; negated where the line must be read with care
   */
  take(bytes: Buffer, from: number): number {
    const next = this.scan(bytes, from);
    if (next !== -1 && !this.mayBeLayout(bytes)) return next;
    const end = next === -1 ? bytes.indexOf(lineFeed, from) + 1 : next;
    return -(end === 0 ? bytes.length : end);
  }

  private scan(bytes: Uint8Array, from: number): number {
    const { columns, delimiter } = this;
    if (bytes[from] === markByte) return -1;
    for (let cell = 0, at = from; cell <= columns; cell += 1) {
      const end =
        bytes[at] === quote ? this.quotedCell(bytes, at + 1, cell) : this.bareCell(bytes, at, cell);
      if (end >= bytes.length || bytes[end] === lineFeed)
        return this.isWhole(cell + 1) ? Math.min(end + 1, bytes.length) : -1;
      if (end === -1 || bytes[end] !== delimiter) return -1;
      at = end + 1;
    }
    return -1;
  }

  /** @returns where the delimiter or line end stands; -1 for a quote in mid-cell */
  private bareCell(bytes: Uint8Array, start: number, cell: number): number {
    const stop = this.count(bytes, { start, cell, kinds: this.bareKinds });
    if (bytes[stop] === quote) return -1;
    let end = stop;
    // More than one where a CRLF file was converted to CRLF once more.
    if (bytes[stop] !== this.delimiter)
      while (end > start && bytes[end - 1] === carriageReturn) end -= 1;
    this.note(bytes, cell, start, end);
    return stop;
  }

  /** A quote that is doubled, or closes nothing, is for those who read with care. */
  private quotedCell(bytes: Uint8Array, start: number, cell: number): number {
    const end = this.count(bytes, { start, cell, kinds: this.quotedKinds });
    if (bytes[end] !== quote) return -1;
    this.note(bytes, cell, start, end);
    const after = end + 1;
    const isLineEnd = bytes[after + 1] === lineFeed || after + 1 >= bytes.length;
    return bytes[after] === carriageReturn && isLineEnd ? after + 1 : after;
  }

  /** Notes what the bytes up to the cell's end are. @returns where it ends */
  private count(
    bytes: Uint8Array,
    {
      start,
      cell,
      kinds,
    }: { readonly start: number; readonly cell: number; readonly kinds: Int8Array },
  ): number {
    const { length } = bytes;
    let numerals = 0;
    let all = 0;
    let at = start;
    for (; at < length; at += 1) {
      const kind = kinds[bytes[at] ?? 0] ?? 0;
      if (kind < 0) break;
      numerals += kind & numeral;
      all |= kind;
    }
    this.digits[cell] = numerals;
    this.isWide[cell] = all & wide;
    return at;
  }

  /** Outer spaces off. */
  private note(bytes: Uint8Array, cell: number, start: number, end: number): void {
    let from = start;
    while (from < end && bytes[from] === space) from += 1;
    let to = end;
    while (to > from && bytes[to - 1] === space) to -= 1;
    this.starts[cell] = from;
    this.ends[cell] = to;
  }

  private isWhole(cells: number): boolean {
    const { columns, starts, ends } = this;
    return cells === columns || (cells === columns + 1 && starts[columns] === ends[columns]);
  }

  /** Those that begin with a printable sign of ASCII or with an Indian one: of others it is not sure. */
  private filledCells(bytes: Buffer): number {
    const { starts, ends, columns } = this;
    let filled = 0;
    for (let cell = 0; cell < columns; cell += 1) {
      const start = starts[cell] ?? 0;
      const byte = bytes[start] ?? 0;
      const isSure = (byte > space && byte < 0x7f) || byte === indianByte;
      if (isSure && start < (ends[cell] ?? 0)) filled += 1;
    }
    return filled;
  }

  /** A total, a repeated title or header, or a line drawn under it: never asked of a full row. */
  private mayBeLayout(bytes: Buffer): boolean {
    const { starts, ends, sparse } = this;
    if (this.filledCells(bytes) <= sparse) return true;
    const start = starts[0] ?? 0;
    const first = bytes[start] ?? 0;
    if (first === 0x2d || first === 0x3d) return true;
    const sign = String.fromCharCode(first).toLowerCase();
    if (first < 0x80 && sign !== this.headerStart) return false;
    return columnKey(bytes.toString("utf8", start, ends[0])) === this.headerKey;
  }
}

const numeral = 1;
const wide = 2;

/** Bits of what each byte is; -1 for those that end a cell. */
function kindsOf(ends: readonly number[]): Int8Array {
  return Int8Array.from({ length: 256 }, (_, byte) => {
    if (ends.includes(byte)) return -1;
    if (byte >= 0x80) return wide;
    return byte >= 0x30 && byte <= 0x39 ? numeral : 0;
  });
}
