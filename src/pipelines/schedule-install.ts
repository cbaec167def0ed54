/** The lines that let cron or systemd run a workspace's pipelines at their times. Text only: nothing is installed. */
import { userInfo } from "node:os";
import { cronFields, systemdTimes } from "./calendar-time.ts";
import type { Scheduled } from "./schedule-plan.ts";

export interface Installation {
  /** Absolute path of bin/hims. */
  readonly program: string;
  /** Absolute path. */
  readonly workspace: string;
  /** OS user that owns the workspace. */
  readonly user: string;
}

export interface UnitFile {
  readonly name: string;
  readonly text: string;
}

/** Name of the user this runs as, or its number where the machine has no name for it (containers). */
export function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}

/** Lines for `crontab -e` of the user; cron reads CRON_TZ for the lines below it. */
export function crontabLines(
  pipelines: readonly Scheduled[],
  { program, workspace }: Installation,
): readonly string[] {
  return pipelines.flatMap(({ name, schedule }) => [
    `CRON_TZ=${schedule.timeZone}`,
    `${cronFields(schedule.cron).join(" ")} ${cronQuoted(program)} run ${name} --workspace ${cronQuoted(workspace)} --quiet --no-input`,
  ]);
}

/** A service and a timer for each pipeline, for /etc/systemd/system. */
export function systemdUnits(
  pipelines: readonly Scheduled[],
  installation: Installation,
): readonly UnitFile[] {
  return pipelines.flatMap((pipeline) => [
    { name: `hims-${pipeline.name}.service`, text: serviceText(pipeline, installation) },
    { name: `hims-${pipeline.name}.timer`, text: timerText(pipeline) },
  ]);
}

function serviceText({ name }: Scheduled, { program, workspace, user }: Installation): string {
  return `[Unit]
Description=HIMS pipeline ${name}
After=network-online.target

[Service]
Type=oneshot
User=${user}
WorkingDirectory=${workspace.replaceAll("%", "%%")}
ExecStart=${systemdQuoted(program)} run ${name} --workspace ${systemdQuoted(workspace)} --no-input
# The embedded database outlives the run that started it.
KillMode=process
`;
}

function timerText({ name, schedule }: Scheduled): string {
  const times = systemdTimes(schedule.cron).map(
    (time) => `OnCalendar=${time} ${schedule.timeZone}`,
  );
  return `[Unit]
Description=When HIMS runs pipeline ${name} (cron: ${cronFields(schedule.cron).join(" ")})

[Timer]
${times.join("\n")}
# A time missed while the machine was off is made up for once.
Persistent=true

[Install]
WantedBy=timers.target
`;
}

/** For sh, and for cron, which ends a command at an unescaped percent sign. */
function cronQuoted(path: string): string {
  const quoted = /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  return quoted.replaceAll("%", "\\%");
}

function systemdQuoted(path: string): string {
  const escaped = path
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("%", "%%")
    .replaceAll("$", "$$$$");
  return /^[\w./@+-]+$/.test(path) ? path : `"${escaped}"`;
}
