/** Which cells of a row may hold a 12-digit number that is no Aadhaar number, and the masking of all others. */
import { aadhaarSpans, isAadhaarShaped, maskSpans, mayHoldAadhaar } from "./aadhaar.ts";
import { asciiDigits } from "./digits.ts";
import type { MapField } from "./field-map.ts";
import type { BoundMap } from "./row-reader.ts";

const identifierFields: readonly MapField[] = [
  "mrn",
  "identifier",
  "abhaNumber",
  "encounterId",
  "eventId",
  "motherMrn",
  "guardianMrn",
  "code",
  "lot",
];
const dateFields: readonly MapField[] = [
  "birthDate",
  "seenAt",
  "deceasedAt",
  "at",
  "endAt",
  "dueAt",
];

/** How the columns of one file are treated. */
export interface MaskPlan {
  /** Positions of mapped identifiers: left alone, but watched (see `AadhaarWatch`). */
  readonly identifiers: readonly number[];
  readonly phones: ReadonlySet<number>;
  readonly exempt: ReadonlySet<number>;
}

export function maskPlan(maps: readonly BoundMap[]): MaskPlan {
  const positions = (fields: readonly MapField[]) =>
    maps.flatMap((map) => fields.flatMap((field) => map[field]?.positions ?? []));
  const identifiers = [...new Set(positions(identifierFields))];
  return {
    identifiers,
    phones: new Set(positions(["phone"])),
    exempt: new Set([...identifiers, ...positions(dateFields)]),
  };
}

export interface MaskedRow {
  readonly cells: readonly string[];
  /** The candidates as they stood in the cells; empty for nearly every row. */
  readonly candidates: readonly string[];
}

export function maskRow(cells: readonly string[], plan: MaskPlan): MaskedRow {
  let masked: string[] | null = null;
  const candidates: string[] = [];
  for (const [position, cell] of cells.entries()) {
    if (plan.exempt.has(position) || !mayHoldAadhaar(cell)) continue;
    const isPhone = plan.phones.has(position);
    const spans = aadhaarSpans(cell).filter(
      ({ start, end }) => !(isPhone && isMobileShaped(cell.slice(start, end))),
    );
    if (spans.length === 0) continue;
    candidates.push(...spans.map(({ start, end }) => cell.slice(start, end)));
    masked ??= [...cells];
    masked[position] = maskSpans(cell, spans);
  }
  return { cells: masked ?? cells, candidates };
}

/** 91 and an Indian mobile number: twelve digits of which one in ten passes Verhoeff. A landline is not let off. */
export function isMobileShaped(candidate: string): boolean {
  return /^91[6-9]\d{9}$/.test(asciiDigits(candidate).replace(/\D/g, ""));
}

/** Where the cells of a row stand in bytes, by position, and what is known of each. */
export interface FramedCells {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly digits: Int32Array;
  /** Not 0 for a cell with bytes outside of ASCII. */
  readonly isWide: Uint8Array;
}

/** How many values a column had, and how many of them look like Aadhaar numbers; by position. */
export type WatchCounts = ReadonlyMap<number, { readonly values: number; readonly shaped: number }>;

/** One in ten of any 12-digit numbers passes Verhoeff; a column of which more than half pass holds Aadhaar numbers. */
export class AadhaarWatch {
  private counts = new Map<number, { values: number; shaped: number }>();

  see(cells: readonly string[], plan: MaskPlan): void {
    for (const position of plan.identifiers) {
      const cell = cells[position] ?? "";
      if (cell.trim() !== "") this.note(position, cell.length >= 12 && isAadhaarShaped(cell));
    }
  }

  /** The same of cells that are framed in bytes. */
  seeFrame(bytes: Buffer, frame: FramedCells, plan: MaskPlan): void {
    for (const position of plan.identifiers) {
      const start = frame.starts[position] ?? 0;
      const end = frame.ends[position] ?? 0;
      if (start === end) continue;
      const digits = frame.digits[position] ?? 0;
      const mayBeShaped = digits === 12 || frame.isWide[position] !== 0;
      this.note(position, mayBeShaped && isAadhaarShaped(bytes.toString("utf8", start, end)));
    }
  }

  private note(position: number, isShaped: boolean): void {
    const count = this.countOf(position);
    count.values += 1;
    if (isShaped) count.shaped += 1;
  }

  /** Adds what was seen elsewhere. */
  add(counts: WatchCounts): void {
    for (const [position, { values, shaped }] of counts) {
      const count = this.countOf(position);
      count.values += values;
      count.shaped += shaped;
    }
  }

  /** What was seen since it was last taken. */
  take(): WatchCounts {
    const { counts } = this;
    this.counts = new Map();
    return counts;
  }

  /** Positions of columns that look like Aadhaar numbers. */
  suspicious(): readonly number[] {
    return [...this.counts]
      .filter(([, count]) => provesAadhaar(count))
      .map(([position]) => position);
  }

  private countOf(position: number): { values: number; shaped: number } {
    let count = this.counts.get(position);
    if (count === undefined) {
      count = { values: 0, shaped: 0 };
      this.counts.set(position, count);
    }
    return count;
  }
}

/** More than half of five values or more, or all of two or more: a single number proves nothing. */
export function provesAadhaar({ values, shaped }: { values: number; shaped: number }): boolean {
  return values >= 5 ? shaped * 2 > values : values >= 2 && shaped === values;
}
