/**
 * Cuts a stream of bytes into HL7 messages, layout segments and stretches that are neither. Every line of the file is
 * accounted for; memory is bounded by the longest message allowed. Bytes are neither decoded nor changed here.
 */
import type { CodeUnits } from "./code-units.ts";
import { endsBlock, lineKind, type Span, trimFraming } from "./line-kind.ts";
import { LineScanner, type ScannedLine } from "./line-scanner.ts";
import {
  isDataBreak,
  isWholeHeader,
  type OpenStretch,
  openStretch,
  type SeenLine,
} from "./open-stretch.ts";

/** Lines are physical and 1-based; offset and length are bytes of the file as it lies there. */
export interface FramePlace {
  readonly line: number;
  readonly lineCount: number;
  readonly offset: number;
  readonly length: number;
}

export type Hl7Frame =
  /** From `MSH` to the last character of the last segment, without the line end after it or MLLP bytes around it. */
  | { readonly kind: "message"; readonly place: FramePlace; readonly content: CodeUnits }
  /** One FHS, BHS, BTS or FTS line. */
  | { readonly kind: "layout"; readonly place: FramePlace }
  /** Lines that belong to no message. A stretch is cut, and a message given up (`too_long`), at the framer's limit. */
  | {
      readonly kind: "garbage";
      readonly place: FramePlace;
      readonly why: "no_message" | "too_long";
    };

export interface FramerOptions {
  /** Code units a message may have; default 32 Mi. A longer one comes out as garbage, so that memory stays bounded. */
  readonly maxMessageUnits?: number;
  /** WHATWG label the operator has set for the file; only UTF-16 matters for framing. */
  readonly encoding?: string;
}

const defaultMaxMessageUnits = 33_554_432;

export class Hl7Framer {
  readonly #scanner: LineScanner;
  readonly #maxUnits: number;
  #frames: Hl7Frame[] = [];
  #open: OpenStretch | null = null;
  /** Lines after a message that look like no segment: they are the message's only if a segment follows. */
  #pending: OpenStretch | null = null;
  #lastLine: ScannedLine | null = null;
  #blockEnded = false;
  #midLine = false;
  #finished = false;
  #bytes = 0;

  constructor(options: FramerOptions = {}) {
    this.#scanner = new LineScanner(options.encoding ?? null);
    this.#maxUnits = options.maxMessageUnits ?? defaultMaxMessageUnits;
  }

  /** WHATWG label of a UTF-16 file; null where each message's MSH-18 decides. */
  get encoding(): "utf-16le" | "utf-16be" | null {
    return this.#scanner.format?.encoding ?? null;
  }

  /** Up to here (bytes from the start of the file, whole lines) every frame has been given out. */
  get settled(): { readonly offset: number; readonly lines: number } {
    if (this.#finished) return { offset: this.#bytes, lines: this.#scanner.lines };
    if (this.#open !== null) {
      return { offset: this.#byteOffset(this.#open.start), lines: this.#open.firstLine - 1 };
    }
    return { offset: this.#byteOffset(this.#scanner.lineStart), lines: this.#scanner.lines };
  }

  /** Frames that became certain with these bytes. The bytes must not change afterwards: frames are views of them. */
  push(bytes: Uint8Array): readonly Hl7Frame[] {
    this.#bytes += bytes.length;
    this.#scanner.push(bytes, this.#keepFrom());
    this.#readLines(false);
    this.#enforceLimit();
    return this.#takeFrames();
  }

  /** The frames left when no bytes follow. */
  end(): readonly Hl7Frame[] {
    this.#scanner.finish();
    this.#readLines(true);
    this.#close();
    this.#finished = true;
    return this.#takeFrames();
  }

  #takeFrames(): readonly Hl7Frame[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  #keepFrom(): number {
    return this.#open?.kind === "message" ? this.#open.start : this.#scanner.lineStart;
  }

  #readLines(atEnd: boolean): void {
    for (let line = this.#scanner.next(atEnd); line !== null; line = this.#scanner.next(atEnd)) {
      this.#takeLine(line);
      this.#lastLine = line;
      if (this.#open?.kind === "garbage") this.#cutGarbage(line.next);
    }
  }

  #takeLine(line: ScannedLine): void {
    const units = this.#scanner.slice(line);
    const inner = trimFraming(units, { start: 0, end: units.length });
    const kind = this.#midLine ? "text" : lineKind(units, inner, this.#open?.separator ?? null);
    this.#midLine = false;
    this.#placeLine(line, { kind, units, inner });
    if (endsBlock(units, { start: 0, end: units.length })) {
      this.#blockEnded = true;
      if (this.#open?.kind === "message") this.#close();
    } else if (kind !== "blank") {
      this.#blockEnded = false;
    }
  }

  #placeLine(line: ScannedLine, seen: SeenLine): void {
    const inFile = { start: line.start + seen.inner.start, end: line.start + seen.inner.end };
    switch (seen.kind) {
      case "blank":
        return;
      case "header":
        this.#takeHeader(inFile, line, seen);
        return;
      case "layout":
        this.#close();
        this.#frames.push({ kind: "layout", place: this.#place(inFile, line.number, line.number) });
        return;
      case "segment":
        this.#takeSegment(inFile.end, line);
        return;
      case "text":
        this.#takeText(line, inFile.end);
    }
  }

  #takeHeader(inFile: Span, line: ScannedLine, seen: SeenLine): void {
    if (this.#isQuotedHeader(seen)) {
      this.#extend(inFile.end, line);
    } else {
      this.#close();
      this.#open = openStretch(inFile, line, seen.units[seen.inner.start + 3] ?? null);
    }
  }

