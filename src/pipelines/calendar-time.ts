/** A cron expression in the words of systemd's OnCalendar. */

const monthNames = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const dayNames = "sun mon tue wed thu fri sat".split(" ");

/** The five fields of a cron expression. */
export function cronFields(cron: string): readonly string[] {
  return cron.trim().split(/\s+/);
}

/**
 * The same times as OnCalendar values, without a zone. Where cron restricts both the day of the month and the day of the
 * week, either is enough: that takes two values.
 */
export function systemdTimes(cron: string): readonly string[] {
  const [minute = "*", hour = "*", day = "*", month = "*", weekday = "*"] = cronFields(cron);
  const time = `${calendarField(hour, 0)}:${calendarField(minute, 0)}:00`;
  const months = calendarField(numbered(month, monthNames, 1), 1);
  const days = calendarField(day, 1);
  const weekdays = weekdayField(weekday);
  const onDay = `*-${months}-${days} ${time}`;
  const onWeekday = `${weekdays} *-${months}-* ${time}`;
  if (weekdays === "*") return [onDay];
  return days === "*" ? [onWeekday] : [onDay, onWeekday];
}

/** `1-5,10` -> `1..5,10`; a step from everywhere begins at the field's least value. */
function calendarField(field: string, least: number): string {
  if (field === "*" || field === "?") return "*";
  return field
    .split(",")
    .map((part) => part.replace(/^\*\//, `${least}/`).replace("-", ".."))
    .join(",");
}

/** systemd has names of days and no steps over them: each day is named. */
function weekdayField(field: string): string {
  if (field === "*" || field === "?") return "*";
  const days = new Set(numbered(field, dayNames, 0).split(",").flatMap(daysOf));
  if (days.size === 7) return "*";
  const named = [...days].sort((a, b) => a - b).map((day) => dayNames[day] ?? "");
  return named.map((name) => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`).join(",");
}

/** `1-5/2` -> 1, 3, 5; Sunday is 0 and 7. */
function daysOf(part: string): readonly number[] {
  const [range = "", step = "1"] = part.split("/");
  const [first = "0", last] = range === "*" ? ["0", "6"] : range.split("-");
  const end = last ?? (part.includes("/") ? "6" : first);
  const days: number[] = [];
  for (let day = Number(first); day <= Number(end); day += Number(step)) days.push(day % 7);
  return days;
}

function numbered(field: string, names: readonly string[], least: number): string {
  return field.replace(/[a-z]{3}/gi, (name) => {
    const index = names.indexOf(name.toLowerCase());
    return index === -1 ? name : String(index + least);
  });
}
