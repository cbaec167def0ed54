/** How far a long command is: one line that rewrites itself on a terminal, a line every ten seconds elsewhere. */
import type { Clock } from "./clock.ts";

export interface ProgressReport {
  /** What is going on, such as `reading` or `link`. Never a patient's value. */
  readonly stage: string;
  readonly done: number;
  /** Null when it is not known how much there is. */
  readonly total: number | null;
  /** What is counted, such as `rows`. */
  readonly unit: string;
}

export interface Progress {
  /** Cheap enough to be called for every batch: most calls print nothing. */
  report(report: ProgressReport): void;
  /** Takes the line off the terminal. To be called before a result is printed. */
  finish(): void;
}

export const noProgress: Progress = { report: () => undefined, finish: () => undefined };

const terminalPauseMs = 100;
const logPauseMs = 10_000;

export interface ProgressScreen {
  readonly isTerminal: boolean;
  write(text: string): void;
}

export function createProgress(screen: ProgressScreen, clock: Clock): Progress {
  let stage: string | null = null;
  let stageStartedMs = 0;
  let printedMs = clock.now().getTime();
  let isLineOpen = false;
  return {
    report(report) {
      const nowMs = clock.now().getTime();
      if (report.stage !== stage) {
        stage = report.stage;
        stageStartedMs = nowMs;
      }
      if (nowMs - printedMs < (screen.isTerminal ? terminalPauseMs : logPauseMs)) return;
      printedMs = nowMs;
      isLineOpen = screen.isTerminal;
      const line = progressLine(report, (nowMs - stageStartedMs) / 1000);
      screen.write(screen.isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
    },
    finish() {
      if (isLineOpen) screen.write("\r\u001b[K");
      isLineOpen = false;
    },
  };
}

/** Such as `reading  41,000 of 100,000 rows  9,800 rows/s  6 s left`. */
export function progressLine(report: ProgressReport, seconds: number): string {
  const { stage, done, total, unit } = report;
  const parts = [stage, `${count(done)}${total === null ? "" : ` of ${count(total)}`} ${unit}`];
  const rate = seconds > 0 ? done / seconds : 0;
  if (rate > 0) parts.push(`${count(rate)} ${unit}/s`);
  if (rate > 0 && total !== null && total > done)
    parts.push(`${duration((total - done) / rate)} left`);
  return parts.join("  ");
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
