/**
 * Aadhaar numbers in HL7 messages (design decisions, "Aadhaar"): masked wherever they stand, length kept, but for
 * mapped identifiers and codes, mobiles in phone fields, and times. What says itself that it is an Aadhaar number
 * (by type or authority, or as PID-19) is masked whatever it looks like.
 */
import { type EscapeContext, escapePieces } from "../hl7/escape.ts";
import { Hl7Message } from "../hl7/message.ts";
import { Hl7Repetition, type Hl7Segment } from "../hl7/segment.ts";
import { type AadhaarSpan, aadhaarSpans, isAadhaarShaped, maskSpans } from "./aadhaar.ts";
import { claimsAadhaar } from "./hl7-identifier.ts";
import { isMobileShaped, provesAadhaar } from "./mask-row.ts";
import { maskedLine } from "./normalize-name.ts";

export interface MaskedMessage {
  readonly message: Hl7Message;
  /** What was masked, in code units of the message's text, in order. */
  readonly spans: readonly AadhaarSpan[];
}

/** Fields of numbers with a type and an assigning authority (CX). */
const typedNumberFields: Readonly<Record<string, readonly number[]>> = {
  PID: [2, 3, 4],
  MRG: [1, 2, 4],
};
/** Fields whose numbers the normalizer maps: one in ten of any 12-digit numbers looks like an Aadhaar number. */
const identifierFields: Readonly<Record<string, readonly number[]>> = {
  MSH: [10],
  MSA: [2],
  PID: [18],
  MRG: [3, 5, 6],
  PV1: [5, 19, 50],
  ORC: [2, 3, 4],
  OBR: [2, 3],
  SPM: [2],
  RXA: [15],
};
/** Coded fields: components 1 and 4 are codes (SNOMED's carry the same check digit), the others words. */
const codeFields: Readonly<Record<string, readonly number[]>> = {
  OBX: [3],
  OBR: [4],
  DG1: [3],
  PR1: [3],
  AL1: [3],
  IAM: [3],
  RXA: [5],
  RXE: [2],
  RXO: [1],
};
const phoneFields: Readonly<Record<string, readonly number[]>> = {
  PID: [13, 14, 40],
  NK1: [5, 6, 7],
};
const timeTypes = new Set(["DT", "TM", "TS", "DTM"]);
const time =
  /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[+-]\d{4})?$/;

/** The message with every Aadhaar number masked, escaped or not; the message itself where there is none. */
export function maskMessage(message: Hl7Message): MaskedMessage {
  const { delimiters, charset, defects, text } = message;
  const context = { delimiters, charset };
  const placed = [...segmentsIn(message)];
  const spans = placed.flatMap(({ segment, start }) => segmentSpans(segment, start, context));
  const all = merged([...spans, ...spansOutside(message, placed)]);
  if (all.length === 0) return { message, spans: [] };
  return { message: new Hl7Message(maskSpans(text, all), context, defects), spans: all };
}

