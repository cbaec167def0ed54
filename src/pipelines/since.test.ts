import { expect, test } from "vitest";
import { parseSince } from "./since.ts";

const clock = { now: () => new Date("2026-03-10T12:00:00Z") };

test.each([
  ["2026-03-01", "2026-02-28T18:30:00.000Z"],
  ["2026-03-01T08:00", "2026-03-01T02:30:00.000Z"],
  ["2026-03-01T08:00Z", "2026-03-01T08:00:00.000Z"],
  ["2026-03-01T08:00:30+02:00", "2026-03-01T06:00:30.000Z"],
  ["36h", "2026-03-09T00:00:00.000Z"],
  ["7d", "2026-03-03T12:00:00.000Z"],
])("%s is %s in Kolkata", (text, time) => {
  expect(parseSince(text, "Asia/Kolkata", clock).toISOString()).toBe(time);
});

test.each(["", "yesterday", "2026-13-01", "01/03/2026", "5w"])("%j is refused", (text) => {
  expect(() => parseSince(text, "Asia/Kolkata", clock)).toThrow(
    expect.objectContaining({ code: "HIMS_USAGE" }),
  );
});
