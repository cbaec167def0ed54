/** A bad world (not bad data, not a bug): every expected failure carries a stable code, a place and a hint. */

/** Sorted by recovery: what an operator must mend decides the exit code (design: exit codes 0-7, 130, 143). */
export type ErrorKind =
  | "usage" // flags, configuration, a file that is not what it was said to be: exit 2
  | "gate" // a data gate tripped, nothing of that file committed: exit 3
  | "unreachable" // database or source unreachable, or database not migrated: exit 4
  | "locked" // another run holds the lock: exit 5
  | "partial" // some pipelines failed, others are committed: exit 6
  | "check" // a check said no: exit 7
  | "bug"; // our fault: exit 1

export interface ErrorPlace {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

export interface HimsErrorOptions {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string;
  readonly at?: ErrorPlace;
  readonly cause?: unknown;
}

/** An expected failure. Its message and hint never contain a patient's data. */
export class HimsError extends Error {
  readonly code: `HIMS_${string}`;
  readonly kind: ErrorKind;
  readonly hint: string;
  readonly at: ErrorPlace | null;

  constructor(code: `HIMS_${string}`, options: HimsErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HimsError";
    this.code = code;
    this.kind = options.kind;
    this.hint = options.hint;
    this.at = options.at ?? null;
  }
}

const exitCodes: Readonly<Record<ErrorKind, number>> = {
  bug: 1,
  usage: 2,
  gate: 3,
  unreachable: 4,
  locked: 5,
  partial: 6,
  check: 7,
};

export function exitCodeOf(error: unknown): number {
  return error instanceof HimsError ? exitCodes[error.kind] : 1;
}