  /** A lone LF before `MSH` in a message of CR segments is text of that message, unless a whole header follows it. */
  #isQuotedHeader(seen: SeenLine): boolean {
    const quoted =
      this.#open?.kind === "message" &&
      isDataBreak(this.#open, this.#lastLine) &&
      this.#lastLine?.endedBy === "lf";
    return quoted && !this.#blockEnded && !isWholeHeader(seen);
  }

  #takeSegment(end: number, line: ScannedLine): void {
    const open = this.#open;
    if (open === null) return;
    if (this.#lastLine?.endedBy === "lf") open.lfEnds = true;
    else open.crEnds = true;
    this.#extend(end, line);
  }

  #takeText(line: ScannedLine, end: number): void {
    const open = this.#open;
    if (open === null) {
      this.#open = openStretch(line, line, null);
    } else if (open.kind === "garbage") {
      this.#extend(line.end, line);
    } else if (isDataBreak(open, this.#lastLine) && this.#pending === null) {
      this.#extend(end, line);
    } else if (this.#pending === null) {
      this.#pending = openStretch(line, line, null);
    } else {
      this.#pending.end = line.end;
      this.#pending.lastLine = line.number;
    }
  }

  #extend(end: number, line: ScannedLine): void {
    if (this.#open === null) return;
    this.#pending = null;
    this.#open.end = end;
    this.#open.lastLine = line.number;
  }

  #close(): void {
    if (this.#open !== null) this.#emit(this.#open);
    if (this.#pending !== null) this.#emit(this.#pending);
    this.#open = null;
    this.#pending = null;
  }

  #emit(stretch: OpenStretch): void {
    const place = this.#place(stretch, stretch.firstLine, stretch.lastLine);
    if (stretch.kind === "garbage") this.#frames.push({ kind: "garbage", place, why: stretch.why });
    else this.#frames.push({ kind: "message", place, content: this.#scanner.slice(stretch) });
  }

  #cutGarbage(next: number): void {
    if (this.#open !== null && next - this.#open.start > this.#maxUnits) this.#close();
  }

  /** Gives up a message, or a line of garbage, that is longer than may be held. */
  #enforceLimit(): void {
    if (this.#held() > this.#maxUnits && this.#pending !== null) this.#close();
    if (this.#held() <= this.#maxUnits) return;
    const hadMessage = this.#open?.kind === "message";
    const piece = this.#scanner.cut();
    const start =
      hadMessage && this.#open !== null
        ? this.#open
        : { start: piece.start, firstLine: piece.number };
    if (!hadMessage) this.#close();
    // The piece has no line end: the line is counted with the piece that has it.
    const place = {
      line: start.firstLine,
      lineCount: piece.number - start.firstLine,
      offset: this.#byteOffset(start.start),
      length: (piece.end - start.start) * this.#width(),
    };
    this.#frames.push({ kind: "garbage", place, why: hadMessage ? "too_long" : "no_message" });
    this.#open = null;
    this.#pending = null;
    this.#midLine = true;
    this.#lastLine = piece;
  }

  #held(): number {
    return this.#scanner.end - this.#keepFrom();
  }

  #place(span: Span, firstLine: number, lastLine: number): FramePlace {
    return {
      line: firstLine,
      lineCount: lastLine - firstLine + 1,
      offset: this.#byteOffset(span.start),
      length: (span.end - span.start) * this.#width(),
    };
  }

  #width(): number {
    return this.#scanner.format?.width ?? 1;
  }

  #byteOffset(units: number): number {
    return units * this.#width();
  }
}
