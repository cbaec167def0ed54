/** Which day it is somewhere. */
import type { IsoDate } from "./ids.ts";

/** Making a formatter costs far more than using it. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of a time in an IANA zone. */
export function dayIn(time: Date, zone: string): IsoDate {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" });
    formatters.set(zone, formatter);
  }
  return formatter.format(time) as IsoDate;
}
