/** How far an archive may unfold: a bomb of a few kilobytes must not fill the store. */
import { HimsError } from "../platform/errors.ts";

/** No export of text packs this well over so many bytes. */
const maxRatio = 200;
const ratioCountsFromBytes = 100_000_000;
export const maxMembers = 10_000;

/** Counts what comes out of an archive against what went in. */
export class UnpackLimit {
  private readonly file: string;
  private readonly maxBytes: number;
  private packed = 0;
  private unpacked = 0;

  /** @param file the file's name as people know it, for the error */
  constructor(file: string, maxBytes: number) {
    this.file = file;
    this.maxBytes = maxBytes;
  }

  /** Adds bytes of the archive itself. */
  packedBytes(bytes: number): void {
    this.packed += bytes;
  }

  /** @throws HimsError HIMS_SOURCE_ARCHIVE_TOO_LARGE when it unfolds too far */
  unpackedBytes(bytes: number): void {
    this.unpacked += bytes;
    const isBomb = this.unpacked > ratioCountsFromBytes && this.unpacked > this.packed * maxRatio;
    if (isBomb || this.unpacked > this.maxBytes) throw tooLarge(this.file);
  }
}

/** The archive unfolds to more than is allowed. */
export function tooLarge(file: string): HimsError {
  return new HimsError("HIMS_SOURCE_ARCHIVE_TOO_LARGE", {
    kind: "usage",
    message: "this archive unpacks to far more than an export holds",
    hint: "Ask the sender what it is. A true export of this size can be given unpacked, or allowed with `source.maxUnpackedGigabytes`.",
    at: { file },
  });
}
