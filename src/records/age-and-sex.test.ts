import { describe, expect, test } from "vitest";
import { ageAndSex } from "./age-and-sex.ts";
import { fieldMapSchema } from "./field-map.ts";
import { bindFieldMap } from "./row-reader.ts";

describe("age and sex in one cell", () => {
  test.each([
    ["45/M", "45", "M"],
    ["45 / Female", "45", "Female"],
    ["45Y/F", "45Y", "F"],
    ["45 Yrs M", "45 Yrs", "M"],
    ["45 F", "45", "F"],
    ["6 months/F", "6 months", "F"],
    ["3 M/M", "3 M", "M"],
    ["1 Y 2 M - F", "1 Y 2 M", "F"],
    ["45 (M)", "45", "M"],
    ["M/45", "45", "M"],
    ["F 45 Y", "45 Y", "F"],
    ["४५/पु", "४५", "पु"],
    ["30/Third Gender", "30", "Third Gender"],
    ["45/", "45", null],
    ["/M", null, "M"],
    ["45", "45", null],
    ["M", null, "M"],
    ["-", null, null],
  ] as const)("%s is divided", (text, age, sex) => {
    expect(ageAndSex(text)).toEqual({ age, sex });
  });

  test.each(["18 M", "18M"])("%s may be months, and is refused as a sex", (text) => {
    expect(ageAndSex(text)).toEqual({ age: text, sex: text });
  });

  test.each(["45/Z", "4/12", "45/1", "6 months"])("%s is not guessed at", (text) => {
    expect(ageAndSex(text)).toEqual({ age: text, sex: null });
  });

  test("is read where both fields name one column, and codes of the facility are kept", () => {
    const map = fieldMapSchema.parse({
      mrn: { value: "1" },
      age: "Age/Sex",
      sex: { column: "Age/Sex", values: { T: "other" } },
    });
    const bound = bindFieldMap(map, ["Age/Sex"]);
    if (!bound.ok) throw new Error("the column is there");
    expect([bound.value.age?.read(["45/T"]), bound.value.sex?.read(["45/T"])]).toEqual([
      "45",
      "other",
    ]);
  });
});
