/** What can be wrong with an archive or a spreadsheet as a whole. A library's own text never gets out: it may quote the content. */
import { HimsError } from "../platform/errors.ts";
import { codeOf } from "../platform/failure.ts";

/** Truncated, or changed since it was packed. */
export function damagedArchive(file: string, cause?: unknown): HimsError {
  return new HimsError("HIMS_SOURCE_ARCHIVE_DAMAGED", {
    kind: "usage",
    message: "this archive is cut off or damaged; nothing of it was loaded",
    hint: "Deliver the file again. If it comes by a transfer that changes line ends (FTP in text mode), use binary mode.",
    at: { file },
    cause,
  });
}

/** An archive of a kind, or with members, that are not read. */
export function refusedArchive(file: string, what: string, hint: string): HimsError {
  return new HimsError("HIMS_SOURCE_ARCHIVE_REFUSED", {
    kind: "usage",
    message: `this archive is not read: ${what}`,
    hint,
    at: { file },
  });
}

/** A spreadsheet of a kind, or with a content, that cannot be read. */
export function refusedSpreadsheet(file: string, what: string, hint: string): HimsError {
  return new HimsError("HIMS_SOURCE_SPREADSHEET", {
    kind: "usage",
    message: `this spreadsheet cannot be read: ${what}`,
    hint,
    at: { file },
  });
}

/** What a reading of an archive threw, in our words; failures of the file system stay what they are. */
export function archiveFailure(error: unknown, file: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof HimsError || error instanceof TypeError) return error;
  return /^E[A-Z]+$/.test(codeOf(error)) ? error : damagedArchive(file, error);
}
