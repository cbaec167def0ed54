/** Physical lines of a byte stream with their offsets, decoded as they come; the bytes themselves are kept for the archive. */

import { isAscii, isUtf8 } from "node:buffer";
import { decodeMixed, hasIndianUtf8 } from "../platform/mixed-text.ts";
import {
  byteOrderMark,
  carriageReturn,
  lineFeed,
  sniffEncoding,
  sniffLineEnd,
  type TextEncodingName,
} from "./csv-sniff.ts";

export interface CsvLine {
  /** The line's text without its line end. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
  /** Bytes from the start of the file, and bytes of the line with its line end. */
  readonly offset: number;
  readonly length: number;
  /** What makes the line unfit to be read; absent for nearly every line. */
  readonly damage?: LineDamage;
}

/** NUL bytes in it, or Indian text that lost bytes or was encoded twice: no reading of either is what was written. */
export type LineDamage = "nul" | "encoding";

/** A run of whole lines and the bytes they were read from. */
export interface LineBlock {
  readonly lines: readonly CsvLine[];
  readonly bytes: Buffer;
  readonly offset: number;
  readonly encoding: string;
}

/** From so many bytes encoding and line ends are judged, however the chunks come. */
const headBytes = 65_536;

/** Splits chunks at CR, LF or CRLF into blocks of whole lines. A single line is never cut, whatever its length. */
export async function* readLineBlocks(
  chunks: AsyncIterable<Uint8Array>,
  forcedEncoding: string | null,
): AsyncGenerator<LineBlock> {
  let splitter: LineSplitter | null = null;
  let rest: Buffer = Buffer.alloc(0);
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  // A line without an end is looked through again only when it is twice as long: else each chunk would cost the whole.
  let enoughBytes = headBytes;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (rest.length + waitingBytes < enoughBytes) continue;
    rest = Buffer.concat([rest, ...waiting]);
    waiting = [];
    waitingBytes = 0;
    splitter ??= new LineSplitter(rest.subarray(0, headBytes), forcedEncoding);
    const block = splitter.take(rest, false);
    enoughBytes = block === null ? rest.length * 2 : 0;
    if (block === null) continue;
    rest = rest.subarray(block.bytes.length);
    yield block;
  }
  rest = Buffer.concat([rest, ...waiting]);
  if (rest.length === 0) return;
  splitter ??= new LineSplitter(rest, forcedEncoding);
  const last = splitter.take(rest, true);
  if (last !== null) yield last;
}

class LineSplitter {
  private readonly encoding: TextEncodingName;
  private readonly wide: boolean;
  /** LF ends lines (CRLF included), or CR with whatever LF follows it. */
  private readonly ending: number;
  private skip: number;
  private offset = 0;
  private line = 1;

  constructor(head: Buffer, forced: string | null) {
    const sniffed = sniffEncoding(head);
    this.encoding = forced ?? sniffed.encoding;
    this.skip = forced === null || forced === sniffed.encoding ? sniffed.bomBytes : 0;
    this.wide = this.encoding.startsWith("utf-16");
    this.ending = sniffLineEnd(head, this.encoding);
  }

  /** The whole lines at the start of `bytes`, or null when not even one has ended. */
  take(bytes: Buffer, isLast: boolean): LineBlock | null {
    const end = isLast ? bytes.length : this.lastEnd(bytes);
    if (end === 0) return null;
    const own = bytes.subarray(0, end);
    const lines = this.wide ? this.wideLines(own) : this.narrowLines(own);
    const block = { lines, bytes: own, offset: this.offset, encoding: this.encoding };
    this.offset += end;
    this.skip = 0;
    return block;
  }

  /** Whole lines end before it; 0 when none does. Of a CR at the very end it is not known yet whether an LF follows. */
  private lastEnd(bytes: Buffer): number {
    const unit = this.wide ? 2 : 1;
    const known = this.ending === carriageReturn ? 2 : 1;
    const from = (this.wide ? bytes.length & ~1 : bytes.length) - known * unit;
    const found = from < 0 ? -1 : this.findEnd(bytes, { sign: this.ending, from, step: -1 });
    return found < 0 ? 0 : this.endAfter(bytes, found);
  }

  /** Where the line ends whose last sign stands at `found`: after an LF that follows a CR as well. */
  private endAfter(bytes: Buffer, found: number): number {
    const unit = this.wide ? 2 : 1;
    const end = found + unit;
    if (this.ending !== carriageReturn || end + unit > bytes.length) return end;
    return this.findEnd(bytes.subarray(end, end + unit), { sign: lineFeed, from: 0, step: 1 }) === 0
      ? end + unit
      : end;
  }

