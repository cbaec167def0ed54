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
} from "./csv-encoding.ts";

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

/** How the text of one file is written; the same for all of its blocks. */
export interface TextForm {
  readonly encoding: TextEncodingName;
  /** LF ends lines (CRLF included), or CR with whatever LF follows it. */
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

/** From so many bytes encoding and line ends are judged, however the chunks come. */
const headBytes = 65_536;

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

/** The bytes of a line that stands in the block. */
export function bytesOfLine({ bytes, offset }: ByteBlock, line: CsvLine): Buffer {
  const start = line.offset - offset;
  return bytes.subarray(start, start + line.length);
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
    this.form = { encoding, ending: sniffLineEnd(head, encoding) };
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
  if (!isWide(form)) {
    const found = bytes.indexOf(form.ending, from);
    return found === -1 ? 0 : withPair(bytes, found + 1, form);
  }
  for (let at = from; at + 1 < bytes.length; at += 2) {
    if (isWideEnd(bytes, at, form)) return withPair(bytes, at + 2, form);
  }
  return 0;
}

/** The end of a line after its CR: after an LF that follows as well. */
function withPair(bytes: Buffer, end: number, form: TextForm): number {
  if (form.ending !== carriageReturn) return end;
  if (!isWide(form)) return bytes[end] === lineFeed ? end + 1 : end;
  const isPair = end + 1 < bytes.length && isWideEnd(bytes, end, { ...form, ending: lineFeed });
  return isPair ? end + 2 : end;
}

/** The offset after the last line end, or 0 when there is none. Of a CR at the very end it is not known yet whether an LF follows. */
function lastEnd(bytes: Buffer, form: TextForm): number {
  const unit = isWide(form) ? 2 : 1;
  const known = form.ending === carriageReturn ? 2 : 1;
  const from = (isWide(form) ? bytes.length & ~1 : bytes.length) - known * unit;
  if (from < 0) return 0;
  if (!isWide(form)) {
    const found = bytes.lastIndexOf(form.ending, from);
    return found === -1 ? 0 : withPair(bytes, found + 1, form);
  }
  for (let at = from; at >= 0; at -= 2) {
    if (isWideEnd(bytes, at, form)) return withPair(bytes, at + 2, form);
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

/** True for a block that can be read from its bytes: sound UTF-8 without NUL, its lines ended by LF. */
export function isPlainBlock({ bytes }: ByteBlock, { encoding, ending }: TextForm): boolean {
  if (ending !== lineFeed || bytes.includes(0)) return false;
  return encoding === "utf-8" ? isSoundUtf8(bytes) : isAsciiBased(encoding) && isAscii(bytes);
}

/** In these encodings, too, ASCII is ASCII. */
function isAsciiBased(encoding: string): boolean {
  return encoding === "windows-1252" || encoding.startsWith("iso-8859-");
}

/** The line of a plain block at these bytes. */
export function plainLineAt(
  { bytes, offset }: ByteBlock,
  { line, start, end }: { readonly line: number; readonly start: number; readonly end: number },
): CsvLine {
  const text = textOf(bytes.toString("utf8", start, end));
  return { text, line, offset: offset + start, length: end - start };
}

function eachNarrowLine(
  { bytes, offset, line, skip }: ByteBlock,
  form: TextForm,
  take: (line: CsvLine) => void,
): void {
  const decode = decoderOf(bytes, form);
  const isUtf = form.encoding === "utf-8";
  const isSound = !bytes.includes(0) && (!isUtf || isSoundUtf8(bytes));
  let number = line;
  for (let at = 0; at < bytes.length; number += 1) {
    const end = endAfter(bytes, at, form) || bytes.length;
    const text = textOf(decode(bytes, at === 0 ? skip : at, end));
    const place = { text, line: number, offset: offset + at, length: end - at };
    const damage = isSound ? null : damageOf(bytes.subarray(at, end), isUtf);
    take(damage === null ? place : { ...place, damage });
    at = end;
  }
}

function damageOf(line: Buffer, isUtf: boolean): LineDamage | null {
  if (line.includes(0)) return "nul";
  if (!isUtf || isSoundUtf8(line)) return null;
  return isUtf8(line) || hasIndianUtf8(line) ? "encoding" : null;
}

/** `à¤` and `à¥` as UTF-8: what Devanagari becomes when a program takes its bytes for Latin letters and encodes them again. */
const encodedTwice = [Buffer.from("à¤"), Buffer.from("à¥")];

function isSoundUtf8(bytes: Buffer): boolean {
  return isUtf8(bytes) && !encodedTwice.some((signs) => bytes.includes(signs));
}

/** A line's text without its end. Each of several exports that were joined brings its own byte order mark. */
function textOf(decoded: string): string {
  return trimEnding(decoded.charCodeAt(0) === byteOrderMark ? decoded.slice(1) : decoded);
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
    const next = found + 1;
    const isPair = form.ending === carriageReturn && text.charCodeAt(next) === lineFeed;
    const end = found === -1 ? text.length : isPair ? next + 1 : next;
    const own = text.slice(at === 0 && skip > 0 ? 1 : at, end);
    const place = {
      text: textOf(own),
      line: number,
      offset: offset + at * 2,
      // Half a character at the end of a truncated file is one more unit of text, and one byte.
      length: Math.min(end * 2, bytes.length) - at * 2,
    };
    take(own.includes("\u0000") ? { ...place, damage: "nul" } : place);
    at = end;
  }
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
