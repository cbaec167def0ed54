/** Files as they were read, taken from the archive again: whole, or some stretches of them. */
import { HimsError } from "../platform/errors.ts";
import type { SourceFileId } from "../platform/ids.ts";
import type { Reader } from "./database.ts";
import { openChunk, type StoreKey, unwrapFileKey } from "./raw-archive.ts";

/** What the archive knows of how a file was read. */
export interface ArchivedFile {
  readonly fileId: SourceFileId;
  readonly name: string;
  readonly modifiedAt: Date;
  /** WHATWG label. */
  readonly encoding: string;
  /** Header as read, Aadhaar numbers masked; null for HL7. */
  readonly columns: readonly string[] | null;
}

/** @throws HimsError HIMS_ARCHIVE_MISSING */
export async function findArchivedFile(reader: Reader, fileId: string): Promise<ArchivedFile> {
  const [file] = await reader.rows<ArchivedFile>(
    `select file_id as "fileId", name, modified_at as "modifiedAt", encoding, columns from source_file where file_id = $1`,
    [fileId],
  );
  if (file === undefined) throw missing();
  return file;
}

/** The bytes of a file in order, a chunk (about a megabyte) at a time. */
export async function* streamArchivedBytes(
  reader: Reader,
  storeKey: StoreKey,
  fileId: string,
): AsyncGenerator<Buffer> {
  // Of content that was read twice the archive holds one copy.
  const [file] = await reader.rows<{ id: SourceFileId; data_key: Buffer }>(
    `select a.file_id as id, a.data_key from source_file s join source_file a on a.file_id = coalesce(s.archive_id, s.file_id)
     where s.file_id = $1`,
    [fileId],
  );
  if (file === undefined) throw missing();
  const { id } = file;
  const key = unwrapFileKey(file.data_key, storeKey, id);
  for (let seq = 0; ; seq += 1) {
    const [chunk] = await reader.rows<{ bytes: Buffer }>(
      "select bytes from raw_chunk where file_id = $1 and seq = $2",
      [id, seq],
    );
    if (chunk === undefined) return;
    yield openChunk(chunk.bytes, key, id, seq);
  }
}

export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** The stretches, in the order of their offsets; no more of the file is read than up to the end of the last one. */
export async function readStretches<T extends Stretch>(
  bytes: AsyncIterable<Buffer>,
  stretches: readonly T[],
): Promise<ReadonlyMap<T, Buffer>> {
  const waiting = stretches.toSorted((a, b) => a.offset - b.offset);
  const found = new Map<T, Buffer>();
  let held: Buffer = Buffer.alloc(0);
  let start = 0;
  let turn = 0;
  for await (const chunk of bytes) {
    held = Buffer.concat([held, chunk]);
    for (let next = waiting[turn]; next !== undefined; next = waiting[turn]) {
      const end = next.offset + next.length;
      if (end > start + held.length) break;
      found.set(next, Buffer.from(held.subarray(next.offset - start, end - start)));
      turn += 1;
    }
    const next = waiting[turn];
    if (next === undefined) return found;
    const keepFrom = Math.min(next.offset, start + held.length);
    held = held.subarray(keepFrom - start);
    start = keepFrom;
  }
  if (turn < waiting.length) throw missing();
  return found;
}

function missing(): HimsError {
  return new HimsError("HIMS_ARCHIVE_MISSING", {
    kind: "usage",
    message: "the archive does not hold the bytes of a file it should hold",
    hint: "Restore the database from a backup; `hims doctor` looks at the store.",
  });
}
