/** What a column holds, told by its cells alone: shares of kinds, dates, how unique. Values stay in memory and go nowhere. */
import type { IsoDate } from "../platform/ids.ts";
import { cellText } from "../records/cell-text.ts";
import { type CellKind, cellKinds, kindsOf, shapeOf } from "./cell-kind.ts";
import { type DateProfile, profileDates } from "./date-shape.ts";
import { isKrutiDevText } from "./word-list.ts";

export interface ColumnProfile {
  readonly column: string;
  /** Rows looked at, and how many of them have text in this column. */
  readonly rows: number;
  readonly filled: number;
  /** 0 to 1. */
  readonly blankRate: number;
  readonly distinct: number;
  /** Different values for each filled cell: 1 when every value stands once. */
  readonly distinctRate: number;
  /** Length of the typical (median) cell, in UTF-16 code units. */
  readonly typicalLength: number;
  /** Share of the filled cells, 0 to 1. */
  readonly shares: Readonly<Record<CellKind, number>>;
  readonly dates: DateProfile;
  /** Commonest shape, such as `NN/NN/NNNN`; null for a blank column. */
  readonly shape: string | null;
  /** Each value once, where they are few enough to be codes; null for others. */
  readonly codes: readonly string[] | null;
  readonly isKrutiDev: boolean;
  /** 1, 2, 3 down the rows. */
  readonly isSerial: boolean;
}

/** So many cells are looked at closely; uniqueness is told by all. */
const closeCells = 2_000;
const maxCodes = 40;

/** Profiles one column over the sampled rows. */
export function profileColumn(
  column: string,
  cells: readonly string[],
  today: IsoDate,
): ColumnProfile {
  const texts = cells.map(cellText).filter((text) => !isBlank(text));
  const close = everyNth(texts, closeCells);
  const values = new Set(texts);
  const isCoded = values.size > 0 && values.size <= maxCodes;
  return {
    column,
    rows: cells.length,
    filled: texts.length,
    blankRate: cells.length === 0 ? 1 : 1 - texts.length / cells.length,
    distinct: values.size,
    distinctRate: texts.length === 0 ? 0 : values.size / texts.length,
    typicalLength: median(close.map((text) => text.length)),
    shares: sharesOf(close),
    // The order of dates may show in a few rows only.
    dates: profileDates(close.length < texts.length && looksDated(close) ? texts : close, today),
    shape: commonest(close.map(shapeOf)),
    codes: isCoded ? [...values] : null,
    isKrutiDev: close.filter(isKrutiDevText).length > close.length * 0.1,
    isSerial: isSerial(texts),
  };
}

/** What clerks write where there is nothing. */
export function isBlank(text: string): boolean {
  return /^(?:|[-.–—*_]+|n\.?\/?a\.?|nil|null|none|nan|#n\/a)$/i.test(text);
}

function looksDated(texts: readonly string[]): boolean {
  const few = texts.slice(0, 50);
  return few.filter((text) => /^\p{Nd}{1,4}[-/.\s]/u.test(text)).length > few.length / 2;
}

function sharesOf(texts: readonly string[]): Readonly<Record<CellKind, number>> {
  const counts = Object.fromEntries(cellKinds.map((kind) => [kind, 0])) as Record<CellKind, number>;
  const seen = new Map<string, readonly CellKind[]>();
  for (const text of texts) {
    let kinds = seen.get(text);
    if (kinds === undefined) {
      kinds = kindsOf(text);
      seen.set(text, kinds);
    }
    for (const kind of kinds) counts[kind] += 1;
  }
  const all = Math.max(1, texts.length);
  for (const kind of cellKinds) counts[kind] /= all;
  return counts;
}

function isSerial(texts: readonly string[]): boolean {
  const few = texts.slice(0, 200).map(Number);
  const [first = Number.NaN] = few;
  const steps = few.filter((number, index) => index > 0 && number === (few[index - 1] ?? 0) + 1);
  return first <= 1 && few.length > 2 && steps.length >= (few.length - 1) * 0.9;
}

/** At most `count` of them, taken evenly. */
function everyNth(texts: readonly string[], count: number): readonly string[] {
  if (texts.length <= count) return texts;
  const step = texts.length / count;
  return Array.from({ length: count }, (_, index) => texts[Math.floor(index * step)] ?? "");
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The text that stands most often; of equally many the first in order, so that rows in another order say the same. */
function commonest(texts: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return sorted[0]?.[0] ?? null;
}
