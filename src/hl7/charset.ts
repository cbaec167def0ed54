/** Character sets of HL7 (table 0211, MSH-18) and how a message's bytes become text and bytes again. */
import { decodeMixed, hasIndianUtf8 } from "../platform/mixed-text.ts";
import { type CodeUnits, textOfUtf16 } from "./code-units.ts";
import type { Hl7Defect } from "./defect.ts";

export interface DecodedText {
  readonly text: string;
  /** WHATWG label the text was decoded with. */
  readonly charset: string;
  readonly defect: Hl7Defect | null;
}

/** Table 0211 and what senders write instead, as WHATWG labels. ASCII and UNICODE are read as UTF-8, which contains the one and is the only byte form of the other in use. */
const charsetLabels: Readonly<Record<string, string>> = {
  "": "utf-8",
  ASCII: "utf-8",
  "UNICODE UTF-8": "utf-8",
  "UTF-8": "utf-8",
  UTF8: "utf-8",
  UNICODE: "utf-8",
  "8859/1": "windows-1252",
  "ISO-8859-1": "windows-1252",
  "8859/2": "iso-8859-2",
  "8859/3": "iso-8859-3",
  "8859/4": "iso-8859-4",
  "8859/5": "iso-8859-5",
  "8859/6": "iso-8859-6",
  "8859/7": "iso-8859-7",
  "8859/8": "iso-8859-8",
  "8859/9": "windows-1254",
  "8859/15": "iso-8859-15",
  "WINDOWS-1252": "windows-1252",
  "ISO IR14": "shift_jis",
  "ISO IR87": "iso-2022-jp",
  "ISO IR159": "iso-2022-jp",
  "GB 18030-2000": "gb18030",
  "KS X 1001": "euc-kr",
  "BIG-5": "big5",
};

const unknownCharset: Hl7Defect = {
  reason: "unknown_code",
  rule: "charset_unknown",
  segment: "MSH[1]-18",
  hint: "The character set in MSH-18 is not known and was read as UTF-8 or Windows-1252; set the source's encoding.",
};
const undecodable: Hl7Defect = {
  reason: "invalid",
  rule: "charset_fallback",
  segment: "MSH[1]-18",
  hint: "Some bytes are not what MSH-18 says and were read as Windows-1252; set the source's encoding.",
};
const undeclared: Hl7Defect = {
  reason: "invalid",
  rule: "charset_undeclared",
  segment: "MSH[1]-18",
  hint: "The text is UTF-8 and was read as such, though MSH-18 says otherwise; ask the sender to write UNICODE UTF-8 there.",
};

/** Decodes one message: by the source's own setting, else by MSH-18, else as UTF-8; bytes that do not fit are read as Windows-1252 with a warning. */
export function decodeMessage(content: CodeUnits, forced: string | null): DecodedText {
  if (content instanceof Uint16Array) {
    return { text: textOfUtf16(content), charset: "utf-16le", defect: null };
  }
  const declared = forced ?? charsetLabels[declaredCharset(content)];
  const charset = declared?.toLowerCase() ?? "utf-8";
  if (forced === null && isSingleByte(charset) && hasIndianUtf8(content)) {
    // Senders leave 8859/1 in MSH-18 and write Hindi as UTF-8; read as they say, no letter of it would be one.
    const hindi = tryDecode(content, "utf-8");
    if (hindi !== null) return { text: hindi, charset: "utf-8", defect: undeclared };
  }
  const text = tryDecode(content, charset);
  const defect = declared === undefined && !isAscii(content) ? unknownCharset : null;
  if (text !== null) return { text, charset, defect };
  return { text: decodeMixed(content), charset: "windows-1252", defect: defect ?? undecodable };
}

function isSingleByte(charset: string): boolean {
  return charset.startsWith("windows-125") || charset.startsWith("iso-8859-");
}

/** Bytes as text of a charset; null where they do not fit it or the charset is not known. */
export function tryDecode(bytes: Uint8Array, charset: string): string | null {
  try {
    return decoderOf(charset).decode(bytes);
  } catch {
    // TypeError says "these bytes do not fit", RangeError "no such charset": both are the answer null.
    return null;
  }
}

/** Windows-1252, where every byte is a character. */
export function decodeLatin(bytes: Uint8Array): string {
  return decoderOf("windows-1252").decode(bytes);
}

type Decoder = InstanceType<typeof TextDecoder>;
const decoders = new Map<string, Decoder>();

function decoderOf(charset: string): Decoder {
  const known = decoders.get(charset);
  if (known !== undefined) return known;
  const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  decoders.set(charset, decoder);
  return decoder;
}

/** Text as bytes of UTF-8 or a single-byte charset; null where a character does not exist there or the charset is another. */
export function encodeText(text: string, charset: string): Uint8Array | null {
  if (charset === "utf-8") return new TextEncoder().encode(text);
  const table = encodingTable(charset);
  if (table === null) return null;
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const byte = table.get(text.charAt(index));
    if (byte === undefined) return null;
    bytes[index] = byte;
  }
  return bytes;
}

function encodingTable(charset: string): ReadonlyMap<string, number> | null {
  const table = new Map<string, number>();
  for (let byte = 0; byte < 256; byte += 1) {
    const character = tryDecode(Uint8Array.of(byte), charset);
    if (character?.length === 1) table.set(character, byte);
  }
  return table.size >= 192 ? table : null;
}

const headerProbeBytes = 2000;

/** First repetition of MSH-18, upper case; the header up to there is ASCII in every charset HL7 allows in a byte stream. */
function declaredCharset(content: Uint8Array): string {
  const value = headerText(content, 18);
  if (value === "") return "";
  const repetitionSign = headerText(content, 2).charAt(1);
  const first = repetitionSign === "" ? value : (value.split(repetitionSign)[0] ?? "");
  return first.trim().toUpperCase();
}

/** A field of the MSH (from 2 on), found by its separators, so that only its own bytes are decoded. */
function headerText(content: Uint8Array, position: number): string {
  const separator = content[3];
  const end = Math.min(content.length, headerProbeBytes);
  let field = 1;
  let start = 4;
  for (let index = 4; index < end; index += 1) {
    const byte = content[index];
    const endsLine = byte === 0x0d || byte === 0x0a;
    if (!endsLine && byte !== separator) continue;
    field += 1;
    if (field === position) return decodeLatin(content.subarray(start, index));
    if (endsLine) return "";
    start = index + 1;
  }
  return field + 1 === position ? decodeLatin(content.subarray(start, end)) : "";
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}