/** Spans in order, those that overlap as one. */
function merged(spans: readonly AadhaarSpan[]): readonly AadhaarSpan[] {
  const ordered = spans.toSorted((a, b) => a.start - b.start);
  const apart: AadhaarSpan[] = [];
  for (const span of ordered) {
    const last = apart.at(-1);
    if (last === undefined || span.start >= last.end) apart.push(span);
    else apart[apart.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return apart;
}

interface PlacedSegment {
  readonly segment: Hl7Segment;
  /** Where it begins in the message's text. */
  readonly start: number;
}

/**
 * Segments with their places, each line of the message looked at once. A segment that was put together from several
 * lines (ADD) has no place: its first line is passed by.
 */
function* segmentsIn({ text, segments }: Hl7Message): Generator<PlacedSegment> {
  let at = 0;
  for (const segment of segments) {
    while (at < text.length) {
      const start = at;
      if (text.startsWith(segment.raw, start)) {
        at = nextLine(text, start + segment.raw.length);
        yield { segment, start };
        break;
      }
      at = nextLine(text, start);
      const line = text.slice(start, at).replace(/[\r\n]$/, "");
      if (line !== "" && segment.raw.startsWith(line)) break;
    }
  }
}

/** Where the line after a place begins: just after the next CR or LF, or the end. */
function nextLine(text: string, from: number): number {
  lineEnd.lastIndex = from;
  return lineEnd.test(text) ? lineEnd.lastIndex : text.length;
}
const lineEnd = /[\r\n]/g;

/** Candidates in text that is not wholly of one placed segment: nobody has said what it is. */
function spansOutside(
  message: Hl7Message,
  placed: readonly PlacedSegment[],
): readonly AadhaarSpan[] {
  let next = 0;
  return aadhaarSpans(message.text).filter((span) => {
    while (endOf(placed[next]) < span.end) next += 1;
    return (placed[next]?.start ?? Number.POSITIVE_INFINITY) > span.start;
  });
}

function endOf(place: PlacedSegment | undefined): number {
  return place === undefined ? Number.POSITIVE_INFINITY : place.start + place.segment.raw.length;
}

function segmentSpans(
  segment: Hl7Segment,
  start: number,
  context: EscapeContext,
): readonly AadhaarSpan[] {
  // Nearly every segment has nothing to mask; only numbers with a type can be masked whatever they look like.
  const { escape: sign, field: separator } = context.delimiters;
  const isEscaped = sign !== null && segment.raw.includes(sign);
  if (
    !Object.hasOwn(typedNumberFields, segment.name) &&
    !isEscaped &&
    aadhaarSpans(segment.raw).length === 0
  )
    return [];
  const spans: AadhaarSpan[] = [];
  let at = start;
  for (const [index, raw] of segment.raw.split(separator).entries()) {
    const position = segment.name === "MSH" ? index + 1 : index;
    for (const span of fieldSpans({ segment, position, raw }, context))
      spans.push({ start: at + span.start, end: at + span.end });
    at += raw.length + 1;
  }
  return spans;
}

interface Field {
  readonly segment: Hl7Segment;
  readonly position: number;
  readonly raw: string;
}

function fieldSpans(field: Field, context: EscapeContext): readonly AadhaarSpan[] {
  const { segment, position, raw } = field;
  // MSH-2 declares the escape sign, and has no text.
  if (segment.name === "MSH" && position <= 2) return [];
  if (segment.name === "PID" && position === 19) return digitSpans(raw);
  if (has(identifierFields, segment, position)) return [];
  const isTyped = has(typedNumberFields, segment, position);
  const plain = isTyped ? typedNumberSpans(segment, raw) : freeSpans(field);
  const { escape: sign } = context.delimiters;
  if (isTyped || sign === null || !raw.includes(sign)) return plain;
  return [...plain, ...escapedSpans(field, context)];
}

/** Candidates that stand in a field as they are. */
function freeSpans(field: Field): readonly AadhaarSpan[] {
  const spans = aadhaarSpans(field.raw);
  if (spans.length === 0) return [];
  const walk = new ComponentWalk(field);
  return spans.filter((span) => !isExempt(field, walk, span));
}

/** Candidates that only show when escapes are read (`2345\X20\6789`, `\X36\7`), as the stretches of raw text that mean them. */
function escapedSpans(field: Field, context: EscapeContext): readonly AadhaarSpan[] {
  const pieces = [...escapePieces(field.raw, context)];
  const meant = pieces.map((piece) => piece.meaning).join("");
  const spans = freeSpans({ ...field, raw: meant });
  const found: AadhaarSpan[] = [];
  let next = 0;
  let at = 0;
  for (const { meaning, start, end, isSequence } of pieces) {
    const last = at + meaning.length;
    for (let span = spans[next]; span !== undefined && span.start < last; span = spans[next]) {
      if (isSequence) found.push(...hexBody(field.raw, meaning, { start, end }));
      else
        found.push({
          start: start + Math.max(0, span.start - at),
          end: start + Math.min(meaning.length, span.end - at),
        });
      if (span.end > last) break;
      next += 1;
    }
    at = last;
  }
  return found.filter((span) => span.end > span.start);
}

/** What a sequence that means digits says between its signs; one that means a separator stays. */
function hexBody(
  raw: string,
  meaning: string,
  { start, end }: AadhaarSpan,
): readonly AadhaarSpan[] {
  if (!/\p{Nd}/u.test(meaning)) return [];
  return [...raw.slice(start, end).matchAll(/[0-9A-Fa-f]+/g)].map((hex) => ({
    start: start + hex.index,
    end: start + hex.index + hex[0].length,
  }));
}

function isExempt(
  { segment, position, raw }: Field,
  walk: ComponentWalk,
  span: AadhaarSpan,
): boolean {
  const candidate = raw.slice(span.start, span.end);
  if (has(phoneFields, segment, position) && isMobileShaped(candidate)) return true;
  const { component, text } = walk.to(span.start);
  if (has(codeFields, segment, position) && (component === 1 || component === 4)) return true;
  return !isFreeText(segment, position) && time.test(text);
}

/** Longer than any time: more of a component need not be looked at. */
const timeReach = 32;

/** The components of a field as one walk from its start, however many spans are asked for. */
class ComponentWalk {
  private readonly raw: string;
  private readonly component: string;
  private readonly repetition: string | null;
  private at = 0;
  private start = 0;
  private number = 1;

  constructor({ raw, segment }: Field) {
    this.raw = raw;
    this.component = segment.delimiters.component;
    this.repetition = segment.delimiters.repetition;
  }

  /** The component a place stands in: its number (1-based) and the beginning of its text. Places come in order. */
  to(place: number): { readonly component: number; readonly text: string } {
    for (; this.at < place; this.at += 1) {
      const sign = this.raw[this.at];
      if (sign !== this.component && sign !== this.repetition) continue;
      this.number = sign === this.component ? this.number + 1 : 1;
      this.start = this.at + 1;
    }
    let end = place;
    const reach = Math.min(this.raw.length, this.start + timeReach);
    while (end < reach && !this.isSign(this.raw[end])) end += 1;
    return { component: this.number, text: this.raw.slice(this.start, Math.max(end, place)) };
  }

  private isSign(sign: string | undefined): boolean {
    return sign === this.component || sign === this.repetition;
  }
}

/** Where people write sentences, a number that could be a time is none. */
function isFreeText(segment: Hl7Segment, position: number): boolean {
  if (segment.name === "OBX" && position === 5)
    return !timeTypes.has(segment.text(2)?.toUpperCase() ?? "");
  return (segment.name === "NTE" && position === 3) || segment.name.startsWith("Z");
}

function has(
  table: Readonly<Record<string, readonly number[]>>,
  { name }: Hl7Segment,
  position: number,
): boolean {
  return Object.hasOwn(table, name) && (table[name]?.includes(position) ?? false);
}

/** Numbers that are Aadhaar by what is said of them lose all digits; what stands beside a number is free text. */
function typedNumberSpans(segment: Hl7Segment, raw: string): readonly AadhaarSpan[] {
  const { delimiters } = segment;
  const parts = delimiters.repetition === null ? [raw] : raw.split(delimiters.repetition);
  const spans: AadhaarSpan[] = [];
  let at = 0;
  for (const part of parts) {
    const number = new Hl7Repetition(part, { delimiters, charset: "utf-8" });
    const end = at + (part.split(delimiters.component)[0] ?? "").length;
    if (claimsAadhaar(number)) spans.push(...digitSpans(part.slice(0, end - at), at));
    for (const span of aadhaarSpans(part))
      if (at + span.start >= end) spans.push({ start: at + span.start, end: at + span.end });
    at += part.length + 1;
  }
  return spans;
}

function digitSpans(text: string, at = 0): readonly AadhaarSpan[] {
  return [...text.matchAll(/\p{Nd}+/gu)].map((match) => ({
    start: at + match.index,
    end: at + match.index + match[0].length,
  }));
}

const maxNameChars = 64;

/** One in ten of any 12-digit numbers passes Verhoeff; an identifier of which more than half pass holds Aadhaar numbers. */
export class AadhaarNumberWatch {
  private readonly counts = new Map<string, { values: number; shaped: number }>();

  /** Counts the typed patient numbers of a message by system and type. */
  see(message: Hl7Message): void {
    for (const segment of message.segments) {
      for (const position of typedNumberFields[segment.name] ?? []) {
        for (const number of segment.repetitions(position)) this.count(number);
      }
    }
  }

  private count(number: Hl7Repetition): void {
    const value = number.text(1);
    if (value === null || claimsAadhaar(number)) return;
    const said = `${number.text(4, 1) ?? number.text(4, 2) ?? ""} ${number.text(5) ?? ""}`;
    // People get to read it.
    const name = maskedLine(said.slice(0, maxNameChars));
    const count = this.counts.get(name) ?? { values: 0, shaped: 0 };
    count.values += 1;
    if (isAadhaarShaped(value)) count.shaped += 1;
    this.counts.set(name, count);
  }

  /** `system type` of identifiers that look like Aadhaar numbers. */
  suspicious(): readonly string[] {
    return [...this.counts].filter(([, count]) => provesAadhaar(count)).map(([name]) => name);
  }
}
