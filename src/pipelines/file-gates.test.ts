import { describe, expect, test } from "vitest";
import {
  checkGates,
  checkLayout,
  compareLayout,
  type LayoutContract,
  median,
  openGates,
} from "./file-gates.ts";

const numbers = { read: 100, quarantined: 10, recent: [200, 190, 210] };
const check = (given: Partial<typeof numbers>, limits: Partial<typeof openGates>) => () =>
  checkGates({ ...numbers, ...given }, { ...openGates, ...limits }, "opd.csv");

describe("a gate", () => {
  test("that is not set lets everything pass", () => {
    expect(check({ read: 0, quarantined: 0 }, {})).not.toThrow();
    expect(check({ quarantined: 100 }, {})).not.toThrow();
  });

  test.each([
    ["HIMS_GATE_QUARANTINE", { maxQuarantine: 9.5 }, "--max-quarantine 10 would pass"],
    ["HIMS_GATE_ROWS", { minRows: 101 }, "--min-rows 100 would pass"],
    ["HIMS_GATE_DROP", { maxDrop: 49 }, "--max-drop 50 would pass"],
  ])("that trips says what would pass: %s", (code, limits, hint) => {
    let error: unknown = null;
    try {
      check({}, limits)();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code, kind: "gate", at: { file: "opd.csv" } });
    expect((error as { hint: string }).hint).toContain(hint);
  });

  test.each([[{ maxQuarantine: 10 }], [{ minRows: 100 }], [{ maxDrop: 50 }]])(
    "passes what its hint says: %j",
    (limits) => {
      expect(check({}, limits)).not.toThrow();
    },
  );

  test("against recent files is open while there are none, and for a file that grew", () => {
    expect(check({ recent: [] }, { maxDrop: 0 })).not.toThrow();
    expect(check({ read: 500 }, { maxDrop: 0 })).not.toThrow();
  });

  test("measures against the median, which one odd night does not move", () => {
    expect(median([])).toBeNull();
    expect(median([5])).toBe(5);
    expect(median([1, 1000, 3])).toBe(3);
    expect(median([1, 3])).toBe(2);
  });
});

describe("the contract of a layout", () => {
  const contract: LayoutContract = {
    columns: ["MRN", "Patient Name", "Sex"],
    extra: "allow",
    missing: "refuse",
  };

  test("compares as columns are found", () => {
    expect(compareLayout(contract, [" mrn", "patient  name", "SEX"])).toEqual({
      missing: [],
      extra: [],
      renamed: [],
      reordered: [],
    });
  });

  test("tells a renamed column from a lost and a new one", () => {
    expect(compareLayout(contract, ["MRN", "Pt Name", "Sex", "Ward"])).toEqual({
      missing: ["Patient Name"],
      extra: ["Pt Name", "Ward"],
      renamed: [{ from: "Patient Name", to: "Pt Name" }],
      reordered: [],
    });
    expect(() => checkLayout(contract, ["MRN", "Pt Name", "Sex"], "opd.csv")).toThrow(
      'lacks "Patient Name"; "Patient Name" may now be called "Pt Name"',
    );
  });

  test("warns of another order, which harms nothing", () => {
    expect(checkLayout(contract, ["Sex", "MRN", "Patient Name"], "opd.csv")).toEqual([
      "layout_reordered",
    ]);
  });

  test.each([
    ["allow", []],
    ["warn", ["layout_extra:Ward"]],
  ] as const)("may %s columns more", (extra, warnings) => {
    const columns = [...contract.columns, "Ward"];
    expect(checkLayout({ ...contract, extra }, columns, "opd.csv")).toEqual(warnings);
  });

  test("may refuse columns more, and warn of fewer", () => {
    const refusing = { ...contract, extra: "refuse" } as const;
    expect(() => checkLayout(refusing, [...contract.columns, "Ward"], "opd.csv")).toThrow(
      expect.objectContaining({ code: "HIMS_GATE_LAYOUT", kind: "gate" }),
    );
    const lenient = { ...contract, missing: "warn" } as const;
    expect(checkLayout(lenient, ["MRN", "Sex"], "opd.csv")).toEqual([
      "layout_missing:Patient Name",
    ]);
  });
});
