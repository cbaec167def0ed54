/** Days as whole numbers since 1970-01-01, so that ages and dates need no clock and no time zone. */
import type { IsoDate } from "../platform/ids.ts";

export interface CalendarDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** Day number of a date; Howard Hinnant's civil-calendar algorithm (proleptic Gregorian). */
export function dayOf({ year, month, day }: CalendarDate): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date of a day number. */
export function dateOf(dayNumber: number): CalendarDate {
  const shifted = dayNumber + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch + (monthFromMarch < 10 ? 3 : -9);
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

/** Day number of `YYYY-MM-DD`. */
export function dayOfIso(date: IsoDate): number {
  const [year, month, day] = date.split("-").map(Number);
  return dayOf({ year: year ?? 1970, month: month ?? 1, day: day ?? 1 });
}

/** Whole years lived on `dayNumber` by somebody born on `birthDay`. */
export function ageOn(birthDay: number, dayNumber: number): number {
  const birth = dateOf(birthDay);
  const now = dateOf(dayNumber);
  const hadBirthday =
    now.month > birth.month || (now.month === birth.month && now.day >= birth.day);
  return now.year - birth.year - (hadBirthday ? 0 : 1);
}

const monthNames = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const two = (value: number) => String(value).padStart(2, "0");

/** `31-08-1990`, with any separator. */
export function asDmy({ year, month, day }: CalendarDate, separator: string): string {
  return `${two(day)}${separator}${two(month)}${separator}${year}`;
}

/** `08/31/1990`. */
export function asMdy({ year, month, day }: CalendarDate): string {
  return `${two(month)}/${two(day)}/${year}`;
}

/** `31-Aug-1990`. */
export function asDayMonthName({ year, month, day }: CalendarDate): string {
  return `${two(day)}-${monthNames[month - 1] ?? "Jan"}-${year}`;
}

/** `1990-08-31`. */
export function asIso({ year, month, day }: CalendarDate): string {
  return `${year}-${two(month)}-${two(day)}`;
}

/** `19900831`, as HL7 writes it. */
export function asCompact({ year, month, day }: CalendarDate): string {
  return `${year}${two(month)}${two(day)}`;
}
