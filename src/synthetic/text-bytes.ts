/** Text to bytes, in chunks that a stream can carry. */

const chunkCharacters = 65_536;

/** Windows-1252's own characters that these exports use, by code point. */
const windows1252 = new Map([
  ["€", 0x80],
  ["‘", 0x91],
  ["’", 0x92],
  ["“", 0x93],
  ["”", 0x94],
  ["–", 0x96],
  ["—", 0x97],
]);

/** Bytes of `text` in Windows-1252; a character it has not becomes `?`, as old software writes it. */
export function encodeWindows1252(text: string): Uint8Array {
  const characters = [...text];
  const bytes = new Uint8Array(characters.length);
  for (const [index, character] of characters.entries()) {
    const code = character.codePointAt(0) ?? 0x3f;
    const isLatin = code < 0x80 || (code >= 0xa0 && code <= 0xff);
    bytes[index] = isLatin ? code : (windows1252.get(character) ?? 0x3f);
  }
  return bytes;
}

/** Joins small pieces into chunks of about 64k characters and encodes them. */
export function* encodedChunks(
  pieces: Iterable<string>,
  encoding: "utf-8" | "windows-1252",
): Generator<Uint8Array> {
  const utf8 = new TextEncoder();
  const encode = (text: string) =>
    encoding === "utf-8" ? utf8.encode(text) : encodeWindows1252(text);
  let pending = "";
  for (const piece of pieces) {
    pending += piece;
    if (pending.length >= chunkCharacters) {
      yield encode(pending);
      pending = "";
    }
  }
  if (pending !== "") yield encode(pending);
}
