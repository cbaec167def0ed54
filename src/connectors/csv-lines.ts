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

/** How the text of one file is written; the same for all of its blocks. */
export interface TextForm {
  readonly encoding: TextEncodingName;
  /** LF ends lines where the file has one at all (CRLF included); else CR does. */
  readonly ending: number;
}

/** A run of whole lines, as bytes. */
export interface ByteBlock {
  readonly bytes: Buffer;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Number of the block's first line, 1-based. */
  readonly line: number;
  /** Bytes of a byte order mark before the text. */
  readonly skip: number;
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

/** A file as blocks of whole lines, with the form they share. A single line is never cut, whatever its length. */
export async function* readByteBlocks(
  chunks: AsyncIterable<Uint8Array>,
  forcedEncoding: string | null,
): AsyncGenerator<{ readonly block: ByteBlock; readonly form: TextForm }> {
  let cutter: BlockCutter | null = null;
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
    cutter ??= new BlockCutter(rest.subarray(0, headBytes), forcedEncoding);
    const block = cutter.cut(rest, false);
    enoughBytes = block === null ? rest.length * 2 : 0;
    if (block === null) continue;
    rest = rest.subarray(block.bytes.length);
    yield { block, form: cutter.form };
  }
  rest = Buffer.concat([rest, ...waiting]);
  if (rest.length === 0) return;
  cutter ??= new BlockCutter(rest, forcedEncoding);
  const last = cutter.cut(rest, true);
  if (last !== null) yield { block: last, form: cutter.form };
}

/** Two blocks that follow each other as one. */
export function joinBlocks(first: ByteBlock, next: ByteBlock): ByteBlock {
  return { ...first, bytes: Buffer.concat([first.bytes, next.bytes]) };
}

/** Cuts bytes after their last line end, and knows the number of the next line. */
class BlockCutter {
  readonly form: TextForm;
  private skip: number;
  private offset = 0;
  private line = 1;

  constructor(head: Buffer, forced: string | null) {
    const sniffed = sniffEncoding(head);
    const encoding = forced ?? sniffed.encoding;
    this.skip = forced === null || forced === sniffed.encoding ? sniffed.bomBytes : 0;
    const has = (ending: number) => endAfter(head, 0, { encoding, ending }) > 0;
    this.form = {
      encoding,
      ending: has(lineFeed) || !has(carriageReturn) ? lineFeed : carriageReturn,
    };
  }

  /** The whole lines at the start of `bytes`, or null when not even one has ended. */
  cut(bytes: Buffer, isLast: boolean): ByteBlock | null {
    const end = isLast ? bytes.length : lastEnd(bytes, this.form);
    if (end === 0) return null;
    const block = {
      bytes: bytes.subarray(0, end),
      offset: this.offset,
      line: this.line,
      skip: this.skip,
    };
    this.offset += end;
    this.line += countLines(block.bytes, this.form);
    this.skip = 0;
    return block;
  }
}

/** UTF-16 has two bytes a sign; all other encodings end lines with a single byte. */
function isWide({ encoding }: TextForm): boolean {
  return encoding.startsWith("utf-16");
}

/** The offset after the next line end, or 0 when there is none. */
function endAfter(bytes: Buffer, from: number, form: TextForm): number {
  if (!isWide(form)) return bytes.indexOf(form.ending, from) + 1;
  for (let at = from; at + 1 < bytes.length; at += 2) {
    if (isWideEnd(bytes, at, form)) return at + 2;
  }
  return 0;
}

/** The offset after the last line end, or 0 when there is none. */
function lastEnd(bytes: Buffer, form: TextForm): number {
  if (!isWide(form)) return bytes.lastIndexOf(form.ending) + 1;
  for (let at = (bytes.length & ~1) - 2; at >= 0; at -= 2) {
    if (isWideEnd(bytes, at, form)) return at + 2;
  }
  return 0;
}

function isWideEnd(bytes: Buffer, at: number, { encoding, ending }: TextForm): boolean {
  const low = encoding === "utf-16le" ? 0 : 1;
  return bytes[at + low] === ending && bytes[at + 1 - low] === 0;
}

/** Lines that begin in the bytes; the last may lack its end. */
export function countLines(bytes: Buffer, form: TextForm): number {
  let lines = 0;
  for (let at = 0; at < bytes.length; lines += 1) {
    const end = endAfter(bytes, at, form);
    if (end === 0) return lines + 1;
    at = end;
  }
  return lines;
}

/** The lines of a block, decoded; a line's number, offset and length are those in the file. */
export function linesOf(block: ByteBlock, form: TextForm): readonly CsvLine[] {
  const lines: CsvLine[] = [];
  eachLine(block, form, (line) => lines.push(line));
  return lines;
}

/** Gives one line after the other: nothing of a line is kept longer than its taker keeps it. */
export function eachLine(block: ByteBlock, form: TextForm, take: (line: CsvLine) => void): void {
  if (isWide(form)) eachWideLine(block, form, take);
  else eachNarrowLine(block, form, take);
}

function eachNarrowLine(
  { bytes, offset, line, skip }: ByteBlock,
  form: TextForm,
  take: (line: CsvLine) => void,
): void {
  const decode = decoderOf(bytes, form);
  let number = line;
  for (let at = 0; at < bytes.length; number += 1) {
    const end = endAfter(bytes, at, form) || bytes.length;
    const text = trimEnding(decode(bytes, at === 0 ? skip : at, end));
    take({ text, line: number, offset: offset + at, length: end - at });
    at = end;
  }
}

/** The fastest decoder that is right for every line of the block. */
function decoderOf(
  bytes: Buffer,
  { encoding }: TextForm,
): (bytes: Buffer, start: number, end: number) => string {
  if (encoding === "utf-8") {
    if (isAscii(bytes)) return (all, start, end) => all.toString("latin1", start, end);
    return isUtf8(bytes) ? (all, start, end) => all.toString("utf8", start, end) : decodeLine;
  }
  const decoder = new TextDecoder(encoding);
  return (all, start, end) => decoder.decode(all.subarray(start, end));
}

function eachWideLine(
  { bytes, offset, line, skip }: ByteBlock,
  form: TextForm,
  take: (line: CsvLine) => void,
): void {
  const text = new TextDecoder(form.encoding, { ignoreBOM: true }).decode(bytes);
  const ending = String.fromCharCode(form.ending);
  let number = line;
  for (let at = 0; at < text.length; number += 1) {
    const found = text.indexOf(ending, at);
    const end = found === -1 ? text.length : found + 1;
    const start = at === 0 && skip > 0 ? 1 : at;
    take({
      text: trimEnding(text.slice(start, end)),
      line: number,
      offset: offset + at * 2,
      // Half a character at the end of a truncated file is one more unit of text, and one byte.
      length: Math.min(end * 2, bytes.length) - at * 2,
    });
    at = end;
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
