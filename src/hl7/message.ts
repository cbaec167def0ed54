/** A lazy view of one HL7 v2 message: nothing is split before it is asked for, and the text is never changed. */
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import type { Hl7Defect } from "./defect.ts";
import { type Hl7Delimiters, readDelimiters } from "./delimiters.ts";
import type { EscapeContext } from "./escape.ts";
import { Hl7Segment } from "./segment.ts";
import { splitSegments } from "./segment-split.ts";

export class Hl7Message {
  /** The message as decoded, segment ends as they were. */
  readonly text: string;
  readonly delimiters: Hl7Delimiters;
  /** WHATWG label the text was decoded with; `\X..\` bytes are read in it. */
  readonly charset: string;
  /** What was tolerated while reading. */
  readonly defects: readonly Hl7Defect[];
  #segments: readonly Hl7Segment[] | null = null;

  constructor(text: string, context: EscapeContext, defects: readonly Hl7Defect[]) {
    this.text = text;
    this.delimiters = context.delimiters;
    this.charset = context.charset;
    this.defects = defects;
  }

  get segments(): readonly Hl7Segment[] {
    this.#segments ??= this.#split();
    return this.#segments;
  }

  get header(): Hl7Segment {
    const [header] = this.segments;
    if (header === undefined) throw new Error("a message has at least its MSH");
    return header;
  }

  /** MSH-9.1 in capitals, `ADT`; null where the message names none. */
  get type(): string | null {
    return this.header.text(9, 1)?.trim().toUpperCase() || null;
  }

  /** MSH-9.2, else the end of MSH-9.3 (`ORU_R01`), else EVN-1; null where none is given. */
  get trigger(): string | null {
    const structure = /_([A-Z]\d{2})$/.exec(this.header.text(9, 3) ?? "")?.[1];
    const trigger = this.header.text(9, 2) ?? structure ?? this.first("EVN")?.text(1);
    return trigger?.trim().toUpperCase() || null;
  }

  /** MSH-10. */
  get controlId(): string | null {
    return this.header.text(10);
  }

  first(name: string): Hl7Segment | null {
    return this.segments.find((segment) => segment.name === name) ?? null;
  }

  all(name: string): readonly Hl7Segment[] {
    return this.segments.filter((segment) => segment.name === name);
  }

  #split(): readonly Hl7Segment[] {
    const context = { delimiters: this.delimiters, charset: this.charset };
    const counts = new Map<string, number>();
    return splitSegments(this.text, this.delimiters.field).map((raw) => {
      const end = raw.indexOf(this.delimiters.field);
      const name = end === -1 ? raw : raw.slice(0, end);
      const occurrence = (counts.get(name) ?? 0) + 1;
      counts.set(name, occurrence);
      return new Hl7Segment(raw, name, occurrence, context);
    });
  }
}

export interface MessageText {
  readonly text: string;
  readonly charset: string;
  /** What decoding had to tolerate, or null. */
  readonly defect: Hl7Defect | null;
}

/** Opens a message. Only its header is looked at: delimiters that cannot be used are the one reason to refuse it. */
export function parseMessage(source: MessageText): Parsed<Hl7Message, Hl7Defect> {
  if (!source.text.startsWith("MSH")) return unparsed(noHeader);
  const delimiters = readDelimiters(source.text);
  if (!delimiters.ok) return delimiters;
  const defects = source.defect === null ? [] : [source.defect];
  if (delimiters.value.doubledEscape) defects.push(doubledEscape);
  const context = { delimiters: delimiters.value, charset: source.charset };
  return parsed(new Hl7Message(source.text, context, defects));
}

const noHeader: Hl7Defect = {
  reason: "malformed",
  rule: "not_hl7",
  segment: "MSH[1]",
  hint: "An HL7 message starts with MSH; check that the right file was delivered.",
};
const doubledEscape: Hl7Defect = {
  reason: "malformed",
  rule: "escape_doubled",
  segment: "MSH[1]-2",
  hint: "The file writes \\\\ where HL7 has one backslash; it was read as one. Ask the sender to export without it.",
};
