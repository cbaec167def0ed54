import { expect, test } from "vitest";
import { createProgress, progressLine } from "./progress.ts";

function aScreen(isTerminal: boolean) {
  let nowMs = 0;
  const written: string[] = [];
  const screen = { isTerminal, write: (text: string) => void written.push(text) };
  const progress = createProgress(screen, { now: () => new Date(nowMs) });
  const reportAt = (seconds: number, done: number) => {
    nowMs = seconds * 1000;
    progress.report({ stage: "reading", done, total: 100_000, unit: "rows" });
  };
  return { written, progress, reportAt };
}

test("a line tells stage, amount, rate and what is left", () => {
  const report = { stage: "reading", done: 41_000, total: 100_000, unit: "rows" };

  expect(progressLine(report, 10)).toBe("reading  41,000 of 100,000 rows  4,100 rows/s  15 s left");
  expect(progressLine({ ...report, total: null }, 10)).toBe("reading  41,000 rows  4,100 rows/s");
  expect(progressLine(report, 0)).toBe("reading  41,000 of 100,000 rows");
  expect(progressLine({ ...report, done: 100 }, 10)).toContain("166 min 30 s left");
});

test("without a terminal there is one line every ten seconds", () => {
  const { written, reportAt, progress } = aScreen(false);

  for (let second = 0; second <= 25; second++) reportAt(second, second * 1000);
  progress.finish();

  expect(written).toHaveLength(2);
  expect(written.join("")).toMatch(/^reading .*\nreading .*\n$/);
});

test("a terminal's line is rewritten often and taken away at the end", () => {
  const { written, reportAt, progress } = aScreen(true);

  for (let tenth = 0; tenth <= 10; tenth++) reportAt(tenth / 5, tenth);
  progress.finish();

  expect(written).toHaveLength(11);
  expect(written.at(-1)).toBe("\r\u001b[K");
});
