/** Bytes of a file as code units: one byte each, or two for UTF-16. Framing works on units, so one framer serves both. */

export type CodeUnits = Uint8Array | Uint16Array;
export type UnitWidth = 1 | 2;

/** How the file's bytes become units. `bomUnits` is the length of the byte order mark in units (0 without one). */
export interface UnitFormat {
  readonly width: UnitWidth;
  readonly littleEndian: boolean;
  readonly bomUnits: number;
  /** WHATWG label; null where each message's MSH-18 decides. */
  readonly encoding: "utf-16le" | "utf-16be" | null;
}

const bytewise: UnitFormat = { width: 1, littleEndian: true, bomUnits: 0, encoding: null };
const utf16le: UnitFormat = { width: 2, littleEndian: true, bomUnits: 0, encoding: "utf-16le" };
const utf16be: UnitFormat = { width: 2, littleEndian: false, bomUnits: 0, encoding: "utf-16be" };

/** How many first bytes `detectFormat` wants to see (fewer when the file is shorter). */
export const formatProbeBytes = 4;

/** Tells UTF-16 by its byte order mark, or by `MSH`/`FHS`/`BHS` with a zero beside the first letter; else bytes. */
export function detectFormat(head: Uint8Array, forced: string | null): UnitFormat {
  const [first, second, third, fourth] = head;
  const wanted = forced?.toLowerCase() ?? null;
  if (first === 0xff && second === 0xfe) return { ...utf16le, bomUnits: 1 };
  if (first === 0xfe && second === 0xff) return { ...utf16be, bomUnits: 1 };
  if (wanted === "utf-16le" || wanted === "utf-16") return utf16le;
  if (wanted === "utf-16be") return utf16be;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { ...bytewise, bomUnits: 3 };
  const letter = (byte: number | undefined) => byte === 0x4d || byte === 0x46 || byte === 0x42;
  // After the letter comes another one: NUL upon NUL is a file that was overwritten.
  if (letter(first) && second === 0 && third !== 0 && fourth === 0) return utf16le;
  if (first === 0 && letter(second) && third === 0 && fourth !== 0) return utf16be;
  return bytewise;
}

/** The units of whole-width bytes; the caller keeps an odd last byte back. */
export function unitsOf(bytes: Uint8Array, format: UnitFormat): CodeUnits {
  if (format.width === 1) return bytes;
  const units = new Uint16Array(bytes.length >> 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < units.length; index += 1) {
    units[index] = view.getUint16(index * 2, format.littleEndian);
  }
  return units;
}

const textPieceUnits = 8192;

/** Text of UTF-16 units, in pieces because a call takes only so many arguments. */
export function textOfUtf16(units: Uint16Array): string {
  let text = "";
  for (let start = 0; start < units.length; start += textPieceUnits) {
    text += String.fromCharCode(...units.subarray(start, start + textPieceUnits));
  }
  return text;
}
