/** A stretch of lines while it is being read, and how a line is judged against it. */
import { type CodeUnits, textOfUtf16 } from "./code-units.ts";
import { isSeparator, type LineKind, type Span } from "./line-kind.ts";
import type { ScannedLine } from "./line-scanner.ts";

/** What is open while lines are read. `end` and `lastLine` are those of the last line that had content. */
export interface OpenStretch {
  readonly kind: "message" | "garbage";
  readonly start: number;
  readonly firstLine: number;
  /** Field separator of a message; null for garbage. */
  readonly separator: number | null;
  readonly why: "no_message" | "too_long";
  end: number;
  lastLine: number;
  /** Ends of lines that a segment follows: with a CR among them, a lone LF is data. */
  crEnds: boolean;
  lfEnds: boolean;
}

/** A line as it was judged. */
export interface SeenLine {
  readonly kind: LineKind;
  readonly units: CodeUnits;
  /** The line without framing bytes, as a span of `units`. */
  readonly inner: Span;
}

/** A stretch that begins with this line: a message where it has a field separator, else garbage. */
export function openStretch(span: Span, line: ScannedLine, separator: number | null): OpenStretch {
  return {
    kind: separator === null ? "garbage" : "message",
    start: span.start,
    end: span.end,
    firstLine: line.number,
    lastLine: line.number,
    separator,
    why: "no_message",
    crEnds: false,
    lfEnds: false,
  };
}

/** MSH-2 of three to five signs, and a message type in MSH-9: more than a text that quotes the letters MSH. */
export function isWholeHeader(seen: SeenLine): boolean {
  const { units, inner } = seen;
  const head = units.subarray(inner.start, Math.min(inner.end, inner.start + 500));
  const text = textOfUtf16(Uint16Array.from(head));
  const fields = text.split(text.charAt(3));
  const signs = [...(fields[1] ?? "")];
  const signsAreRight =
    signs.length >= 3 &&
    signs.length <= 5 &&
    signs.every((sign) => isSeparator(sign.charCodeAt(0)));
  return signsAreRight && /^[A-Z]{3}([^A-Za-z0-9]|$)/.test(fields[8] ?? "");
}

/** True when the end of the line before is text of the open message: a lone LF where segments end with CR, and the reverse. */
export function isDataBreak(open: OpenStretch, before: ScannedLine | null): boolean {
  if (before?.endedBy === "lf") return open.crEnds;
  return before?.endedBy === "cr" && open.lfEnds && !open.crEnds;
}
