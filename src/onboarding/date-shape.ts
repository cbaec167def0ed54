/** Which orders of day, month and year the dates of a column allow, and when they lie. */
import type { IsoDate } from "../platform/ids.ts";
import { asciiDigits } from "../records/digits.ts";
import type { DateOrder } from "../records/field-map.ts";
import { parseDate } from "../records/normalize-date.ts";

/** One column's dates, counted. */
export interface DateProfile {
  /** Share of the filled cells that are dates; plain numbers are only counted when they have eight digits. */
  readonly share: number;
  /** Share of those that are eight digits in a row, which may be numbers as well. */
  readonly compact: number;
  /** Cells that only day first, only month first, or either may be; equal parts (05/05) tell nothing and count nowhere. */
  readonly dayFirst: number;
  readonly monthFirst: number;
  readonly either: number;
  /** Cells that say their order themselves: ISO, YYYYMMDD, month names. */
  readonly plain: number;
  /** Years of the dates, sorted. */
  readonly years: readonly number[];
  /** Share of the cells that have a time of day. */
  readonly timed: number;
  /** Lies after the day of the onboarding: how many. */
  readonly ahead: number;
}

const numeric = /^(\d{1,2})[-/.\s](\d{1,2})[-/.\s](\d{4}|\d{2})(?=$|[T\s,])/;

/** Profiles the filled cells of a column. */
export function profileDates(texts: readonly string[], today: IsoDate): DateProfile {
  const counts = {
    dayFirst: 0,
    monthFirst: 0,
    either: 0,
    plain: 0,
    dates: 0,
    timed: 0,
    ahead: 0,
    compact: 0,
  };
  const years: number[] = [];
  for (const text of texts) {
    const date = dateOf(text, "dmy", today);
    if (date === null) continue;
    counts.dates += 1;
    if (date > today) counts.ahead += 1;
    years.push(Number(date.slice(0, 4)));
    const ascii = asciiDigits(text).trim();
    if (/\d:\d\d/.test(ascii)) counts.timed += 1;
    if (/^\d{8}$/.test(ascii)) counts.compact += 1;
    counts[orderEvidence(ascii)] += 1;
  }
  const filled = Math.max(1, texts.length);
  const { dayFirst, monthFirst, either, plain, ahead } = counts;
  return {
    share: counts.dates / filled,
    compact: counts.compact / filled,
    dayFirst,
    monthFirst,
    either,
    plain,
    years: years.sort((a, b) => a - b),
    timed: counts.timed / filled,
    ahead,
  };
}

/** The date of a cell; null for what is none or is a number that may be anything. */
export function dateOf(text: string, order: DateOrder, today: IsoDate): IsoDate | null {
  const trimmed = asciiDigits(text).trim();
  if (/^\d+$/.test(trimmed) && trimmed.length !== 8) return null;
  if (!/\d/.test(trimmed) || trimmed.length < 6) return null;
  const read = parseDate(trimmed, { order, today });
  if (!read.ok || read.value.precision === "year") return null;
  return Number(read.value.date.slice(0, 4)) < 1880 ? null : read.value.date;
}

function orderEvidence(text: string): "dayFirst" | "monthFirst" | "either" | "plain" {
  const match = numeric.exec(text);
  if (match === null) return "plain";
  const first = Number(match[1]);
  const second = Number(match[2]);
  if (first > 12) return "dayFirst";
  if (second > 12) return "monthFirst";
  return first === second ? "plain" : "either";
}
