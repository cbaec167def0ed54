import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { IsoDate } from "../platform/ids.ts";
import type { DateOrder } from "./field-map.ts";
import { birthDateFromAge, isoDate, parseBirthDate, parseDate } from "./normalize-date.ts";

const today = "2026-11-22" as IsoDate;
const read = (text: string, order: DateOrder = "dmy") => {
  const date = parseDate(text, { order, today });
  return date.ok ? [date.value.date, date.value.precision, date.value.time] : date.reasons;
};

describe("dates", () => {
  test.each([
    ["31/12/1985", "1985-12-31"],
    ["1-2-85", "1985-02-01"],
    ["01.02.26", "2026-02-01"],
    ["01/02/27", "1927-02-01"],
    ["1985-12-31", "1985-12-31"],
    ["19851231", "1985-12-31"],
    ["12-Mar-1985", "1985-03-12"],
    ["12 March 85", "1985-03-12"],
    ["12MAR1985", "1985-03-12"],
    ["March 12, 1985", "1985-03-12"],
    ["३१/१२/१९८५", "1985-12-31"],
    ["29/02/2024", "2024-02-29"],
    ["12th March 1985", "1985-03-12"],
    ["1985-Mar-12", "1985-03-12"],
    ["12.3.85", "1985-03-12"],
    ["12 मार्च 1985", "1985-03-12"],
    ["१२-फ़रवरी-१९८५", "1985-02-12"],
    ["5 सितम्बर 85", "1985-09-05"],
    ["1 अक्तूबर 2020", "2020-10-01"],
    ["12/31/1985", "1985-12-31"],
  ])("%s is a day", (text, date) => {
    expect(read(text)).toEqual([date, "day", null]);
  });

  test("the facility's order decides where the numbers do not", () => {
    expect(read("03/04/1985", "dmy")[0]).toBe("1985-04-03");
    expect(read("03/04/1985", "mdy")[0]).toBe("1985-03-04");
    expect(read("31/04/1985", "mdy")).toEqual(["date_invalid"]);
    expect(read("25/12/1985", "mdy")[0]).toBe("1985-12-25");
  });

  test("a date that a spreadsheet saved as a number of days is read, and never another number", () => {
    expect(read("31412")).toEqual(["1985-12-31", "day", null]);
    expect(read("४५१२३")).toEqual(["2023-07-16", "day", null]);
    expect(read("45123.4375")).toEqual(["2023-07-16", "day", "10:30:00"]);
    expect(read("45123.0")).toEqual(["2023-07-16", "day", null]);
    // Years, and months of a year.
    expect(read("1985")[1]).toBe("year");
    expect(read("198512")[1]).toBe("month");
  });

  test("what is not said is not known", () => {
    expect(read("1985")).toEqual(["1985-01-01", "year", null]);
    expect(read("1985-07")).toEqual(["1985-07-01", "month", null]);
    expect(read("198507")).toEqual(["1985-07-01", "month", null]);
    expect(read("7/1985")).toEqual(["1985-07-01", "month", null]);
    expect(read("Jul 1985")).toEqual(["1985-07-01", "month", null]);
  });

  test.each([
    "29/02/2023",
    "31/04/1985",
    "00/01/1985",
    "1/13/1985x",
    "13/1985",
    "Foo 1985",
    "abc",
    "",
    "9999.5",
    "60000",
    "0103851",
    "1/1/1",
  ])("%j is no date", (text) => {
    expect(read(text)).toEqual(["date_invalid"]);
  });

  test.each([
    ["01/03/2026 10:30", "10:30:00"],
    ["01/03/2026 1:05:09 PM", "13:05:09"],
    ["01/03/2026, 12:00 am", "00:00:00"],
    ["2026-03-01T10:30:00", "10:30:00"],
    ["2026-03-01T10:30:00.123Z", "10:30:00+00:00"],
    ["2026-03-01T10:30:00+0530", "10:30:00+05:30"],
    ["01/03/2026 10:30 IST", "10:30:00+05:30"],
  ])("the time of %s is kept, with its offset", (text, time) => {
    expect(read(text)).toEqual(["2026-03-01", "day", time]);
  });

  test.each(["01/03/2026 24:10", "01/03/2026 10:60"])("%s is refused", (text) => {
    expect(read(text)).toEqual(["date_invalid"]);
  });

  test("any day is read back in each of its spellings", () => {
    const days = fc.date({
      min: new Date("1900-01-01"),
      max: new Date("2025-12-31"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(days, (day) => {
        const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()];
        const iso = isoDate(year, month, date);
        for (const text of [
          iso,
          iso.replaceAll("-", ""),
          `${date}/${month}/${year}`,
          `${date}-${month}-${year}`,
        ])
          expect(read(text)[0]).toBe(iso);
        expect(read(`${month}/${date}/${year}`, "mdy")[0]).toBe(iso);
      }),
    );
  });
});

describe("birth dates", () => {
  const born = (text: string) => parseBirthDate(text, { order: "dmy", today });

  test("a date in the future or too far back is refused", () => {
    expect(born("23/11/2026")).toMatchObject({ ok: false, reasons: ["birth_date_in_future"] });
    expect(born("22/11/2026").ok).toBe(true);
    expect(born("31/12/1895")).toMatchObject({ ok: false, reasons: ["birth_date_invalid"] });
    expect(born("01/01/1896").ok).toBe(true);
  });
});

describe("ages", () => {
  const aged = (text: string, at = today as string) => {
    const date = birthDateFromAge(text, at as IsoDate);
    return date.ok ? date.value : date.reasons;
  };

  test.each([
    ["45", "1981-01-01"],
    ["45 Y", "1981-01-01"],
    ["45 yrs.", "1981-01-01"],
    ["४५ वर्ष", "1981-01-01"],
    ["45 Y 3 M", "1981-08-01"],
    ["45Y3M", "1981-08-01"],
    ["8 months", "2026-03-01"],
    ["45 Year(s)", "1981-01-01"],
    ["45 Year(s) 3 Month(s)", "1981-08-01"],
    ["1 year and 2 months", "2025-09-01"],
    ["5 hrs", "2026-11-22"],
    ["0 days", "2026-11-22"],
    ["0 Y 0 M 0 D", "2026-11-22"],
    ["45 Y 0 M 0 D", "1981-01-01"],
    ["1 year, 2 months", "2025-09-01"],
    ["4 D", "2026-11-18"],
    ["0", "2026-01-01"],
    ["22 days", "2026-10-31"],
    ["3 M 12 D", "2026-08-10"],
    ["6 weeks", "2026-10-11"],
    ["45 years old", "1981-01-01"],
    ["45 वर्ष 3 माह", "1981-08-01"],
  ])("%s is a birth date, estimated", (text, date) => {
    expect(aged(text)).toEqual({ date, precision: "estimated" });
  });

  test("a month back from the end of a longer month stays in that month", () => {
    expect(aged("1 M", "2026-03-31")).toEqual({ date: "2026-02-01", precision: "estimated" });
  });

  test.each([
    "",
    "abc",
    "131",
    "4/12",
    "1.5",
    "45-50",
    "1005",
    "1985",
    "45 Y 3",
    "45 Y 45 Y",
    "-4",
    "about 40",
  ])("%j is no age", (text) => {
    expect(aged(text)).toEqual(["age_invalid"]);
  });
});
