/** Dates and times as hospitals write them, with the precision they were given in. Never through `Date`: no zone may move a birthday. */
import type { IsoDate } from "../platform/ids.ts";
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import { asciiDigits } from "./digits.ts";
import type { DateOrder } from "./field-map.ts";
import type { BirthDate } from "./patient-record.ts";
import { maxParsedLength } from "./text-limit.ts";

/** A calendar date with what was really said: `2026-03-01` day, `2026-03` month, `2026` year. */
export interface PartialDate {
  readonly date: IsoDate;
  readonly precision: "day" | "month" | "year";
  /** `HH:MM:SS` where a time was given, with `+05:30` where an offset was. */
  readonly time: string | null;
}

export interface DateOptions {
  /** Which of the numbers comes first where it cannot be told from them. */
  readonly order: DateOrder;
  /** Two-digit years above this year's belong to the last century. */
  readonly today: IsoDate;
}

const monthNames = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
/** Hindi names of months as people spell them; the position of the line is the month. */
const hindiMonths = [
  /जनवरी|जन(?![ऀ-ॿ])/,
  /फ़?रवरी|फ़?र(?![ऀ-ॿ])/,
  /मार्च/,
  /अप्र[ैे]ल/,
  /मई/,
  /जून/,
  /जुला[ईइ]/,
  /अगस्त/,
  /सित(?:ं|म्)बर/,
  /अ(?:क्ट|क्त)[ूु]बर/,
  /नव(?:ं|म्)बर/,
  /दिस(?:ं|म्)बर/,
];
const timePart =
  /^(.*?)(?:[T\s,]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp][Mm])?\s*(Z|IST|[+-]\d{2}:?\d{2})?$/;

/** Reads DD/MM/YYYY, D-M-YY, 12-Mar-1985, ISO, YYYYMMDD, YYYY, with Hindi digits and a time of day, in the given order. */
export function parseDate(text: string, options: DateOptions): Parsed<PartialDate, string> {
  if (text.length > maxParsedLength) return unparsed("date_invalid");
  const trimmed = inLatin(asciiDigits(text).trim());
  const serial = serialDate(trimmed, options.today);
  if (serial !== null) return parsed(serial);
  const timed = timePart.exec(trimmed);
  const time = timed === null ? null : clockTime(timed);
  if (time === "invalid") return unparsed("date_invalid");
  const parts = dateParts(timed === null ? trimmed : (timed[1] ?? ""), options);
  if (parts === null) return unparsed("date_invalid");
  const { year, month, day } = parts;
  if (!isCalendarDate(year, month ?? 1, day ?? 1)) return unparsed("date_invalid");
  const precision = month === null ? "year" : day === null ? "month" : "day";
  return parsed({ date: isoDate(year, month ?? 1, day ?? 1), precision, time });
}

/** Hindi months by their English short names, and `12th` as `12`. */
function inLatin(text: string): string {
  const plain = text.replace(/^(\d{1,2})(?:st|nd|rd|th)(?=[\s,-])/i, "$1");
  if (!/[\u0900-\u097f]/.test(plain)) return plain;
  const spelled = plain.normalize("NFC");
  const month = hindiMonths.findIndex((name) => name.test(spelled));
  const pattern = hindiMonths[month];
  return pattern === undefined ? plain : spelled.replace(pattern, monthNames[month] ?? "");
}

/** 10000 is 18 May 1927: smaller numbers of days are years, larger ones than five digits are YYYYMM or YYYYMMDD. */
const serialText = /^([1-9]\d{4})(\.\d{1,12})?$/;
const dayMs = 86_400_000;

/** `45123`, `45123.4375`: days since 1899-12-30, as spreadsheets save dates that lost their format; none after today. */
function serialDate(text: string, today: IsoDate): PartialDate | null {
  const match = serialText.exec(text);
  if (match === null) return null;
  const seconds = Math.round(Number(text) * 86_400);
  const iso = new Date(Date.UTC(1899, 11, 30) + seconds * 1000).toISOString();
  const date = iso.slice(0, 10) as IsoDate;
  // A day more: whoever asks tells a date in the future by itself.
  if (Date.parse(date) > Date.parse(today) + dayMs * 366) return null;
  const time = match[2] === undefined || /^\.0+$/.test(match[2]) ? null : iso.slice(11, 19);
  return { date, precision: "day", time };
}

