/** Physical lines of a text file, counted in its bytes apart from whoever splits them: what the ledger of lines is held against. */

const headBytes = 65_536;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** LF ends lines where the file's head has one (CRLF included), else CR does; what follows the last one is a line as well. */
export class LineCount {
  private ends = 0;
  private ending: number | null = null;
  private last: number | null = null;

  /** @param bytes the next ones of the file, whole characters of them; @param encoding WHATWG label */
  see(bytes: Uint8Array, encoding: string): void {
    if (bytes.length === 0) return;
    const units = unitsOf(bytes, encoding);
    const head = units.subarray(0, headBytes);
    this.ending ??=
      head.includes(lineFeed) || !head.includes(carriageReturn) ? lineFeed : carriageReturn;
    for (let at = units.indexOf(this.ending); at !== -1; at = units.indexOf(this.ending, at + 1))
      this.ends += 1;
    // Half a character at the end of a truncated file is one more unit of text.
    const isHalf = encoding.startsWith("utf-16") && bytes.length % 2 === 1;
    this.last = isHalf ? 0 : (units.at(-1) ?? 0);
  }

  get total(): number {
    return this.ends + (this.last === null || this.last === this.ending ? 0 : 1);
  }
}

function unitsOf(bytes: Uint8Array, encoding: string): Uint8Array | Uint16Array {
  if (!encoding.startsWith("utf-16")) return bytes;
  // Copied: a view of 16-bit units must begin at an even address.
  const even = Buffer.from(bytes.subarray(0, bytes.length & ~1));
  if (encoding === "utf-16be") even.swap16();
  const copy = new Uint8Array(even);
  return new Uint16Array(copy.buffer, 0, copy.length / 2);
}
