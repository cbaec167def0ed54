import { describe, expect, test } from "vitest";
import type { FacilityId, IsoDate } from "../platform/ids.ts";
import { isVerhoeffValid } from "../records/aadhaar.ts";
import { fieldMapSchema } from "../records/field-map.ts";
import { bindFieldMap } from "../records/row-reader.ts";
import { withZone } from "./facility-time.ts";
import { normalizeRow } from "./normalize-row.ts";

const context = {
  facilityId: "ddu" as FacilityId,
  dateOrder: "dmy" as const,
  fileDate: "2026-11-20" as IsoDate,
  today: "2026-11-20" as IsoDate,
  zone: "Asia/Kolkata",
};

/** A row of named cells, read with a map that names each field's column like the field itself. */
function read(
  cells: Readonly<Record<string, string>>,
  map: object = {},
  record: "patient" | "event" = "patient",
) {
  const columns = Object.keys(cells);
  const own = Object.fromEntries(columns.map((column) => [column, column]));
  const bound = bindFieldMap(
    fieldMapSchema.parse({ mrn: { value: "7" }, ...own, ...map }),
    columns,
  );
  if (!bound.ok) throw new Error("the columns are there");
  const said = normalizeRow(
    Object.values(cells),
    { record, fields: bound.value, events: [] },
    context,
  );
  if (!said.ok) return { rules: said.reasons.map(({ field, rule }) => `${field} ${rule}`) };
  const [patient] = said.value.patients;
  return {
    key: patient?.key,
    facts: patient?.facts,
    events: patient?.events ?? [],
    time: said.value.messageTime,
    warnings: said.value.warnings.map(({ field, rule }) => `${field} ${rule}`),
  };
}
const factsOf = (cells: Readonly<Record<string, string>>, map: object = {}) =>
  read(cells, map).facts;

/** Looks like an Aadhaar number, as one in ten of any 12-digit numbers does. */
const lookalike =
  [...Array(10).keys()].map((digit) => `23456789012${digit}`).find(isVerhoeffValid) ?? "";

describe("a patient row", () => {
  test("has the facility's number as its key", () => {
    expect(read({ mrn: " A-1 " }).key).toEqual({ facilityId: "ddu", system: "ddu", value: "A-1" });
    expect(read({ mrn: "" }).rules).toEqual(["mrn identifier_missing"]);
    expect(read({ mrn: "XXXX XXXX XXXX" }).rules).toEqual(["mrn identifier_masked"]);
  });

  test("tells everything that is wrong with it at once", () => {
    expect(read({ mrn: "", sex: "zz", birthDate: "31/02/1985" }).rules).toEqual([
      "mrn identifier_missing",
      "birthDate birth_date_invalid",
      "sex sex_unknown_code",
    ]);
  });

  test("speaks for every mapped column, and for no other", () => {
    expect(factsOf({ name: "", sex: "", phone: "" })).toEqual({
      name: null,
      sex: null,
      phones: [],
    });
  });

  test.each([
    ["पु", "male"],
    ["म", "female"],
    ["F", "female"],
    ["2", "female"],
    ["T", "other"],
    ["u", null],
    ["-", null],
  ])("sex %s is %s", (text, sex) => {
    expect(factsOf({ sex: text })).toEqual({ sex });
  });

  test("takes the birth date before the age, and the age at the day of the visit", () => {
    expect(factsOf({ birthDate: "1/2/1985", age: "99" })?.birthDate).toEqual({
      date: "1985-02-01",
      precision: "day",
    });
    expect(factsOf({ birthDate: "", age: "40", seenAt: "1/1/2020" })?.birthDate).toEqual({
      date: "1980-01-01",
      precision: "estimated",
    });
  });

  test("reads several phones, and warns of one that is none", () => {
    const { facts, warnings } = read({ phone: "98111 22233 / 919811122234, 123" });
    expect(facts?.phones).toEqual(["+919811122233", "+919811122234"]);
    expect(warnings).toEqual(["phone phone_invalid"]);
  });

  test("`bad: ignore` keeps the row and warns", () => {
    expect(
      read({ birthDate: "soon" }, { birthDate: { column: "birthDate", bad: "ignore" } }),
    ).toMatchObject({
      facts: { birthDate: null },
      warnings: ["birthDate birth_date_invalid"],
    });
  });

  test("keeps times in the facility's zone, and those with an offset as they are", () => {
    expect(read({ seenAt: "01/03/2026 10:30" })).toMatchObject({
      facts: { seenAt: "2026-03-01T10:30:00+05:30" },
      time: "2026-03-01T10:30:00+05:30",
    });
    expect(read({ seenAt: "2026-03-01T10:30:00Z" }).time).toBe("2026-03-01T10:30:00+00:00");
    expect(read({ seenAt: "01/03/2026" })).toMatchObject({
      facts: { seenAt: "2026-03-01" },
      time: "2026-03-01T00:00:00+05:30",
    });
    expect(factsOf({ deceasedAt: "3/2026" })).toEqual({ deceasedAt: "2026-03" });
  });

  test("keeps mapped identifiers that look like Aadhaar numbers", () => {
    expect(
      factsOf({ identifier: lookalike, motherMrn: lookalike, guardianMrn: lookalike }),
    ).toEqual({
      motherMrn: lookalike,
      guardianMrn: lookalike,
      identifiers: [{ system: "ddu", value: lookalike, type: null }],
    });
  });
});

