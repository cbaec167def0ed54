/** Masking in the bytes themselves, length kept, so that lines, offsets and lengths stay those of the file as read. */
import { isAscii, isUtf8 } from "node:buffer";
import iconv from "iconv-lite";
import { utf8Length } from "../platform/mixed-text.ts";
import { type AadhaarSpan, maskAadhaar, maskDigits } from "../records/aadhaar.ts";

/** A row with more candidates than this is masked without regard to its cells: looking for each would take too long. */
const manyCandidates = 50;

/** Replaces each candidate wherever it stands in the bytes of one record. */
export function maskCandidates(
  bytes: Buffer,
  candidates: readonly string[],
  encoding: string,
): void {
  const different = new Set(candidates);
  if (different.size > manyCandidates) maskFreeBytes(bytes, encoding);
  else for (const candidate of different) maskCandidate(bytes, candidate, encoding);
}

function maskCandidate(bytes: Buffer, candidate: string, encoding: string): void {
  // Lines of a cell were joined with LF, whatever ends them in the file.
  const lineEnds = candidate.includes("\n") ? ["\n", "\r\n", "\r"] : ["\n"];
  let isFound = false;
  for (const lineEnd of lineEnds) {
    const written = candidate.replaceAll("\n", lineEnd);
    const needle = iconv.encode(written, encoding);
    const mask = sized(iconv.encode(maskDigits(written), encoding), needle.length);
    for (
      let at = bytes.indexOf(needle);
      at !== -1;
      at = bytes.indexOf(needle, at + needle.length)
    ) {
      mask.copy(bytes, at);
      isFound = true;
    }
  }
  // The row was read in another encoding than its file, or its cell was not written as it reads.
  if (!isFound) maskFreeBytes(bytes, encoding);
}

/** A mask of as many bytes as what it covers, where the charset has other lengths for digits and mask signs. */
function sized(mask: Buffer, length: number): Buffer {
  return mask.length === length ? mask : Buffer.alloc(length, "X");
}

/** Masks spans of a record's text in its bytes; the bytes are those the text was read from. */
export function maskTextSpans(
  bytes: Buffer,
  source: { readonly text: string; readonly encoding: string },
  spans: readonly AadhaarSpan[],
): void {
  const { text, encoding } = source;
  let at = 0;
  let from = 0;
  for (const { start, end } of spans) {
    at += iconv.encode(text.slice(from, start), encoding).length;
    from = start;
    const found = text.slice(start, end);
    const needle = iconv.encode(found, encoding);
    if (!bytes.subarray(at, at + needle.length).equals(needle)) {
      // Bytes that do not read back as they were (a charset that cannot be written): wherever the number stands.
      const candidates = spans.map((span) => text.slice(span.start, span.end));
      maskCandidates(bytes, candidates, "latin1");
      maskFreeBytes(bytes, encoding);
      return;
    }
    sized(iconv.encode(maskDigits(found), encoding), needle.length).copy(bytes, at);
  }
}

/** Masks every candidate in bytes that were not split into cells: titles, totals, broken rows. */
export function maskFreeBytes(bytes: Buffer, encoding: string): void {
  if (bytes.length < 12) return;
  // ASCII digits are single bytes in all encodings but UTF-16: latin1 keeps every byte in its place.
  maskDecoded(bytes, "latin1");
  // An export may have another appended to it whose units are wider or narrower, or lose a byte on the way.
  const isWide = encoding.startsWith("utf-16");
  if (isWide || bytes.includes(0)) maskWide(bytes);
  if (isWide || isAscii(bytes)) return;
  if (isUtf8(bytes)) maskDecoded(bytes, "utf-8");
  else for (const stretch of utf8Stretches(bytes)) maskDecoded(stretch, "utf-8");
}

/** UTF-16 of either order, wherever its units begin. */
function maskWide(bytes: Buffer): void {
  for (const start of [0, 1]) {
    const own = bytes.subarray(start, start + ((bytes.length - start) & ~1));
    maskDecoded(own, "utf-16le");
    maskDecoded(own, "utf-16be");
  }
}

/** The mask is as long as what it covers, in bytes as well, where the bytes are of this encoding. */
function maskDecoded(bytes: Buffer, encoding: string): void {
  const text = iconv.decode(bytes, encoding, { stripBOM: false });
  const masked = maskAadhaar(text);
  if (masked === text) return;
  const encoded = iconv.encode(masked, encoding);
  if (encoded.length === bytes.length) encoded.copy(bytes);
}

/** The longest stretches of bytes that are UTF-8, where a file changes its encoding or has lost bytes on the way. */
function* utf8Stretches(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = utf8Length(bytes, at);
    if (length === 0) {
      if (at > start) yield bytes.subarray(start, at);
      start = at + 1;
    }
    at += Math.max(1, length);
  }
  if (start < bytes.length) yield bytes.subarray(start);
}
