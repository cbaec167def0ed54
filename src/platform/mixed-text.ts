/** Bytes of which some are UTF-8 and some are not: files are joined from several encodings, and lose bytes on the way. */

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const windows1252 = new TextDecoder("windows-1252");

/** Text of the bytes: whatever is UTF-8 read as such, every other byte as a character of Windows-1252. */
export function decodeMixed(bytes: Uint8Array): string {
  let text = "";
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = utf8Length(bytes, at);
    if (length === 0) {
      text += utf8.decode(bytes.subarray(start, at));
      text += windows1252.decode(bytes.subarray(at, at + 1));
      start = at + 1;
    }
    at += Math.max(1, length);
  }
  return text + utf8.decode(bytes.subarray(start));
}

/** Bytes of the UTF-8 character that begins at an offset; 0 where none does (RFC 3629, section 4). */
export function utf8Length(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const second = bytes[at + 1] ?? 0;
  const [low, high] = secondRange(first);
  if (second < low || second > high) return 0;
  for (let next = at + 2; next < at + length; next += 1)
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Neither a longer form than needed, nor half of a surrogate pair, nor beyond U+10FFFF. */
function secondRange(first: number): readonly [number, number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  return first === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}

/** True for bytes that hold a letter of an Indian script in UTF-8 (U+0900 to U+0DFF). */
export function hasIndianUtf8(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xe0); at !== -1; at = bytes.indexOf(0xe0, at + 1)) {
    const second = bytes[at + 1] ?? 0;
    if (second >= 0xa4 && second <= 0xb7 && utf8Length(bytes, at) === 3) return true;
  }
  return false;
}
