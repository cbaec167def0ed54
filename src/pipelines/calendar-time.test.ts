import { expect, test } from "vitest";
import { systemdTimes } from "./calendar-time.ts";

test.each([
  ["30 1 * * *", ["*-*-* 1:30:00"]],
  ["*/15 * * * *", ["*-*-* *:0/15:00"]],
  ["0 8-18 * * 1-5", ["Mon,Tue,Wed,Thu,Fri *-*-* 8..18:0:00"]],
  ["0 0 */2 jan,jul *", ["*-1,7-1/2 0:0:00"]],
  ["0 0 * * sun", ["Sun *-*-* 0:0:00"]],
  ["0 0 * * 7", ["Sun *-*-* 0:0:00"]],
  ["0 0 * * 1-7/2", ["Sun,Mon,Wed,Fri *-*-* 0:0:00"]],
  ["0 0 * * 0-6", ["*-*-* 0:0:00"]],
])("cron's %j is %j for systemd", (cron, times) => {
  expect(systemdTimes(cron)).toEqual(times);
});

test("a day of the month or a day of the week, either of which is enough, become two times", () => {
  expect(systemdTimes("0 6 1 * mon")).toEqual(["*-*-1 6:0:00", "Mon *-*-* 6:0:00"]);
});
