/** Zone-less times take their facility's zone, and keep it written on them. */

const formatters = new Map<string, Intl.DateTimeFormat>();

/** `2026-03-01T10:30:00` in Asia/Kolkata -> `2026-03-01T10:30:00+05:30`; a bare date stays a bare date. */
export function withZone(localTime: string, zone: string): string {
  if (!localTime.includes("T") || /(?:Z|[+-]\d{2}:\d{2})$/.test(localTime)) return localTime;
  return `${localTime}${zoneOffset(localTime, zone)}`;
}

/** Offsets change at whole hours, and asking for one costs more than all else of a time: each hour is asked for once. */
const offsets = new Map<string, string>();
const offsetsBound = 100_000;

/** The zone's offset at a local time, as `+05:30`. */
export function zoneOffset(localTime: string, zone: string): string {
  const key = `${zone} ${localTime.slice(0, 13)}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= offsetsBound) offsets.clear();
  const offset = askedOffset(localTime, zone);
  offsets.set(key, offset);
  return offset;
}

function askedOffset(localTime: string, zone: string): string {
  // Asked for the offset at the same instant read as UTC: exact except within hours of a clock change, which India has not.
  const instant = new Date(`${localTime.slice(0, 19)}Z`);
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    formatters.set(zone, formatter);
  }
  const name =
    formatter.formatToParts(instant).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
  return name === "GMT" ? "+00:00" : name.replace("GMT", "");
}
