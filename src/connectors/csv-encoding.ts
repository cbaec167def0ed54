/** What the first bytes of a text file say of it: its encoding, and what ends its lines. */

export type TextEncodingName = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252" | (string & {});

export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
export const byteOrderMark = 0xfeff;

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
  const units = Math.floor(Math.min(head.length, 4096) / 2);
  const wide = sniffUtf16(head.subarray(0, units * 2));
  // An export of one may have one of the other appended: the first lines say what it begins with.
  const isWide = wide !== null && sniffUtf16(head.subarray(0, Math.min(units * 2, 64))) === wide;
  return { encoding: isWide ? wide : "utf-8", bomBytes: 0 };
}

/** UTF-16 without a mark: the high bytes of its units are zeros, or mostly zeros and the page 09 of Indian scripts. */
function sniffUtf16(head: Uint8Array): "utf-16le" | "utf-16be" | null {
  const even = { indian: 0, zeros: 0 };
  const odd = { indian: 0, zeros: 0 };
  let units = 0;
  for (let at = 0; at + 1 < head.length; at += 2) {
    const [first, second] = [head[at], head[at + 1]];
    // A NUL itself, of which a torn file may have many, is the same either way.
    if (first === 0 && second === 0) continue;
    units += 1;
    countByte(even, first);
    countByte(odd, second);
  }
  const isHigh = (half: typeof even, other: typeof even) => {
    if (half.zeros > units * 0.3) return other.zeros < units * 0.1;
    // A short text with a NUL or two in it is another thing.
    if (units < 16 || half.zeros <= units * 0.02) return false;
    // A torn row may be of any bytes, of the other order as well.
    const high = half.indian + half.zeros;
    return high > units * 0.5 && high > (other.indian + other.zeros) * 2;
  };
  if (isHigh(odd, even)) return "utf-16le";
  return isHigh(even, odd) ? "utf-16be" : null;
}

function countByte(half: { indian: number; zeros: number }, byte: number | undefined): void {
  if (byte === 0x09) half.indian += 1;
  else if (byte === 0) half.zeros += 1;
}

/**
 * CR where it ends the first line and more lines than LF does, or LF stands only beside quotes; else LF. Old Mac files have
 * LF inside of quoted cells, and files of LF lines have CR inside of cells. A stray quote turns what is quoted inside out:
 * no count of unquoted line ends is trusted alone.
 */
export function sniffLineEnd(head: Buffer, encoding: TextEncodingName): number {
  const isWide = encoding.startsWith("utf-16");
  const text = isWide ? new TextDecoder(encoding).decode(head) : head.toString("latin1");
  const all = endsOf(text);
  const unquoted = endsOf(text.replace(/"[^"]*"/g, "x"));
  if ((unquoted.first ?? all.first) !== carriageReturn) return lineFeed;
  if (all.returns > all.feeds) return carriageReturn;
  // An LF that comes first stands in the header's quotes, or a stray quote hides that it ends lines.
  if (all.first === lineFeed)
    return openLines(text, /\r(?!\n)/) < openLines(text, /\n/) ? carriageReturn : lineFeed;
  const isMostly = unquoted.returns > unquoted.feeds;
  return isMostly || hasFeedsInQuotesOnly(text) ? carriageReturn : lineFeed;
}

/** The share of lines that open a quote, or close one that another opened. */
function openLines(text: string, end: RegExp): number {
  const lines = text.split(end);
  return lines.filter((line) => line.split('"').length % 2 === 0).length / lines.length;
}

function hasFeedsInQuotesOnly(text: string): boolean {
  return text.split(/\r(?!\n)/).every((line) => !line.includes("\n") || line.includes('"'));
}

/** Line ends of a text: lone CRs, and LFs with or without a CR before them. */
function endsOf(text: string): { first: number | null; returns: number; feeds: number } {
  const ends = { first: null as number | null, returns: 0, feeds: 0 };
  for (const [end] of text.matchAll(/\r\n|\r|\n/g)) {
    ends.first ??= end === "\r" ? carriageReturn : lineFeed;
    if (end === "\r") ends.returns += 1;
    else ends.feeds += 1;
  }
  return ends;
}
