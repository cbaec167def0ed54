/** Zip archives, read in place: nothing is ever unpacked to a disk. */
import { crc32 } from "node:zlib";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { archiveFailure, damagedArchive, refusedArchive } from "./archive-failure.ts";
import { maxMembers, tooLarge, UnpackLimit } from "./unpack-limit.ts";

/** One file inside an archive. */
export interface ZipMember {
  readonly name: string;
  readonly bytes: number;
  /** Why it cannot be read, where it cannot. */
  readonly refusal: { readonly what: string; readonly hint: string } | null;
  readonly entry: Entry;
}

interface ZipPlace {
  readonly path: string;
  /** As shown to people. */
  readonly name: string;
}

/**
 * All files of an archive: its directory is read, and checked as a whole.
 * @throws HimsError HIMS_SOURCE_ARCHIVE_… for names that lead out, members that overlap, too many or too large ones
 */
export async function listMembers(
  file: ZipPlace,
  maxBytes: number,
  signal: AbortSignal,
): Promise<readonly ZipMember[]> {
  const entries = await entriesOf(file, signal);
  refuseOverlap(entries, file.name);
  const total = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  if (total > maxBytes) throw tooLarge(file.name);
  return entries
    .filter(({ fileName }) => !fileName.endsWith("/"))
    .map((entry) => ({
      name: entry.fileName,
      bytes: entry.uncompressedSize,
      refusal: refusalOf(entry),
      entry,
    }));
}

async function entriesOf(file: ZipPlace, signal: AbortSignal): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const names = new Set<string>();
  const zip = await openZip(file, signal);
  try {
    if (zip.entryCount > maxMembers) throw tooLarge(file.name);
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted();
      if (names.has(entry.fileName)) throw hostile(file.name, "two members have one name");
      names.add(entry.fileName);
      entries.push(entry);
    }
    return entries;
  } catch (error) {
    if (isNameRefusal(error)) throw hostile(file.name, "a member's name leads out of it");
    if (isStrongEncryption(error)) throw refusedArchive(file.name, encrypted.what, encrypted.hint);
    throw archiveFailure(error, file.name, signal);
  } finally {
    zip.close();
  }
}

async function openZip(file: ZipPlace, signal: AbortSignal): Promise<ZipFile> {
  try {
    return await openPromise(file.path, {
      lazyEntries: true,
      autoClose: false,
      strictFileNames: true,
      validateEntrySizes: true,
    });
  } catch (error) {
    throw archiveFailure(error, file.name, signal);
  }
}

/** yauzl gives these no code: its messages for names that are absolute, go up, or hold a backslash. */
function isNameRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(?:absolute path|invalid relative path|invalid characters in fileName)/.test(error.message)
  );
}

function isStrongEncryption(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("strong encryption");
}

function hostile(file: string, what: string) {
  return refusedArchive(
    file,
    what,
    "No program for packing writes this by itself: ask the sender where the file comes from, and have it packed anew.",
  );
}

/** Members that share bytes are how a small archive unfolds without end. */
function refuseOverlap(entries: readonly Entry[], file: string): void {
  const inOrder = [...entries].sort(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  );
  let end = 0;
  for (const entry of inOrder) {
    if (entry.relativeOffsetOfLocalHeader < end) throw hostile(file, "its members overlap");
    const headerBytes = 30 + entry.fileNameLength;
    end = entry.relativeOffsetOfLocalHeader + headerBytes + entry.compressedSize;
  }
}

const encrypted = {
  what: "it is encrypted",
  hint: "Deliver it without a password, over a transfer that is encrypted itself (SFTP, HTTPS).",
};
const link = { what: "a member is a link", hint: "Pack the file itself, not a link to it." };
const method = {
  what: "it is packed by a method other than deflate",
  hint: "Pack it as a plain .zip or .gz.",
};

function refusalOf(entry: Entry): ZipMember["refusal"] {
  if (entry.isEncrypted()) return encrypted;
  if (((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000) return link;
  return entry.compressionMethod === 0 || entry.compressionMethod === 8 ? null : method;
}

/** The content of one member; its length and checksum are those the archive states, or it ends in an error. */
export async function* memberContent(
  file: ZipPlace,
  member: ZipMember,
  maxBytes: number,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  signal.throwIfAborted();
  if (member.refusal !== null)
    throw refusedArchive(file.name, member.refusal.what, member.refusal.hint);
  const limit = new UnpackLimit(file.name, maxBytes);
  limit.packedBytes(member.entry.compressedSize);
  const zip = await openZip(file, signal);
  let checksum = 0;
  try {
    const stream = await zip.openReadStreamPromise(member.entry);
    try {
      for await (const chunk of stream) {
        signal.throwIfAborted();
        limit.unpackedBytes((chunk as Buffer).length);
        checksum = crc32(chunk as Buffer, checksum);
        yield chunk as Buffer;
      }
    } finally {
      stream.destroy();
    }
    if (checksum !== member.entry.crc32) throw damagedArchive(file.name);
  } catch (error) {
    throw archiveFailure(error, file.name, signal);
  } finally {
    zip.close();
  }
}
