/** Cuts a stream of bytes into physical lines (CR, LF, CRLF), keeping only the units somebody still needs. */
import {
  type CodeUnits,
  detectFormat,
  formatProbeBytes,
  type UnitFormat,
  unitsOf,
} from "./code-units.ts";
import type { Span } from "./line-kind.ts";

/** What ended a line; `none` for the last line of a file, `cut` for a piece of a line too long to hold. */
export type LineEnd = "cr" | "lf" | "crlf" | "none" | "cut";

/** One physical line. Units are counted from the start of the file; `next` is where the following line starts. */
export interface ScannedLine extends Span {
  readonly next: number;
  /** 1-based. */
  readonly number: number;
  readonly endedBy: LineEnd;
}

const carriageReturn = 0x0d;
const lineFeed = 0x0a;

export class LineScanner {
  /** Null until enough bytes came to tell the encoding. */
  format: UnitFormat | null = null;
  /** Physical lines begun and ended so far. */
  lines = 0;
  readonly #forced: string | null;
  #unread: Uint8Array = new Uint8Array(0);
  #units: CodeUnits = new Uint8Array(0);
  /** Where `#units` starts in the file, in units. */
  #base = 0;
  #scanAt = 0;
  #lineStart = 0;

  constructor(forcedEncoding: string | null) {
    this.#forced = forcedEncoding;
  }

  /** Where the line now being read starts, in units. */
  get lineStart(): number {
    return this.#lineStart;
  }

  /** Where the units given so far end. */
  get end(): number {
    return this.#base + this.#units.length;
  }

  /** Takes the next bytes, which must not change afterwards; units before `keepFrom` are dropped. */
  push(bytes: Uint8Array, keepFrom: number): void {
    this.#unread = joinBytes(this.#unread, bytes);
    if (this.format === null && this.#unread.length < formatProbeBytes) return;
    this.#takeUnread(keepFrom);
  }

  /** Takes what was held back: a file shorter than the probe. An odd last byte of UTF-16 belongs to no unit and is dropped. */
  finish(): void {
    if (this.format === null) this.#takeUnread(0);
  }

  #takeUnread(keepFrom: number): void {
    if (this.format === null) {
      this.format = detectFormat(this.#unread, this.#forced);
    }
    const { width } = this.format;
    const whole = this.#unread.length - (this.#unread.length % width);
    const units = unitsOf(this.#unread.subarray(0, whole), this.format);
    this.#unread = this.#unread.subarray(whole);
    const kept = this.#units.subarray(Math.max(0, keepFrom - this.#base));
    this.#base = this.end - kept.length;
    this.#units = kept.length === 0 ? units : joinUnits(kept, units);
  }

  /** Units of a span that is still held, without copying. */
  slice(span: Span): CodeUnits {
    return this.#units.subarray(span.start - this.#base, span.end - this.#base);
  }

  /** The next whole line, or null when more bytes are needed. At the end of the file the rest is a line, if there is any. */
  next(atEnd: boolean): ScannedLine | null {
    const units = this.#units;
    for (let index = this.#scanAt - this.#base; index < units.length; index += 1) {
      const unit = units[index] ?? 0;
      if (unit > carriageReturn || (unit !== carriageReturn && unit !== lineFeed)) continue;
      if (unit === lineFeed) return this.#line(index, 1, "lf");
      if (index + 1 === units.length && !atEnd) {
        this.#scanAt = this.#base + index;
        return null;
      }
      return units[index + 1] === lineFeed
        ? this.#line(index, 2, "crlf")
        : this.#line(index, 1, "cr");
    }
    this.#scanAt = this.end;
    return atEnd && this.end > this.#lineStart ? this.#line(units.length, 0, "none") : null;
  }

  /** Gives up holding the line now being read: what was read of it, as a piece that ends no line. */
  cut(): ScannedLine {
    const piece = {
      start: this.#lineStart,
      end: this.end,
      next: this.end,
      number: this.lines + 1,
      endedBy: "cut" as const,
    };
    this.#lineStart = this.end;
    this.#scanAt = this.end;
    return piece;
  }

  #line(index: number, endLength: number, endedBy: LineEnd): ScannedLine {
    const start = this.#lineStart;
    const end = this.#base + index;
    this.lines += 1;
    this.#lineStart = end + endLength;
    this.#scanAt = this.#lineStart;
    return { start, end, next: this.#lineStart, number: this.lines, endedBy };
  }
}

function joinBytes(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length === 0) return right;
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}

function joinUnits(left: CodeUnits, right: CodeUnits): CodeUnits {
  const length = left.length + right.length;
  const joined = right instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}