  /** Offset of a sign, in either width, looking forwards or backwards; -2 (wide) or -1 when there is none. */
  private findEnd(
    bytes: Buffer,
    { sign, from, step }: { sign: number; from: number; step: 1 | -1 },
  ): number {
    if (!this.wide) return step === 1 ? bytes.indexOf(sign, from) : bytes.lastIndexOf(sign, from);
    const low = this.encoding === "utf-16le" ? 0 : 1;
    for (let at = from; at >= 0 && at + 1 < bytes.length; at += 2 * step) {
      if (bytes[at + low] === sign && bytes[at + 1 - low] === 0) return at;
    }
    return -2;
  }

  private narrowLines(bytes: Buffer): CsvLine[] {
    const lines: CsvLine[] = [];
    const decode = this.decoder(bytes);
    const isSound = !bytes.includes(0) && (this.encoding !== "utf-8" || isSoundUtf8(bytes));
    let at = 0;
    while (at < bytes.length) {
      const found = bytes.indexOf(this.ending, at);
      const end = found === -1 ? bytes.length : this.endAfter(bytes, found);
      const start = at === 0 ? this.skip : at;
      const text = decode(bytes, start, end);
      const damage = isSound ? null : this.damageOf(bytes.subarray(at, end));
      this.push(lines, { text, offset: this.offset + at, length: end - at, damage });
      at = end;
    }
    return lines;
  }

  private damageOf(line: Buffer): LineDamage | null {
    if (line.includes(0)) return "nul";
    if (this.encoding !== "utf-8" || isSoundUtf8(line)) return null;
    if (isUtf8(line)) return "encoding";
    return hasIndianUtf8(line) ? "encoding" : null;
  }

  /** The fastest decoder that is right for every line of the block. */
  private decoder(bytes: Buffer): (bytes: Buffer, start: number, end: number) => string {
    if (this.encoding === "utf-8") {
      if (isAscii(bytes)) return (all, start, end) => all.toString("latin1", start, end);
      return isUtf8(bytes) ? (all, start, end) => all.toString("utf8", start, end) : decodeLine;
    }
    const decoder = new TextDecoder(this.encoding);
    return (all, start, end) => decoder.decode(all.subarray(start, end));
  }

  private wideLines(bytes: Buffer): CsvLine[] {
    const text = new TextDecoder(this.encoding, { ignoreBOM: true }).decode(bytes);
    const ending = String.fromCharCode(this.ending);
    const lines: CsvLine[] = [];
    let at = 0;
    while (at < text.length) {
      const found = text.indexOf(ending, at);
      const next = found + 1;
      const isPair = this.ending === carriageReturn && text.charCodeAt(next) === lineFeed;
      const end = found === -1 ? text.length : isPair ? next + 1 : next;
      const start = at === 0 && this.skip > 0 ? 1 : at;
      // Half a character at the end of a truncated file is one more unit of text, and one byte.
      const length = Math.min(end * 2, bytes.length) - at * 2;
      const own = text.slice(start, end);
      const damage = own.includes("\u0000") ? "nul" : null;
      this.push(lines, { text: own, offset: this.offset + at * 2, length, damage });
      at = end;
    }
    return lines;
  }

  private push(
    lines: CsvLine[],
    read: { text: string; offset: number; length: number; damage: LineDamage | null },
  ): void {
    const { offset, length, damage } = read;
    // Each of several exports that were joined brings its own byte order mark.
    const isMarked = read.text.charCodeAt(0) === byteOrderMark;
    const text = trimEnding(isMarked ? read.text.slice(1) : read.text);
    const line = { text, line: this.line, offset, length };
    lines.push(damage === null ? line : { ...line, damage });
    this.line += 1;
  }
}

/** `à¤` and `à¥` as UTF-8: what Devanagari becomes when a program takes its bytes for Latin letters and encodes them again. */
const encodedTwice = [Buffer.from("à¤"), Buffer.from("à¥")];

function isSoundUtf8(bytes: Buffer): boolean {
  return isUtf8(bytes) && !encodedTwice.some((signs) => bytes.includes(signs));
}

function trimEnding(text: string): string {
  let end = text.length;
  if (text.charCodeAt(end - 1) === lineFeed) end -= 1;
  // More than one CR where a CRLF file was converted to CRLF once more.
  while (text.charCodeAt(end - 1) === carriageReturn) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

/** In a line that is not UTF-8, what is not is in the code page of Indian Windows machines: every byte has a meaning there. */
function decodeLine(bytes: Buffer, start: number, end: number): string {
  const line = bytes.subarray(start, end);
  return isUtf8(line) ? line.toString("utf8") : decodeMixed(line);
}
