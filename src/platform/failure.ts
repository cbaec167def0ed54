/** What went wrong in the world, told by codes: the texts of drivers hold passwords and patients' values. */
import { HimsError } from "./errors.ts";

/** SQLSTATE or the system's error code; never the message. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string")
    return error.code;
  return error instanceof Error ? error.name : "unknown";
}

/** True for failures that a re-run may not meet: a lost connection, a stopping server, a full disk. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error);
  return (
    /^(08|53|57P)/.test(code) ||
    (/^(ECONN|EPIPE|ETIMEDOUT|ENOENT)/.test(code) && isOfSocket(error)) ||
    (error instanceof Error &&
      /^Connection terminated|Client has encountered a connection error/.test(error.message))
  );
}

/** `ENOENT` of a socket is a server that is down; of a file it is a missing file. */
function isOfSocket(error: unknown): boolean {
  const syscall = error instanceof Error && "syscall" in error ? error.syscall : null;
  return syscall === null || /^(connect|read|write)$/.test(String(syscall));
}

/** The server's disk or our own. PostgreSQL has no code of its own for a quota and for a limit of file sizes. */
function isDiskFull(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "XX000" && error instanceof Error)
    return /: (File too large|Disk quota exceeded)$/.test(error.message);
  return /^(53100|ENOSPC|EDQUOT|EFBIG)$/.test(code);
}

/** What the world did to us, with a hint; null for a bug. */
export function worldFailureOf(error: unknown): HimsError | null {
  if (codeOf(error) === "57014") return canceled(error);
  return isDiskFull(error) || isConnectionLoss(error) ? unreachable(error) : null;
}

/** Never pass on a driver's text: it may hold a password or a patient's value. */
export function unreachable(error: unknown): HimsError {
  if (isDiskFull(error)) return diskFull(error);
  const code = codeOf(error);
  return new HimsError("HIMS_DATABASE_UNREACHABLE", {
    kind: "unreachable",
    message: `the database cannot be reached (${code})`,
    hint: "Check DATABASE_URL and that the server runs (`hims db status`), then run the same command again: nothing was lost.",
    cause: error,
  });
}

function diskFull(error: unknown): HimsError {
  return new HimsError("HIMS_DISK_FULL", {
    kind: "unreachable",
    message: "the disk is full",
    hint: "Free some space on the disk of the database and of this workspace (or raise the quota, or `ulimit -f`), then run the same command again: nothing was lost.",
    cause: error,
  });
}

function canceled(error: unknown): HimsError {
  return new HimsError("HIMS_DATABASE_CANCELED", {
    kind: "unreachable",
    message: "the database canceled the work: its administrator did, or a time limit of the server",
    hint: "Run the same command again when nobody cancels it: what was under way is rolled back.",
    cause: error,
  });
}
