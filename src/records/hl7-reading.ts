/** One HL7 message while it is being normalized: who sent it, when, and what had to be dropped on the way. */
import type { Hl7Message } from "../hl7/message.ts";
import type { Hl7Segment } from "../hl7/segment.ts";
import { type Hl7Time, readTime } from "../hl7/time.ts";
import type { FacilityId } from "../platform/ids.ts";
import { maskAadhaar } from "./aadhaar.ts";
import { problemOfDefect } from "./hl7-problem.ts";
import { blankToNull, maskedLine, squeeze } from "./normalize-name.ts";
import type { Problem, ProblemReason } from "./problem.ts";
import { tooLongHint } from "./text-limit.ts";

export interface Hl7Context {
  readonly facilityId: FacilityId;
  /** IANA zone for times without an offset, e.g. `Asia/Kolkata`. */
  readonly zone: string;
  /** Assigning authorities the facility owns; empty means only what it calls itself in MSH-4. */
  readonly ownAuthorities: readonly string[];
}

/** Where a warning points: a segment and a field's position in it. */
export interface Hl7Spot {
  readonly segment: Hl7Segment;
  readonly position: number;
}

export class Hl7Reading {
  readonly message: Hl7Message;
  readonly context: Hl7Context;
  readonly warnings: Problem[];
  /** Identifier system of numbers without an authority: MSH-4.1, else MSH-4.2, MSH-3.1, the facility. */
  readonly sender: string;
  /** MSH-7, else EVN-2; null when neither can be read. */
  readonly sentAt: Hl7Time | null;

  constructor(message: Hl7Message, context: Hl7Context) {
    this.message = message;
    this.context = context;
    this.warnings = message.defects.map(problemOfDefect);
    if (hasHiddenSegment(message)) this.warnings.push(hiddenSegment);
    const { header } = message;
    const sender = header.text(4, 1) ?? header.text(4, 2) ?? header.text(3, 1);
    this.sender = squeeze(sender ?? "") || context.facilityId;
    const event = message.first("EVN");
    this.sentAt =
      this.time({ segment: header, position: 7 }) ??
      (event === null ? null : this.time({ segment: event, position: 2 }));
  }

  /** A field's time; null when empty, and with a warning when it cannot be read. */
  time(spot: Hl7Spot, field: string | null = null): Hl7Time | null {
    const text = spot.segment.text(spot.position);
    if (text === null) return null;
    const read = readTime(text, this.context.zone);
    if (read.ok) return read.value;
    this.warn({ rule: "time_invalid", reason: "invalid", field, hint: timeHint }, spot);
    return null;
  }

  /** True for an assigning authority whose numbers this facility may change and merge. */
  owns(system: string): boolean {
    const { ownAuthorities } = this.context;
    return ownAuthorities.length === 0 ? system === this.sender : ownAuthorities.includes(system);
  }

  /** Notes that a field's text was left out because it is too long. */
  warnTooLong(field: string): void {
    const rule = "value_too_long";
    this.warnings.push({ reason: "invalid", rule, field, segment: null, hint: tooLongHint });
  }

  warn(what: Hl7Warning, spot: Hl7Spot): void {
    this.warnings.push({ ...what, segment: spot.segment.coordinate(spot.position) });
  }
}

/** True when a lone LF, which is data among CR segment ends, stands before what looks like a segment. */
function hasHiddenSegment(message: Hl7Message): boolean {
  if (!message.text.includes("\r") || !message.text.includes("\n")) return false;
  const found = message.segments.flatMap((segment) => [
    ...segment.raw.matchAll(/(?<!\r)\n[A-Z][A-Z0-9]{2}(.)/g),
  ]);
  return found.some(([, sign]) => sign === message.delimiters.field);
}

const hiddenSegment: Problem = {
  reason: "malformed",
  field: null,
  rule: "segment_after_line_feed",
  segment: null,
  hint: "Segments end with CR here, so a line feed is text; what looks like a segment after one was read as text. Ask the sender for one kind of line end.",
};

export interface Hl7Warning {
  readonly reason: ProblemReason;
  readonly rule: string;
  readonly field: string | null;
  readonly hint: string;
}

const timeHint = "Times are written YYYYMMDDHHMMSS with an optional offset; this one was left out.";

/** Text for a field: one line, without control characters, Aadhaar masked; null when nothing is left. `%` and `++` are text. */
export function freeText(text: string | null): string | null {
  return text === null ? null : maskedLine(text) || null;
}

/** As `freeText`, but null for text without a letter or digit (`-`, `.`), which people write where a field has to be filled. */
export function wordText(text: string | null): string | null {
  return text === null ? null : blankToNull(maskedLine(text));
}

/** As `freeText`, for text whose line breaks matter (reports, notes). */
export function freeLines(text: string | null): string | null {
  if (text === null) return null;
  return maskedLines(text.split(/\r\n|\r|\n/).map(squeeze));
}

/** Lines as one text, masked as a whole, as a number may be spread over them; null when nothing is left. */
export function maskedLines(lines: readonly (string | null)[]): string | null {
  const text = lines.filter((line) => line !== null).join("\n");
  return maskAadhaar(text.trim()) || null;
}
