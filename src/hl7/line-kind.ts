/** What a physical line of an HL7 file is, judged by its first characters. Works on code units, without decoding. */
import type { CodeUnits } from "./code-units.ts";

/** A stretch of units: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `segment` lines need the field separator of their own message; `text` is anything else with content. */
export type LineKind = "blank" | "header" | "layout" | "segment" | "text";

const startBlock = 0x0b;
const endBlock = 0x1c;
const maxSegmentNameLength = 8;

/** True for what MLLP, editors and DOS put around messages: 0x0B, 0x1C, 0x1A, byte order mark, white space. */
function isFraming(unit: number | undefined): boolean {
  return unit === startBlock || unit === endBlock || unit === 0x1a || unit === 0xfeff;
}

function isSpace(unit: number | undefined): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0d || unit === 0x0a || unit === 0x0c;
}

/** The line without framing bytes at its ends, and without a UTF-8 byte order mark in front (joined files have it inside). */
export function trimFraming(units: CodeUnits, line: Span): Span {
  let { start, end } = line;
  while (start < end && (isFraming(units[start]) || isUtf8Bom(units, start))) {
    start += isFraming(units[start]) ? 1 : 3;
  }
  while (end > start && isFraming(units[end - 1])) end -= 1;
  return { start, end };
}

function isUtf8Bom(units: CodeUnits, at: number): boolean {
  return units[at] === 0xef && units[at + 1] === 0xbb && units[at + 2] === 0xbf;
}

/** True when the end-block byte stands in the line: the message before it is over. */
export function endsBlock(units: CodeUnits, line: Span): boolean {
  let end = line.end;
  while (end > line.start && isSpace(units[end - 1])) end -= 1;
  return end > line.start && units[end - 1] === endBlock;
}

/** Judges a line already trimmed by `trimFraming`. `separator` is the field separator of the open message, or null. */
export function lineKind(units: CodeUnits, line: Span, separator: number | null): LineKind {
  if (isBlank(units, line)) return "blank";
  const named = headerName(units, line);
  if (named !== null) return named;
  return separator !== null && isSegmentLine(units, line, separator) ? "segment" : "text";
}

function isBlank(units: CodeUnits, line: Span): boolean {
  for (let index = line.start; index < line.end; index += 1) {
    if (!isSpace(units[index])) return false;
  }
  return true;
}

function headerName(units: CodeUnits, line: Span): "header" | "layout" | null {
  const { start } = line;
  const atEnd = line.end === start + 3;
  if (isAscii(units, start, "MSH") && !atEnd)
    return isSeparator(units[start + 3]) ? "header" : null;
  const layout =
    isAscii(units, start, "FHS") ||
    isAscii(units, start, "BHS") ||
    isAscii(units, start, "BTS") ||
    isAscii(units, start, "FTS");
  return layout && (atEnd || isSeparator(units[start + 3])) ? "layout" : null;
}

function isAscii(units: CodeUnits, start: number, name: string): boolean {
  return (
    units[start] === name.charCodeAt(0) &&
    units[start + 1] === name.charCodeAt(1) &&
    units[start + 2] === name.charCodeAt(2)
  );
}

/** Any visible ASCII character that is neither letter nor digit may be MSH-1. */
export function isSeparator(unit: number | undefined): boolean {
  return unit !== undefined && unit > 0x20 && unit < 0x7f && !isAlphanumeric(unit);
}

function isAlphanumeric(unit: number): boolean {
  return (
    (unit >= 0x30 && unit <= 0x39) ||
    (unit >= 0x41 && unit <= 0x5a) ||
    (unit >= 0x61 && unit <= 0x7a)
  );
}

/** A name of at most eight letters or digits (misspelt ones too, even none), then the separator; or three capitals alone. */
function isSegmentLine(units: CodeUnits, line: Span, separator: number): boolean {
  const last = Math.min(line.end, line.start + maxSegmentNameLength);
  let index = line.start;
  while (index < last && isNameUnit(units[index])) index += 1;
  if (index === line.end) return index - line.start === 3;
  return units[index] === separator;
}

function isNameUnit(unit: number | undefined): boolean {
  return unit !== undefined && ((unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a));
}
