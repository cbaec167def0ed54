import { expect, test } from "vitest";
import type { IsoDate } from "../platform/ids.ts";
import { profileColumn } from "./column-profile.ts";
import { contradiction, findDateOrder } from "./date-order.ts";

const today = "2026-11-20" as IsoDate;
const column = (name: string, ...cells: readonly string[]) => profileColumn(name, cells, today);
const orderOf = (
  columns: readonly ReturnType<typeof column>[],
  mapped = columns.map((c) => c.column),
) => findDateOrder(columns, new Set(mapped), null);

test("a day above 12 in one column tells the order of all", () => {
  const found = orderOf([column("DOB", "01/02/1990"), column("Visit", "31/10/2026")]);

  expect(found).toMatchObject({ order: "dmy" });
  expect(found.evidence).toContain('"Visit"');
});

test("a column that is not mapped tells as well", () => {
  expect(
    orderOf([column("DOB", "01/02/1990"), column("Printed", "10/31/2026")], ["DOB"]).order,
  ).toBe("mdy");
});

test("where nothing tells, nothing is guessed", () => {
  expect(() => orderOf([column("DOB", "01/02/1990", "03/04/1991")])).toThrow(
    expect.objectContaining({ code: "HIMS_ONBOARD_DATE_ORDER", kind: "usage" }),
  );
});

test.each([["1990-02-01"], ["01-Feb-1990"], ["05/05/1990"], ["19900201"]])(
  "a date such as %s needs no order",
  (date) => {
    expect(orderOf([column("DOB", date)]).order).toBe("dmy");
  },
);

test("a column in both orders is refused by name", () => {
  expect(() => orderOf([column("DOB", "31/12/1990", "12/31/1990")])).toThrow(/"DOB".*both orders/);
});

test("one contrary date among many is a slip", () => {
  const dates = Array.from({ length: 99 }, () => "31/12/1990");

  expect(orderOf([column("DOB", ...dates, "12/31/1990")]).order).toBe("dmy");
});

test("two columns may prove two orders", () => {
  const found = orderOf([column("DOB", "31/12/1990"), column("Visit", "10/31/2026")]);

  expect(found.order).toBe("dmy");
  expect([...found.formats]).toEqual([["Visit", "MM/DD/YYYY"]]);
});

test("then a third without proof is refused", () => {
  const columns = [
    column("DOB", "31/12/1990"),
    column("Visit", "10/31/2026"),
    column("Next", "01/02/2027"),
  ];

  expect(() => orderOf(columns)).toThrow(/"Next"/);
});

test("what the operator says is taken, and a contradiction is told", () => {
  const columns = [column("DOB", "31/12/1990")];

  expect(findDateOrder(columns, new Set(["DOB"]), "mdy").order).toBe("mdy");
  expect(contradiction(columns, "mdy")).toContain('"DOB"');
  expect(contradiction(columns, "dmy")).toBeNull();
});
