/** What a connector read, untouched: rows, HL7 messages, and what could not be split into either. */
import type { Hl7Message } from "../hl7/message.ts";
import type { Problem } from "./problem.ts";

/** Where a raw record stands in its source file. Lines are physical and 1-based; offset and length are bytes of the file as read. */
export interface SourcePlace {
  readonly line: number;
  readonly lineCount: number;
  readonly offset: number;
  readonly length: number;
}

export interface RawRow {
  readonly kind: "row";
  readonly place: SourcePlace;
  /** One string per column of the file's header, in the header's order. */
  readonly cells: readonly string[];
}

export interface RawMessage {
  readonly kind: "message";
  readonly place: SourcePlace;
  readonly message: Hl7Message;
}

export interface RawUnreadable {
  readonly kind: "unreadable";
  readonly place: SourcePlace;
  readonly problem: Problem;
}

export type RawRecord = RawRow | RawMessage | RawUnreadable;
