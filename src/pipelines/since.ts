/** `--since`: a day, a time, or how long ago. */
import { withZone } from "../clinical/facility-time.ts";
import type { Clock } from "../platform/clock.ts";
import { HimsError } from "../platform/errors.ts";

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * @param text `2026-03-01`, `2026-03-01T08:00`, either with a zone, or `36h`, `7d`, `90m` ago
 * @param zone of times that name none
 * @throws HimsError HIMS_USAGE
 */
export function parseSince(text: string, zone: string, clock: Clock): Date {
  const ago = /^(\d{1,5})([mhd])$/.exec(text);
  if (ago !== null) {
    return new Date(clock.now().getTime() - Number(ago[1]) * (unitMs[ago[2] ?? ""] ?? 0));
  }
  const time = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(
    text,
  );
  if (time !== null) {
    const local = `${time[1]}T${time[2] ?? "00:00"}${time[3] ?? ":00"}`;
    const isTime = !Number.isNaN(Date.parse(`${local}Z`));
    if (isTime)
      return new Date(time[4] === undefined ? withZone(local, zone) : `${local}${time[4]}`);
  }
  throw new HimsError("HIMS_USAGE", {
    kind: "usage",
    message: "--since is neither a day, a time nor how long ago",
    hint: "Such as 2026-03-01, 2026-03-01T08:00 or 36h (m, h, d).",
  });
}
