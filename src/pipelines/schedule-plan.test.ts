import fc from "fast-check";
import { expect, test } from "vitest";
import { listDue } from "./schedule.ts";
import { latestSlot, nextSlot, type Scheduled, slotName } from "./schedule-plan.ts";

const at = (text: string) => new Date(text);
const scheduled = (cron: string, timeZone = "Asia/Kolkata") =>
  ({ name: "opd", schedule: { cron, timeZone } }) as unknown as Scheduled;

test("a due time counts from its very second, in its own zone", () => {
  const nightly = scheduled("30 1 * * *");

  expect(latestSlot(nightly, at("2026-11-22T20:00:00Z"))).toEqual(at("2026-11-22T20:00:00Z"));
  expect(latestSlot(nightly, at("2026-11-22T19:59:59Z"))).toEqual(at("2026-11-21T20:00:00Z"));
  expect(nextSlot(nightly, at("2026-11-22T20:00:00Z"))).toEqual(at("2026-11-23T20:00:00Z"));
});

test("of slots missed for weeks only the latest is due, and once settled it is not", () => {
  const pipelines = () => [scheduled("30 1 * * *")];
  const clock = { now: () => at("2026-11-22T23:00:00Z") };

  const due = listDue({ pipelines, clock }, new Map());

  expect(due.map(({ slot }) => slot)).toEqual(["2026-11-22T20:00:00Z"]);
  expect(listDue({ pipelines, clock }, new Map([["opd", "2026-11-22T20:00:00Z"]]))).toEqual([]);
  expect(listDue({ pipelines, clock }, new Map([["opd", "2026-11-21T20:00:00Z"]]))).toEqual(due);
});

test("two machines whose clocks differ within one slot name it alike", () => {
  const pipeline = scheduled("*/10 * * * *", "UTC");
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 599_999 }),
      fc.integer({ min: 0, max: 599_999 }),
      (left, right) => {
        const start = at("2026-11-22T20:10:00Z").getTime();
        const slots = [left, right].map((ms) => latestSlot(pipeline, new Date(start + ms)));
        expect(slots.map((slot) => slotName(slot ?? new Date(0)))).toEqual([
          "2026-11-22T20:10:00Z",
          "2026-11-22T20:10:00Z",
        ]);
      },
    ),
    { numRuns: 50 },
  );
});
