/** A physical line that holds several of another kind: CR lines in a file of LF lines, or the other way round. */
import type { CsvLine } from "./csv-lines.ts";

/** The parts of a line at CR, LF or CRLF, with their own bytes; `bytes` are the line's. All have the number of the line. */
export function innerLines(line: CsvLine, bytes: Buffer, encoding: string): readonly CsvLine[] {
  const texts = line.text.split(/\r\n|\r|\n/);
  const ends = innerEnds(bytes, encoding);
  return texts.map((text, index) => {
    const start = index === 0 ? 0 : (ends[index - 1] ?? bytes.length);
    const end = index === texts.length - 1 ? bytes.length : (ends[index] ?? bytes.length);
    return { text, line: line.line, offset: line.offset + start, length: end - start };
  });
}

/** Offsets just after each line end in the bytes, in order. */
function innerEnds(bytes: Buffer, encoding: string): readonly number[] {
  const isWide = encoding.startsWith("utf-16");
  // Outside of UTF-16 line ends are single bytes in every encoding: latin1 keeps every byte in its place.
  const text = isWide
    ? new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes)
    : bytes.toString("latin1");
  return [...text.matchAll(/\r\n|\r|\n/g)].map(
    ({ 0: end, index }) => (index + end.length) * (isWide ? 2 : 1),
  );
}
