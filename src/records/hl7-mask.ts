/**
 * Aadhaar numbers in HL7 messages (design decisions, "Aadhaar"): masked wherever they stand, length kept, but for
 * mapped identifiers and codes, mobiles in phone fields, and times. What says itself that it is an Aadhaar number
 * (by type or authority, or as PID-19) is masked whatever it looks like.
 */
import { Hl7Message } from "../hl7/message.ts";
import { Hl7Repetition, type Hl7Segment } from "../hl7/segment.ts";
import { type AadhaarSpan, aadhaarSpans, isAadhaarShaped, maskSpans } from "./aadhaar.ts";
import { claimsAadhaar } from "./hl7-identifier.ts";
import { isMobileShaped } from "./mask-row.ts";

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

/** The message with every Aadhaar number masked; the message itself where there is none. */
export function maskMessage(message: Hl7Message): MaskedMessage {
  const spans = [...segmentsIn(message)].flatMap(({ segment, start }) =>
    segment === null ? [] : segmentSpans(segment, start),
  );
  const all = [...spans, ...spansOutside(message, spans)].sort((a, b) => a.start - b.start);
  if (all.length === 0) return { message, spans: [] };
  const { delimiters, charset, defects, text } = message;
  return {
    message: new Hl7Message(maskSpans(text, all), { delimiters, charset }, defects),
    spans: all,
  };
}

interface PlacedSegment {
  readonly segment: Hl7Segment | null;
  /** Where it begins in the message's text. */
  readonly start: number;
}

/** Segments with their places. One that was put together from several lines (ADD) has none. */
function* segmentsIn(message: Hl7Message): Generator<PlacedSegment> {
  let at = 0;
  for (const segment of message.segments) {
    const start = message.text.indexOf(segment.raw, at);
    if (start === -1) continue;
    at = start + segment.raw.length;
    yield { segment, start };
  }
}

/** Candidates in text that belongs to no placed segment: nobody has said what it is. */
function spansOutside(message: Hl7Message, known: readonly AadhaarSpan[]): readonly AadhaarSpan[] {
  const placed = [...segmentsIn(message)];
  return aadhaarSpans(message.text).filter(
    (span) =>
      !known.some(({ start, end }) => span.start < end && start < span.end) &&
      !placed.some(
        ({ segment, start }) =>
          span.start >= start && span.end <= start + (segment?.raw.length ?? 0),
      ),
  );
}

function segmentSpans(segment: Hl7Segment, start: number): readonly AadhaarSpan[] {
  // Nearly every segment has nothing to mask; only numbers with a type can be masked whatever they look like.
  if (!Object.hasOwn(typedNumberFields, segment.name) && aadhaarSpans(segment.raw).length === 0)
    return [];
  const fields = fieldsOf(segment);
  const spans: AadhaarSpan[] = [];
  let at = start;
  for (const [index, raw] of fields.entries()) {
    const position = segment.name === "MSH" ? index + 1 : index;
    for (const span of fieldSpans(segment, position, raw))
      spans.push({ start: at + span.start, end: at + span.end });
    at += raw.length + 1;
  }
  return spans;
}

function fieldsOf(segment: Hl7Segment): readonly string[] {
  return segment.raw.split(segment.delimiters.field);
}

function fieldSpans(segment: Hl7Segment, position: number, raw: string): readonly AadhaarSpan[] {
  if (segment.name === "PID" && position === 19) return digitSpans(raw);
  if (has(typedNumberFields, segment, position)) return typedNumberSpans(segment, raw);
  const spans = aadhaarSpans(raw);
  if (spans.length === 0 || has(identifierFields, segment, position)) return [];
  return spans.filter((span) => !isExempt({ segment, position, raw }, span));
}

interface Field {
  readonly segment: Hl7Segment;
  readonly position: number;
  readonly raw: string;
}

function isExempt({ segment, position, raw }: Field, span: AadhaarSpan): boolean {
  const candidate = raw.slice(span.start, span.end);
  if (has(phoneFields, segment, position) && isMobileShaped(candidate)) return true;
  const { component, text } = componentAt(segment, raw, span);
  if (has(codeFields, segment, position) && (component === 1 || component === 4)) return true;
  return !isFreeText(segment, position) && time.test(text);
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

/** The component a span stands in: its number (1-based) and its text. */
function componentAt(
  segment: Hl7Segment,
  raw: string,
  span: AadhaarSpan,
): { readonly component: number; readonly text: string } {
  const { repetition, component } = segment.delimiters;
  const repetitionStart = repetition === null ? 0 : raw.lastIndexOf(repetition, span.start) + 1;
  const before = raw.slice(repetitionStart, span.start).split(component);
  const start = span.start - (before.at(-1)?.length ?? 0);
  const rest = raw.slice(start);
  const end = rest.search(signsPattern([component, repetition]));
  return { component: before.length, text: end === -1 ? rest : rest.slice(0, end) };
}

function signsPattern(signs: readonly (string | null)[]): RegExp {
  return new RegExp(
    `[${signs
      .filter((sign) => sign !== null)
      .map((sign) => `\\${sign}`)
      .join("")}]`,
  );
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
  return [...text.matchAll(/[0-9\u0966-\u096f]+/gu)].map((match) => ({
    start: at + match.index,
    end: at + match.index + match[0].length,
  }));
}

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
    const name = `${number.text(4, 1) ?? number.text(4, 2) ?? ""} ${number.text(5) ?? ""}`.trim();
    const count = this.counts.get(name) ?? { values: 0, shaped: 0 };
    count.values += 1;
    if (isAadhaarShaped(value)) count.shaped += 1;
    this.counts.set(name, count);
  }

  /** `system type` of identifiers that look like Aadhaar numbers; a handful proves nothing. */
  suspicious(): readonly string[] {
    return [...this.counts]
      .filter(([, { values, shaped }]) => values >= 5 && shaped * 2 > values)
      .map(([name]) => name);
  }
}
