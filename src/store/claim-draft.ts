/** What is known of one plain row so far: where the COPY text of each of `fieldColumns` stands, in the file or made anew. */
import type { ByteWriter } from "../platform/byte-writer.ts";

const phoneHead = Buffer.from('{"+91');
const phoneTail = Buffer.from('"}');
const abhaHead = Buffer.from('[{"system":"abha-number","value":"');
const abhaTail = Buffer.from('","type":null}]');
const tab = 0x09;
const firstMadeBytes = 1 << 12;

/** Filled anew for every row; what it points at may be written over by the next. */
export class ClaimDraft {
  /** Bits of the fields that the row speaks of (`presentBits`). */
  present = 0;
  messageTime: Uint8Array | null = null;
  /** Year in which the patient was seen; an age in years counts at it. */
  seenYear: number | null = null;
  /** The bytes that the row stands in. */
  input: Buffer = Buffer.alloc(0);
  private readonly columns: number;
  /** By column, and last the patient's number at the facility: where its text stands, 1 where it was made. */
  private readonly from: Int32Array;
  private readonly to: Int32Array;
  private readonly isMade: Uint8Array;
  /** Texts that do not stand in the row: first those of a record of which nothing is said. */
  private made: Buffer;
  private readonly madeStart: number;
  private madeLength: number;
  private digitsEnd = 0;

  /** @param texts of a record of which nothing is said: a column that no reader sets keeps its own */
  constructor(texts: readonly Uint8Array[]) {
    this.columns = texts.length;
    this.from = new Int32Array(texts.length + 1);
    this.to = new Int32Array(texts.length + 1);
    this.isMade = new Uint8Array(texts.length + 1);
    this.made = Buffer.allocUnsafeSlow(firstMadeBytes);
    this.madeLength = 0;
    for (const [column, text] of texts.entries()) this.setMade(column, text);
    this.madeStart = this.madeLength;
  }

  begin(input: Buffer): void {
    this.input = input;
    this.present = 0;
    this.messageTime = null;
    this.seenYear = null;
    this.madeLength = this.madeStart;
  }

  /** The patient's number, which stands in the row; nothing in it that COPY would escape. */
  setValue(from: number, to: number): void {
    this.set(this.columns, from, to);
  }

  setMadeValue(value: Uint8Array): void {
    this.setMade(this.columns, value);
  }

  /** A text that stands in the row as it is to be stored. */
  set(column: number, from: number, to: number): void {
    this.from[column] = from;
    this.to[column] = to;
    this.isMade[column] = 0;
  }

  setMade(column: number, text: Uint8Array): void {
    const made = this.room(text.length);
    let at = this.madeLength;
    for (let index = 0; index < text.length; index += 1) made[at++] = text[index] ?? 0;
    this.endMade(column, at);
  }

  setText(column: number, text: string): void {
    const made = this.room(text.length * 3);
    this.endMade(column, this.madeLength + made.write(text, this.madeLength, "utf8"));
  }

  /** A list of the one Indian mobile number whose digits stand there. */
  setPhone(column: number, from: number, to: number): void {
    this.beginDigits(phoneHead, from, to);
    this.endDigits(column, phoneTail);
  }

  setAbhaNumber(column: number, from: number, to: number): void {
    this.beginDigits(abhaHead, from, to);
    this.endDigits(column, abhaTail);
  }

  /** A head, and the digits of a stretch without what parts them. */
  private beginDigits(head: Uint8Array, from: number, to: number): void {
    const { input } = this;
    const made = this.room(head.length + to - from + abhaTail.length);
    let at = this.madeLength;
    for (let index = 0; index < head.length; index += 1) made[at++] = head[index] ?? 0;
    for (let index = from; index < to; index += 1) {
      const byte = input[index] ?? 0;
      if (byte >= 0x30 && byte <= 0x39) made[at++] = byte;
    }
    this.digitsEnd = at;
  }

  private endDigits(column: number, tail: Uint8Array): void {
    const { made } = this;
    let at = this.digitsEnd;
    for (let index = 0; index < tail.length; index += 1) made[at++] = tail[index] ?? 0;
    this.endMade(column, at);
  }

  private endMade(column: number, end: number): void {
    this.from[column] = this.madeLength;
    this.to[column] = end;
    this.isMade[column] = 1;
    this.madeLength = end;
  }

  /** Bytes that fields and number take. */
  get size(): number {
    const { from, to } = this;
    let size = 0;
    for (let column = 0; column < to.length; column += 1)
      size += (to[column] ?? 0) - (from[column] ?? 0) + 1;
    return size;
  }

  /** Writes the fields with tabs between them; needs room for `size`. */
  write(writer: ByteWriter): void {
    const { columns, from, to, isMade, made, input } = this;
    const target = writer.buffer;
    let at = writer.length;
    for (let column = 0; column < columns; column += 1) {
      if (column > 0) target[at++] = tab;
      const source = isMade[column] === 0 ? input : made;
      const end = to[column] ?? 0;
      for (let index = from[column] ?? 0; index < end; index += 1)
        target[at++] = source[index] ?? 0;
    }
    writer.length = at;
  }

  writeValue(writer: ByteWriter): void {
    const { columns, from, to } = this;
    const source = this.isMade[columns] === 0 ? this.input : this.made;
    writer.bytes(source, from[columns] ?? 0, to[columns] ?? 0);
  }

  private room(bytes: number): Buffer {
    if (this.madeLength + bytes > this.made.length) {
      const larger = Buffer.allocUnsafeSlow((this.made.length + bytes) * 2);
      this.made.copy(larger, 0, 0, this.madeLength);
      this.made = larger;
    }
    return this.made;
  }
}
