/** First bytes of files: what tells archives and spreadsheets from text, whatever their names say. */
import { refusedArchive } from "./archive-failure.ts";

export type Packing = "gzip" | "zip" | "compound" | "text";

/** So many bytes are enough for `packingOf` and `refuseNested`. */
export const headBytes = 512;

/** What the first bytes of a file say it is; `compound` is the container of .xls and of encrypted .xlsx. */
export function packingOf(head: Uint8Array): Packing {
  const begins = (...signs: readonly number[]) =>
    signs.every((sign, index) => head[index] === sign);
  if (begins(0x1f, 0x8b)) return "gzip";
  if (begins(0x50, 0x4b, 0x03, 0x04) || begins(0x50, 0x4b, 0x05, 0x06)) return "zip";
  return begins(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1) ? "compound" : "text";
}

/** Passes an unpacked content on, unless it is packed itself: archives in archives hide bombs, and nobody needs them. */
export async function* withoutNested(
  content: AsyncIterable<Uint8Array>,
  file: string,
): AsyncIterable<Uint8Array> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of content) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < headBytes) continue;
    refuseNested(head, file);
    yield head;
    head = null;
  }
  if (head === null || head.length === 0) return;
  refuseNested(head, file);
  yield head;
}

function refuseNested(head: Buffer, file: string): void {
  const isTar = head.toString("latin1", 257, 262) === "ustar";
  if (packingOf(head) === "text" && !isTar) return;
  throw refusedArchive(
    file,
    "it holds another archive or a spreadsheet",
    "Unpack it once and deliver what is inside: text files, or workbooks as they are.",
  );
}
