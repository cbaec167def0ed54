/** Masking in the bytes themselves, length kept, so that lines, offsets and lengths stay those of the file as read. */
import iconv from "iconv-lite";
import { type AadhaarSpan, maskAadhaar, maskDigits } from "../records/aadhaar.ts";

/** Replaces each candidate wherever it stands in the bytes of one record. */
export function maskCandidates(
  bytes: Buffer,
  candidates: readonly string[],
  encoding: string,
): void {
  for (const candidate of candidates) {
    const needle = iconv.encode(candidate, encoding);
    const mask = iconv.encode(maskDigits(candidate), encoding);
    for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + needle.length))
      mask.copy(bytes, at);
  }
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
      return;
    }
    iconv.encode(maskDigits(found), encoding).copy(bytes, at);
  }
}

/** Masks every candidate in bytes that were not split into cells: titles, totals, broken rows. */
export function maskFreeBytes(bytes: Buffer, encoding: string): void {
  if (bytes.length < 12) return;
  // ASCII digits are single bytes in all encodings but UTF-16: latin1 keeps every byte in its place.
  const label = encoding.startsWith("utf-16")
    ? encoding
    : isAsciiDigitsOnly(bytes)
      ? "latin1"
      : "utf-8";
  const text = iconv.decode(bytes, label, { stripBOM: false });
  const masked = maskAadhaar(text);
  if (masked === text) return;
  const encoded = iconv.encode(masked, label);
  if (encoded.length === bytes.length) encoded.copy(bytes);
  else iconv.encode(maskAadhaar(bytes.toString("latin1")), "latin1").copy(bytes);
}

/** Devanagari digits are E0 A5 A6-AF in UTF-8; without an E0 there are none. */
function isAsciiDigitsOnly(bytes: Buffer): boolean {
  return !bytes.includes(0xe0);
}
