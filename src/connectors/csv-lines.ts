/** Physical lines of a byte stream with their offsets, decoded as they come; the bytes themselves are kept for the archive. */

import { isAscii, isUtf8 } from "node:buffer";

export interface CsvLine {
  /** The line's text without its line end. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
  /** Bytes from the start of the file, and bytes of the line with its line end. */
  readonly offset: number;
  readonly length: number;
}

/** A run of whole lines and the bytes they were read from. */
export interface LineBlock {
  readonly lines: readonly CsvLine[];
  readonly bytes: Buffer;
  readonly offset: number;
  readonly encoding: string;
}

export type TextEncodingName = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252" | (string & {});

/** From so many bytes encoding and line ends are judged, however the chunks come. */
const headBytes = 65_536;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * What the first bytes say of the encoding: a byte order mark, then the NUL pattern of UTF-16, else UTF-8
 * (each line that is not valid UTF-8 is read as windows-1252: exports are concatenated, and change in mid-file).
 */
export function sniffEncoding(head: Uint8Array): {
  readonly encoding: TextEncodingName;
  readonly bomBytes: number;
} {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf)
    return { encoding: "utf-8", bomBytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: "utf-16le", bomBytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: "utf-16be", bomBytes: 2 };
  let evenZeros = 0;
  let oddZeros = 0;
  const units = Math.floor(Math.min(head.length, 4096) / 2);
  for (let unit = 0; unit < units; unit += 1) {
    if (head[unit * 2] === 0) evenZeros += 1;
    if (head[unit * 2 + 1] === 0) oddZeros += 1;
  }
  if (oddZeros > units * 0.3 && evenZeros < units * 0.1)
    return { encoding: "utf-16le", bomBytes: 0 };
  if (evenZeros > units * 0.3 && oddZeros < units * 0.1)
    return { encoding: "utf-16be", bomBytes: 0 };
  return { encoding: "utf-8", bomBytes: 0 };
}

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
  /** LF ends lines where the file has one at all (CRLF included); else CR does. */
  private readonly ending: number;
  private skip: number;
  private offset = 0;
  private line = 1;

  constructor(head: Buffer, forced: string | null) {
    const sniffed = sniffEncoding(head);
    this.encoding = forced ?? sniffed.encoding;
    this.skip = forced === null || forced === sniffed.encoding ? sniffed.bomBytes : 0;
    this.wide = this.encoding.startsWith("utf-16");
    const has = (sign: number) => this.findEnd(head, { sign, from: 0, step: 1 }) >= 0;
    this.ending = has(lineFeed) || !has(carriageReturn) ? lineFeed : carriageReturn;
  }

  /** The whole lines at the start of `bytes`, or null when not even one has ended. */
  take(bytes: Buffer, isLast: boolean): LineBlock | null {
    const end = isLast
      ? bytes.length
      : this.wide
        ? this.lastWideEnd(bytes)
        : bytes.lastIndexOf(this.ending) + 1;
    if (end === 0) return null;
    const own = bytes.subarray(0, end);
    const lines = this.wide ? this.wideLines(own) : this.narrowLines(own);
    const block = { lines, bytes: own, offset: this.offset, encoding: this.encoding };
    this.offset += end;
    this.skip = 0;
    return block;
  }

  /** Whole lines end after it; 0 when none does. */
  private lastWideEnd(bytes: Buffer): number {
    const last = (bytes.length & ~1) - 2;
    return this.findEnd(bytes, { sign: this.ending, from: last, step: -1 }) + 2;
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
    let at = 0;
    while (at < bytes.length) {
      const found = bytes.indexOf(this.ending, at);
      const end = found === -1 ? bytes.length : found + 1;
      const start = at === 0 ? this.skip : at;
      this.push(lines, trimEnding(decode(bytes, start, end)), this.offset + at, end - at);
      at = end;
    }
    return lines;
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
      const end = found === -1 ? text.length : found + 1;
      const start = at === 0 && this.skip > 0 ? 1 : at;
      // Half a character at the end of a truncated file is one more unit of text, and one byte.
      const length = Math.min(end * 2, bytes.length) - at * 2;
      this.push(lines, trimEnding(text.slice(start, end)), this.offset + at * 2, length);
      at = end;
    }
    return lines;
  }

  private push(lines: CsvLine[], text: string, offset: number, length: number): void {
    lines.push({ text, line: this.line, offset, length });
    this.line += 1;
  }
}

function trimEnding(text: string): string {
  let end = text.length;
  if (text.charCodeAt(end - 1) === lineFeed) end -= 1;
  if (text.charCodeAt(end - 1) === carriageReturn) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

const windows1252 = new TextDecoder("windows-1252");

/** A line that is not UTF-8 is in the code page of Indian Windows machines: every byte has a meaning there. */
function decodeLine(bytes: Buffer, start: number, end: number): string {
  const line = bytes.subarray(start, end);
  return isUtf8(line) ? line.toString("utf8") : windows1252.decode(line);
}