function clockTime(match: RegExpExecArray): string | "invalid" {
  let hour = Number(match[2]);
  const half = match[5]?.toLowerCase();
  if (half === "pm" && hour < 12) hour += 12;
  if (half === "am" && hour === 12) hour = 0;
  const minute = match[3] ?? "00";
  const second = match[4] ?? "00";
  if (hour > 23 || Number(minute) > 59 || Number(second) > 59) return "invalid";
  return `${String(hour).padStart(2, "0")}:${minute}:${second}${offsetOf(match[6] ?? "")}`;
}

function offsetOf(zone: string): string {
  if (zone === "") return "";
  if (zone === "Z") return "+00:00";
  return zone === "IST" ? "+05:30" : zone.replace(/^(...):?/, "$1:");
}

interface DateParts {
  readonly year: number;
  readonly month: number | null;
  readonly day: number | null;
}

function dateParts(text: string, options: DateOptions): DateParts | null {
  const compact = /^(\d{4})(\d{2})?(\d{2})?$/.exec(text);
  if (compact !== null) {
    return {
      year: Number(compact[1]),
      month: numberOrNull(compact[2]),
      day: numberOrNull(compact[3]),
    };
  }
  const iso = /^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?$/.exec(text);
  if (iso !== null)
    return { year: Number(iso[1]), month: Number(iso[2]), day: numberOrNull(iso[3]) };
  const named = /^(\d{1,2})[-/.\s]*([A-Za-z]{3})[A-Za-z]*[-/.,\s]*(\d{4}|\d{2})$/.exec(text);
  if (named !== null) return namedParts(named[1], named[2], named[3], options);
  const yearFirst = /^(\d{4})[-/.\s]([A-Za-z]{3})[A-Za-z]*[-/.\s](\d{1,2})$/.exec(text);
  if (yearFirst !== null) return namedParts(yearFirst[3], yearFirst[2], yearFirst[1], options);
  const monthFirst = /^([A-Za-z]{3})[A-Za-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$/.exec(
    text,
  );
  if (monthFirst !== null) return namedParts(monthFirst[2], monthFirst[1], monthFirst[3], options);
  const monthYear = /^(\d{1,2}|[A-Za-z]{3,9})[-/.\s]+(\d{4})$/.exec(text);
  if (monthYear !== null) return monthParts(monthYear[1] ?? "", monthYear[2] ?? "");
  const numeric = /^(\d{1,2})[-/.\s](\d{1,2})[-/.\s](\d{4}|\d{2})$/.exec(text);
  return numeric === null ? null : numericParts(numeric, options);
}

/** `12-2025`, `Dec 2025`. */
function monthParts(month: string, year: string): DateParts | null {
  const named = monthNames.indexOf(month.slice(0, 3).toLowerCase()) + 1;
  const number = /^\d/.test(month) ? Number(month) : named;
  return number === 0 ? null : { year: Number(year), month: number, day: null };
}

function namedParts(
  day: string | undefined,
  monthName: string | undefined,
  year: string | undefined,
  options: DateOptions,
): DateParts | null {
  const month = monthNames.indexOf((monthName ?? "").toLowerCase()) + 1;
  return month === 0 ? null : { year: fullYear(year ?? "", options), month, day: Number(day) };
}

/** A number above 12 proves the order; else the facility's own order decides. */
function numericParts(match: RegExpExecArray, options: DateOptions): DateParts {
  const first = Number(match[1]);
  const second = Number(match[2]);
  const year = fullYear(match[3] ?? "", options);
  const monthFirst =
    options.order === "mdy" ? second <= 31 && first <= 12 : second > 12 && first <= 12;
  return monthFirst ? { year, month: first, day: second } : { year, month: second, day: first };
}

function fullYear(text: string, options: DateOptions): number {
  const year = Number(text);
  if (text.length === 4) return year;
  const thisYear = Number(options.today.slice(0, 4));
  const century = Math.floor(thisYear / 100) * 100;
  return century + year > thisYear ? century - 100 + year : century + year;
}

function numberOrNull(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function isCalendarDate(year: number, month: number, day: number): boolean {
  const last = monthDays[month - 1];
  if (last === undefined || day < 1 || day > last || year < 1850 || year > 2200) return false;
  return !(month === 2 && day === 29) || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

export function isoDate(year: number, month: number, day: number): IsoDate {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}` as IsoDate;
}

/** The zero days of programs: MySQL's, SQL Server's (1 January 1900), a spreadsheet's and .NET's. Nobody was born on them. */
const zeroDay =
  /^(?:0000[-/.]0?0[-/.]0?0|0?0[-/.]0?0[-/.]0000|1900[-/.]0?1[-/.]0?1|0?1[-/.]0?1[-/.](?:1900|0001)|0001[-/.]0?1[-/.]0?1|1899[-/.]12[-/.]3[01]|3[01][-/.]12[-/.]1899|1-jan-1900|01-jan-1900|19000101|00000000)(?:$|[T\s])/i;

/** A birth date in the past, at most 130 years ago. */
export function parseBirthDate(text: string, options: DateOptions): Parsed<BirthDate, string> {
  if (zeroDay.test(asciiDigits(text.slice(0, maxParsedLength)).trim()))
    return unparsed("birth_date_filler");
  const read = parseDate(text, options);
  if (!read.ok) return unparsed("birth_date_invalid");
  const { date, precision } = read.value;
  if (date > options.today) return unparsed("birth_date_in_future");
  if (Number(date.slice(0, 4)) < Number(options.today.slice(0, 4)) - 130)
    return unparsed("birth_date_invalid");
  return parsed({ date, precision });
}

const ageUnits = {
  years: "y(?:ea)?r(?:s|\\(s\\))?|y|वर्ष|साल|बरस",
  months: "months?(?:\\(s\\))?|mon|mths?|m|माह|महीने|महीना|मास",
  weeks: "weeks?(?:\\(s\\))?|wks?|w|सप्ताह|हफ्ते|हफ्ता",
  days: "days?(?:\\(s\\))?|d|दिन",
  hours: "hours?|hrs?|h|घंटे|घंटा",
};
const ageText = new RegExp(
  Object.entries(ageUnits)
    .map(([name, unit]) => `(?:(?<${name}>\\d{1,3})\\s*(?:${unit})\\.?)?`)
    .join("(?:[\\s,/&-]|and|और)*"),
  "iu",
);

/**
 * `45`, `45 Y 3 M`, `8 months`, `4 D`: a birth date estimated from an age at a day. Years alone give YYYY-01-01.
 * A number without a unit is an age in years only when it stands alone: `4/12` and `1.5` are not guessed at.
 * Hours, and nothing but zeros with a unit, are an age of this day.
 */
export function birthDateFromAge(text: string, at: IsoDate): Parsed<BirthDate, string> {
  if (text.length > maxParsedLength) return unparsed("age_invalid");
  const ascii = asciiDigits(text)
    .trim()
    .replace(/\s+old$/i, "");
  const groups = /^\d{1,3}$/.test(ascii) ? { years: ascii } : wholeMatch(ascii);
  if (groups === null) return unparsed("age_invalid");
  const part = (name: string) => Number(groups[name] ?? 0);
  const age = {
    years: part("years"),
    months: part("months"),
    days: part("days") + part("weeks") * 7,
  };
  if (age.years > 130) return unparsed("age_invalid");
  const isNewborn = age.years + age.months + age.days === 0 && (groups["days"] ?? groups["hours"]);
  return parsed({ date: isNewborn ? at : backFrom(at, age), precision: "estimated" });
}

/** The parts of an age with units; null when anything else stands in the text. */
function wholeMatch(text: string): Readonly<Record<string, string | undefined>> | null {
  const match = ageText.exec(text);
  if (text === "" || match === null || match[0] !== text) return null;
  return match.groups ?? null;
}

function backFrom(at: IsoDate, age: { years: number; months: number; days: number }): IsoDate {
  const year = Number(at.slice(0, 4)) - age.years;
  if (age.months === 0 && age.days === 0) return isoDate(year, 1, 1);
  // Date.UTC is arithmetic on a calendar here, not a clock. Without days, the first: 31 March has no day a month before it.
  const day = age.days === 0 ? 1 : Number(at.slice(8, 10)) - age.days;
  const moved = new Date(Date.UTC(year, Number(at.slice(5, 7)) - 1 - age.months, day));
  return isoDate(moved.getUTCFullYear(), moved.getUTCMonth() + 1, moved.getUTCDate());
}
