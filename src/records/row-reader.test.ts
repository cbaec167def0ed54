import { describe, expect, test } from "vitest";
import { fieldMapSchema } from "./field-map.ts";
import { bindFieldMap, columnKey } from "./row-reader.ts";

const bind = (map: object, columns: readonly string[]) => {
  const bound = bindFieldMap(fieldMapSchema.parse({ mrn: { value: "1" }, ...map }), columns);
  if (!bound.ok) throw new Error("the columns are there");
  return bound.value;
};

describe("a bound field", () => {
  test("finds its column without case, spacing and Unicode form", () => {
    const bound = bind({ name: " patient  NAME" }, ["Patient Name"]);
    expect(bound.name?.read(["  Ram "])).toBe("Ram");
    expect(columnKey("re\u0301sume\u0301")).toBe(columnKey("résumé"));
  });

  test("is null where the cell is blank or missing", () => {
    const bound = bind({ name: "Name" }, ["Name"]);
    expect([bound.name?.read(["  "]), bound.name?.read([])]).toEqual([null, null]);
  });

  test("translates the facility's codes, blank among them, and leaves others", () => {
    const bound = bind({ sex: { column: "S", values: { a: "male", "": "unknown" } } }, ["S"]);
    expect(["A", "", "x"].map((cell) => bound.sex?.read([cell]))).toEqual(["male", "unknown", "x"]);
  });

  test("joins columns without blank ones", () => {
    const bound = bind({ name: { columns: ["A", "B", "C"], join: "-" } }, ["C", "B", "A"]);
    expect(bound.name?.read(["3", " ", "1"])).toBe("1-3");
  });

  test("may be the same for every row", () => {
    expect(bind({ city: { value: "Delhi" } }, []).city?.read([])).toBe("Delhi");
  });
});

test("columns that the header lacks are named, each once", () => {
  const map = fieldMapSchema.parse({ mrn: "MRN", name: "Nam", phone: { columns: ["Nam", "Tel"] } });
  expect(bindFieldMap(map, ["MRN", "Name"])).toMatchObject({ ok: false, reasons: ["Nam", "Tel"] });
});
