/** Cuts a message's text into segments. With a CR segment end in the message, a lone LF is data (facts: HL7 5.1). */

interface Line {
  readonly text: string;
  /** What ended the line before this one. */
  readonly after: "" | "\r" | "\n" | "\r\n";
}

/** The segments' texts, without line ends and blank lines. A line that cannot start a segment continues the one before it. */
export function splitSegments(text: string, separator: string): readonly string[] {
  const simple = simpleSegments(text, separator);
  return simple ?? mixedSegments(text, separator);
}

/** The common case, one kind of line end and nothing but segments; null for everything else. */
function simpleSegments(text: string, separator: string): readonly string[] | null {
  const hasCr = text.includes("\r");
  if (hasCr && text.includes("\n")) return null;
  const lines = text.split(hasCr ? "\r" : "\n");
  return lines.every((line) => startsSegment(line, separator) && !line.startsWith("ADD"))
    ? lines
    : null;
}

function mixedSegments(text: string, separator: string): readonly string[] {
  const lines = linesOf(text);
  const crEnds = lines.some(
    (line) => line.after.startsWith("\r") && startsSegment(line.text, separator),
  );
  const segments: string[] = [];
  for (const line of lines) {
    const breaks = crEnds ? line.after !== "\n" : line.after !== "\r";
    const starts = segments.length === 0 || (breaks && startsSegment(line.text, separator));
    if (breaks && line.text.trim() === "") continue;
    if (starts && !isAddendum(line.text, separator)) segments.push(line.text);
    else segments.push((segments.pop() ?? "") + continuation(line, starts));
  }
  return segments.map(withoutLineEnd);
}

/** Looked at from its end: a pattern would start anew at every line end within the segment. */
function withoutLineEnd(segment: string): string {
  let end = segment.length;
  while (end > 0 && "\r\n".includes(segment.charAt(end - 1))) end -= 1;
  return segment.slice(0, end);
}

/** ADD continues the last field of the segment before it (HL7 v2, 2.10.2); any other line keeps its line end as text. */
function continuation(line: Line, isAddendumLine: boolean): string {
  return isAddendumLine ? line.text.slice(4) : line.after + line.text;
}

function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  let after: Line["after"] = "";
  let start = 0;
  for (const end of text.matchAll(/\r\n|\r|\n/g)) {
    lines.push({ text: text.slice(start, end.index), after });
    after = end[0] as Line["after"];
    start = end.index + end[0].length;
  }
  lines.push({ text: text.slice(start), after });
  return lines;
}

function isAddendum(line: string, separator: string): boolean {
  return line.startsWith(`ADD${separator}`);
}

/** A name of at most eight capitals or digits (misspelt names too, even none), then the field separator; or three alone. */
function startsSegment(line: string, separator: string): boolean {
  let index = 0;
  while (index < 8 && isNameCode(line.charCodeAt(index))) index += 1;
  if (index === line.length) return index === 3;
  return line.charAt(index) === separator;
}

function isNameCode(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a);
}
