import { expect, test } from "vitest";
import { instantOf, readTime } from "./time.ts";

const india = "Asia/Kolkata";

test.each([
  ["1984", "1984-01-01", "year"],
  ["198406", "1984-06-01", "month"],
  ["19840602", "1984-06-02", "day"],
  ["1984-06-02", "1984-06-02", "day"],
  ["2026030110", "2026-03-01T10:00:00+05:30", "minute"],
  ["202603011030", "2026-03-01T10:30:00+05:30", "minute"],
  ["20260301103015", "2026-03-01T10:30:15+05:30", "second"],
  ["20080818183002.1-0700", "2008-08-18T18:30:02.1-07:00", "second"],
])("%s keeps its precision and takes the facility's zone", (text, at, precision) => {
  expect(readTime(text, india)).toEqual({ ok: true, value: { at, precision } });
});

test("the offset is that of the zone on the day, on both sides of a clock change", () => {
  const at = (text: string) => readTime(text, "Europe/Berlin");

  expect(at("20260329013000")).toMatchObject({ value: { at: "2026-03-29T01:30:00+01:00" } });
  expect(at("20260329033000")).toMatchObject({ value: { at: "2026-03-29T03:30:00+02:00" } });
  expect(at("20261025043000")).toMatchObject({ value: { at: "2026-10-25T04:30:00+01:00" } });
});

test.each(["", "19800230", "20261301", "0000", "00000000", "2026030125", "yesterday", "198"])(
  "%j is no time",
  (text) => {
    expect(readTime(text, india)).toEqual({ ok: false, reasons: ["time_invalid"] });
  },
);

test("a bare date is an instant at the start of its day", () => {
  expect(instantOf({ at: "2026-03-01", precision: "day" }, india)).toBe(
    "2026-03-01T00:00:00+05:30",
  );
});
