/** What one feed holds, counted while it is written: the expectations beside the truth. */

/** Why a record cannot be read, in the words of the rules that should find it. */
export type Breakage =
  | "identifier_missing"
  | "birth_date_invalid"
  | "cells_extra"
  | "unclosed_quote"
  | "not_hl7";

/** Counts of one pipeline, as `expected.json` gives them. */
export interface ExpectedCounts {
  readonly facility: string;
  readonly file: string;
  /** Data records: CSV records below the header, HL7 messages, garbage between messages. */
  readonly records: number;
  /** Title, total and repeated header lines; FHS, BHS, BTS, FTS. */
  readonly layoutLines: number;
  readonly broken: { readonly [Reason in Breakage]?: number };
}

/** Counts for one writing of one feed; a feed fills it and nobody else. */
export class Tally {
  records = 0;
  layoutLines = 0;
  readonly broken = new Map<Breakage, number>();

  record(breakage: Breakage | null): void {
    this.records++;
    if (breakage !== null) this.broken.set(breakage, (this.broken.get(breakage) ?? 0) + 1);
  }

  counts(facility: string, file: string): ExpectedCounts {
    const broken = Object.fromEntries([...this.broken].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { facility, file, records: this.records, layoutLines: this.layoutLines, broken };
  }
}
