/** HL7 times (DTM, TS): `YYYY[MM[DD[HH[MM[SS[.S..]]]]]][+/-ZZZZ]`, with the precision they were given in. */
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";

export interface Hl7Time {
  /** `2026-03-01T10:30:00+05:30`, or `2026-03-01` when no time of day was given; missing month and day are 01. */
  readonly at: string;
  readonly precision: "second" | "minute" | "day" | "month" | "year";
}

const shape =
  /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(\.\d{1,6})?)?)?)?)?)?(?:([+-])(\d{2}):?(\d{2}))?$/;

/** Code units; a time of every part has 31. */
const maxTimeLength = 64;

/** Some senders write `2026-03-01`: no other reading is possible, so it is accepted. */
const isoDashes = /^(\d{4})-(\d{2})-(\d{2})/;

/**
 * Reads a time; one without an offset is local time of `zone` (an IANA name). Midnight written out on a day
 * (`20260301000000`) stays a time. The reason is `time_invalid`.
 */
export function readTime(text: string, zone: string): Parsed<Hl7Time, string> {
  if (text.length > maxTimeLength) return unparsed("time_invalid");
  const match = shape.exec(text.trim().replace(isoDashes, "$1$2$3"));
  if (match === null) return unparsed("time_invalid");
  const [, year = "", month, day, hour, minute, second, fraction = "", ...offset] = match;
  if (!isCalendarDate(Number(year), Number(month ?? 1), Number(day ?? 1))) {
    return unparsed("time_invalid");
  }
  const date = `${year}-${month ?? "01"}-${day ?? "01"}`;
  if (hour === undefined) return parsed({ at: date, precision: datePrecision(month, day) });
  const clock = `${hour}:${minute ?? "00"}:${second ?? "00"}`;
  if (!isClock(clock)) return unparsed("time_invalid");
  const [sign, zoneHour, zoneMinute] = offset;
  const said = sign === undefined ? null : `${sign}${zoneHour}:${zoneMinute}`;
  const at = `${date}T${clock}${fraction}${said ?? zoneOffset(zone, `${date}T${clock}`)}`;
  return parsed({ at, precision: second === undefined ? "minute" : "second" });
}

/** A time as an instant with offset; a bare date is the start of its day in `zone`. */
export function instantOf(time: Hl7Time, zone: string): string {
  if (time.at.length > 10) return time.at;
  const midnight = `${time.at}T00:00:00`;
  return midnight + zoneOffset(zone, midnight);
}

function datePrecision(month: string | undefined, day: string | undefined): Hl7Time["precision"] {
  if (day !== undefined) return "day";
  return month === undefined ? "year" : "month";
}

function isCalendarDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || year < 1800 || year > 2200) return false;
  // Day 0 of the next month is the last of this one: arithmetic on a calendar, not a clock.
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function isClock(clock: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(clock);
}

const offsets = new Map<string, string>();
const maxKnownOffsets = 10_000;

/** Offset of a zone at a local time, `+05:30`. Remembered by zone and hour, as no zone changes within one. */
function zoneOffset(zone: string, local: string): string {
  const key = `${zone} ${local.slice(0, 13)}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= maxKnownOffsets) offsets.clear();
  const asUtc = Date.parse(`${local}Z`);
  // A second look, with the first answer taken off, settles the hours around a clock change.
  const guess = offsetMinutesAt(zone, asUtc);
  const offset = offsetText(offsetMinutesAt(zone, asUtc - guess * 60_000));
  offsets.set(key, offset);
  return offset;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function offsetMinutesAt(zone: string, epochMs: number): number {
  const clock = clocks.get(zone) ?? zoneClock(zone);
  clocks.set(zone, clock);
  const name =
    clock.formatToParts(epochMs).find((part) => part.type === "timeZoneName")?.value ?? "";
  const match = /^GMT([+-])(\d{2}):(\d{2})/.exec(name);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}

function zoneClock(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
