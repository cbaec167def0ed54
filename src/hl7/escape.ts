/** HL7 escape sequences, in one pass that never throws; a sequence that is not known stays as it is. */
import { decodeLatin, tryDecode } from "./charset.ts";
import type { Hl7Delimiters } from "./delimiters.ts";

export interface EscapeContext {
  readonly delimiters: Hl7Delimiters;
  /** WHATWG label in which `\X..\` bytes are read. */
  readonly charset: string;
}

/** The text that was meant: `\T\` is the subcomponent sign, `\XE0A4B0\` bytes of the message's charset, `\.br\` a line end. */
export function unescapeText(text: string, context: EscapeContext): string {
  const { escape: sign } = context.delimiters;
  if (sign === null || !text.includes(sign)) return text;
  let meant = "";
  for (const piece of escapePieces(text, context)) meant += piece.meaning;
  return meant;
}

/** A stretch of escaped text and what it means: an escape sequence, or text that stands for itself. */
export interface EscapePiece {
  readonly meaning: string;
  /** Where it stands: code units of the escaped text from `start` up to, not including, `end`. */
  readonly start: number;
  readonly end: number;
  readonly isSequence: boolean;
}

/** The whole of a text in pieces, in order; one pass over it. */
export function* escapePieces(text: string, context: EscapeContext): Generator<EscapePiece> {
  const { escape: sign } = context.delimiters;
  let at = 0;
  // Where what stands for itself began: a sign that opens no sequence is a part of it (`4\5 mg\T\kg`).
  let plainFrom = 0;
  while (sign !== null && at < text.length) {
    const opens = text.indexOf(sign, at);
    const closes = opens === -1 ? -1 : text.indexOf(sign, opens + 1);
    if (closes === -1) break;
    const sequence = sequenceAt(text, { opens, closes, sign }, context);
    at = sequence?.end ?? opens + 1;
    if (sequence === null) continue;
    if (opens > plainFrom) yield plainPiece(text, plainFrom, opens);
    yield sequence;
    plainFrom = at;
  }
  if (plainFrom < text.length) yield plainPiece(text, plainFrom, text.length);
}

function plainPiece(text: string, start: number, end: number): EscapePiece {
  return { meaning: text.slice(start, end), start, end, isSequence: false };
}

function sequenceAt(
  text: string,
  { opens, closes, sign }: { opens: number; closes: number; sign: string },
  context: EscapeContext,
): EscapePiece | null {
  const hex = hexRun(text, opens, sign);
  const meaning =
    hex === null
      ? meaningOf(text.slice(opens + 1, closes), context)
      : hexText(hex.bytes, context.charset);
  if (meaning === null) return null;
  return { meaning, start: opens, end: hex?.end ?? closes + 1, isSequence: true };
}

/** Text with its delimiters, control characters and escape signs escaped, ready to stand in a field. */
export function escapeText(text: string, delimiters: Hl7Delimiters): string {
  const { escape: sign } = delimiters;
  if (sign === null) return text;
  const codes = new Map<string, string>([
    [delimiters.field, "F"],
    [delimiters.component, "S"],
    [sign, "E"],
    ["\r", "X0D"],
    ["\n", "X0A"],
  ]);
  if (delimiters.subcomponent !== null) codes.set(delimiters.subcomponent, "T");
  if (delimiters.repetition !== null) codes.set(delimiters.repetition, "R");
  if (delimiters.truncation !== null) codes.set(delimiters.truncation, "P");
  let escaped = "";
  for (const character of text) {
    const code = codes.get(character);
    escaped += code === undefined ? character : `${sign}${code}${sign}`;
  }
  return escaped;
}

/** What one sequence body means; null where it is none we know (`\C..\`, `\M..\` and `\Z..\` are kept as they are). */
function meaningOf(body: string, { delimiters }: EscapeContext): string | null {
  switch (body) {
    case "F":
      return delimiters.field;
    case "S":
      return delimiters.component;
    case "T":
      return delimiters.subcomponent;
    case "R":
      return delimiters.repetition;
    case "E":
      return delimiters.escape;
    case "P":
      return delimiters.truncation;
    case "H":
    case "N":
    case ".fi":
    case ".nf":
      return "";
    default:
      return formattingOf(body);
  }
}

function formattingOf(body: string): string | null {
  if (body === ".br" || body === ".ce") return "\n";
  const spaced = /^\.sp ?\+?(\d{0,2})$/.exec(body);
  if (spaced !== null) return "\n".repeat(Math.max(1, Number(spaced[1] ?? "")));
  return /^\.(in|ti) ?[+-]?\d{0,3}$/.test(body) ? "" : null;
}

interface HexRun {
  readonly bytes: Uint8Array;
  readonly end: number;
}

/** Bytes inside a UTF-16 message can only be UTF-8: a 16-bit text has no bytes of its own. */
function hexText(bytes: Uint8Array, charset: string): string {
  return tryDecode(bytes, charset.startsWith("utf-16") ? "utf-8" : charset) ?? decodeLatin(bytes);
}

/** `\X..\` sequences standing one after the other are one run: a character's bytes may be spread over them. */
function hexRun(text: string, from: number, sign: string): HexRun | null {
  let digits = "";
  let end = from;
  while (text.startsWith(`${sign}X`, end)) {
    const closes = text.indexOf(sign, end + 2);
    const body = closes === -1 ? "" : text.slice(end + 2, closes).replace(/ /g, "");
    if (body === "" || body.length % 2 !== 0 || !/^[0-9A-Fa-f]+$/.test(body)) break;
    digits += body;
    end = closes + 1;
  }
  if (digits === "") return null;
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  }
  return { bytes, end };
}
