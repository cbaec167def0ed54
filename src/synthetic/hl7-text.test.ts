import { expect, test } from "vitest";
import { dayOf } from "./calendar.ts";
import { hl7Components, hl7Segment, hl7Time } from "./hl7-text.ts";

test("delimiters in a value are escaped and empty components at the end are dropped", () => {
  expect(hl7Components("A|B^C", "x&y~z\\", "", "")).toBe("A\\F\\B\\S\\C^x\\T\\y\\R\\z\\E\\");
});

test("fields stand at their numbers, in headers and elsewhere", () => {
  expect(hl7Segment("PID", { 1: "1", 5: "Lal^Ram", 8: "" })).toBe("PID|1||||Lal^Ram\r");
  expect(hl7Segment("MSH", { 3: "APP", 9: "ADT^A04" })).toBe("MSH|^~\\&|APP||||||ADT^A04\r");
});

test("a time carries the zone of Delhi", () => {
  expect(hl7Time(dayOf({ year: 2026, month: 9, day: 1 }), 545)).toBe("20260901090500+0530");
});
