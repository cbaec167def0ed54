/** Gathers HL7 records into batches and gives each batch the very bytes and lines it was read from. */
import type { FramePlace, Hl7Frame } from "../hl7/frame.ts";
import type { RawRecord } from "../records/raw-record.ts";
import type { RawBatch } from "./connector.ts";

/** Up to where something goes: bytes and physical lines from the start of the file. */
export interface FilePoint {
  readonly offset: number;
  readonly lines: number;
}

const maxBatchBytes = 8_388_608;

export class Hl7Batcher {
  readonly #maxRecords: number;
  #chunks: Uint8Array[] = [];
  #start: FilePoint = { offset: 0, lines: 0 };
  #records: RawRecord[] = [];
  #layoutLines: number[] = [];
  #recordLines = 0;

  /** `maxRecords`: a batch is closed when it holds so many, or 8 MiB of bytes. */
  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  /** Bytes as they come from the file, in order. */
  addBytes(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
  }

  /** Takes frames in order and gives out the batches they fill. `toRecord` answers null for layout. */
  *add(
    frames: readonly Hl7Frame[],
    toRecord: (frame: Hl7Frame) => RawRecord | null,
    encoding: string,
  ): Iterable<RawBatch> {
    for (const frame of frames) {
      const before = { offset: frame.place.offset, lines: frame.place.line - 1 };
      if (this.#isFull(before)) yield this.#take(before, encoding);
      this.#count(frame.place, toRecord(frame));
    }
  }

  /** Closes a full batch (at the end of the file, any) at a point where nothing is open. */
  *cut(settled: FilePoint, encoding: string, atEnd: boolean): Iterable<RawBatch> {
    if (settled.offset === this.#start.offset) return;
    if (atEnd || this.#isFull(settled)) yield this.#take(settled, encoding);
  }

  #isFull(point: FilePoint): boolean {
    const bytes = point.offset - this.#start.offset;
    return bytes > 0 && (this.#records.length >= this.#maxRecords || bytes >= maxBatchBytes);
  }

  #count(place: FramePlace, record: RawRecord | null): void {
    if (record === null) {
      this.#layoutLines.push(place.line);
    } else {
      this.#records.push(record);
      this.#recordLines += place.lineCount;
    }
  }

  #take(point: FilePoint, encoding: string): RawBatch {
    const lines = point.lines - this.#start.lines;
    const batch: RawBatch = {
      records: this.#records,
      bytes: this.#takeBytes(point.offset - this.#start.offset),
      offset: this.#start.offset,
      columns: null,
      lines: {
        headerLines: 0,
        blankLines: lines - this.#recordLines - this.#layoutLines.length,
        layoutLines: this.#layoutLines,
        recordLines: this.#recordLines,
      },
      encoding,
    };
    this.#start = point;
    this.#records = [];
    this.#layoutLines = [];
    this.#recordLines = 0;
    return batch;
  }

  #takeBytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const [chunk] = this.#chunks;
      if (chunk === undefined) throw new Error("a batch ends after the bytes that were read");
      const part = chunk.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    return bytes;
  }
}