describe("an event row", () => {
  const event = (cells: Readonly<Record<string, string>>) => read(cells, {}, "event").events?.[0];

  test("without anything said is refused", () => {
    expect(read({ eventKind: "lab", code: "" }, {}, "event").rules).toEqual(["code event_empty"]);
  });

  test("has the same key whenever it comes again, and another for another fact", () => {
    const cells = { eventKind: "lab", code: "718-7", at: "1/3/2026", value: "11" };
    expect(event(cells)?.eventKey).toBe(event({ ...cells, value: "12" })?.eventKey);
    expect(event(cells)?.eventKey).not.toBe(event({ ...cells, at: "2/3/2026" })?.eventKey);
    expect(event({ ...cells, eventId: "L7" })?.eventKey).toBe("L7");
  });

  test("keeps numbers that are identifiers and masks words", () => {
    const cells = {
      eventKind: "vaccine",
      code: lookalike,
      lot: lookalike,
      encounterId: lookalike,
      note: `uid ${lookalike}`,
    };
    expect(event(cells)).toMatchObject({
      code: lookalike,
      lot: lookalike,
      encounterId: lookalike,
      note: "uid XXXXXXXXXXXX",
    });
  });

  test("is due in the years to come when its year has two digits", () => {
    expect(event({ eventKind: "follow up", display: "Review", dueAt: "1/2/27" })).toMatchObject({
      dueAt: "2027-02-01",
    });
  });

  test("keeps what is known of its time", () => {
    expect(event({ eventKind: "surgery", display: "x", at: "12/2025" })?.time).toEqual({
      at: "2025-12",
      precision: "month",
    });
    expect(read({ eventKind: "surgery", display: "x", at: "soon" }, {}, "event").rules).toEqual([
      "at time_invalid",
    ]);
  });
});

test("a bare date takes no zone, and a zone's own offset is kept", () => {
  expect(withZone("2026-03-01", "Asia/Kolkata")).toBe("2026-03-01");
  expect(withZone("2026-03-01T10:00:00", "UTC")).toBe("2026-03-01T10:00:00+00:00");
  expect(withZone("2026-07-01T10:00:00", "America/New_York")).toBe("2026-07-01T10:00:00-04:00");
});

test("a register that gives no more of a visit than its day says so with an encounter", () => {
  const bound = bindFieldMap(
    fieldMapSchema.parse({ mrn: "No", eventKind: { value: "encounter" }, at: "Visit" }),
    ["No", "Visit"],
  );
  if (!bound.ok) throw new Error("the map does not fit the columns");
  const map = { record: "patient" as const, fields: bound.value, events: [] };
  const kinds = (visit: string) => {
    const said = normalizeRow(["7", visit], map, context);
    return said.ok
      ? said.value.patients[0]?.events.map((event) => [event.kind, event.time?.at])
      : null;
  };
  expect(kinds("02/03/2026")).toEqual([["encounter", "2026-03-02"]]);
  expect(kinds("")).toEqual([]);
});
