/**
 * The bytes of a PDF 1.6 file, written front to back: objects, cross-reference table, trailer. It keeps offsets, not objects,
 * so that a file of any number of pages takes constant memory. Nothing in it comes from a clock: equal content, equal bytes.
 */
import { createHash } from "node:crypto";

const firstBufferLength = 1 << 18;

export class PdfWriter {
  #buffer: Buffer = Buffer.alloc(firstBufferLength);
  #used = 0;
  #flushed = 0;
  readonly #offsets: number[] = [];
  readonly #hash = createHash("sha256");

  constructor() {
    // The comment with high bytes tells transfer programs that the file is binary (ISO 32000-1, 7.5.2).
    this.#write("%PDF-1.6\n%\xe2\xe3\xcf\xd3\n");
  }

  /** Bytes waiting to be taken. */
  get pending(): number {
    return this.#used;
  }

  /** A number for an object that is written later. */
  reserve(): number {
    this.#offsets.push(0);
    return this.#offsets.length;
  }

  /** Writes an object of the given number; `body` is latin1. */
  object(number: number, body: string): void {
    this.#begin(number);
    this.#write(`${body}\nendobj\n`);
  }

  /** Writes a stream; `entries` are those of its dictionary besides the length. */
  stream(number: number, entries: string, data: Uint8Array | string): void {
    this.#begin(number);
    this.#write(`<<${entries}/Length ${data.length}>>stream\n`);
    if (typeof data === "string") this.#write(data);
    else this.#append(data);
    this.#write("\nendstream\nendobj\n");
  }

  /** Hands over what has been written since the last call. */
  take(): Uint8Array {
    const chunk = Uint8Array.from(this.#buffer.subarray(0, this.#used));
    this.#hash.update(chunk);
    this.#flushed += this.#used;
    this.#used = 0;
    return chunk;
  }

  /** Table and trailer; its file identifier is a hash of all that comes before. */
  finish(catalog: number, info: number): Uint8Array {
    const body = this.take();
    const id = this.#hash.digest("hex").slice(0, 32);
    const start = this.#flushed;
    const size = this.#offsets.length + 1;
    const entries = this.#offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`);
    this.#write(`xref\n0 ${size}\n0000000000 65535 f \n${entries.join("")}`);
    this.#write(
      `trailer\n<</Size ${size}/Root ${catalog} 0 R/Info ${info} 0 R/ID[<${id}><${id}>]>>\n`,
    );
    this.#write(`startxref\n${start}\n%%EOF\n`);
    return Buffer.concat([body, this.#buffer.subarray(0, this.#used)]);
  }

  #begin(number: number): void {
    this.#offsets[number - 1] = this.#flushed + this.#used;
    this.#write(`${number} 0 obj\n`);
  }

  #write(text: string): void {
    this.#makeRoom(text.length);
    this.#used += this.#buffer.write(text, this.#used, "latin1");
  }

  #append(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #makeRoom(length: number): void {
    if (this.#used + length <= this.#buffer.length) return;
    const larger = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#used + length));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}

/** A literal string of bytes given as latin1; what has a meaning inside parentheses is escaped. */
export function pdfString(latin1: string): string {
  return `(${latin1.replace(/[\\()\r]/g, (byte) => (byte === "\r" ? "\\r" : `\\${byte}`))})`;
}

/** A text string in UTF-16 with its byte order mark, as latin1 of its bytes. */
export function pdfText(text: string): string {
  let bytes = "\xfe\xff";
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    bytes += String.fromCharCode(unit >>> 8, unit & 0xff);
  }
  return pdfString(bytes);
}

/** A number with at most three decimals: a thousandth of a point is 0.35 micrometers. */
export function pdfNumber(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
