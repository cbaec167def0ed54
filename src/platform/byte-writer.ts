/** Bytes written one after the other into a buffer that grows: for text of which most is there as bytes already. */

const firstBytes = 1 << 16;
const zero = 0x30;
const hexDigits = Buffer.from("0123456789abcdef");

/** Every method but `text` and `reserve` needs room reserved before. */
export class ByteWriter {
  buffer = Buffer.allocUnsafeSlow(firstBytes);
  length = 0;

  /** Room for so many more bytes. */
  reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + more));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  text(text: string): void {
    // No sign of a text takes more than three bytes a code unit.
    this.reserve(text.length * 3);
    this.length += this.buffer.write(text, this.length, "utf8");
  }

  byte(byte: number): void {
    this.buffer[this.length++] = byte;
  }

  /** Short runs: copied byte by byte, which is faster than asking for a copy. */
  bytes(source: Uint8Array, from: number, to: number): void {
    const { buffer } = this;
    let at = this.length;
    for (let index = from; index < to; index += 1) buffer[at++] = source[index] ?? 0;
    this.length = at;
  }

  /** A whole number from 0 to 2^53, in decimal. */
  number(value: number): void {
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits += 1;
    this.padded(value, digits);
  }

  /** The last so many decimal digits of a whole number. */
  padded(value: number, digits: number): void {
    const { buffer } = this;
    let rest = value;
    for (let at = this.length + digits - 1; at >= this.length; at -= 1) {
      const next = Math.floor(rest / 10);
      buffer[at] = zero + rest - next * 10;
      rest = next;
    }
    this.length += digits;
  }

  /** The first bytes of a binary string, as hex. */
  hex(binary: string, count: number): void {
    const { buffer } = this;
    let at = this.length;
    for (let index = 0; index < count; index += 1) {
      const byte = binary.charCodeAt(index);
      buffer[at++] = hexDigits[byte >> 4] ?? 0;
      buffer[at++] = hexDigits[byte & 15] ?? 0;
    }
    this.length = at;
  }

  /** A view: what is written later may move or change it. */
  view(from = 0): Buffer {
    return this.buffer.subarray(from, this.length);
  }

  /**
   * All that was written, with the memory it stands in; the writer begins anew in other memory, `spare` where it is given.
   * Memory that is used again and again costs no garbage collection, which large buffers call for.
   */
  take(spare: ArrayBuffer | null = null): Buffer {
    const taken = this.view();
    this.buffer =
      spare !== null && spare.byteLength > 0
        ? Buffer.from(spare)
        : Buffer.allocUnsafeSlow(this.length === 0 ? firstBytes : this.buffer.length);
    this.length = 0;
    return taken;
  }
}
