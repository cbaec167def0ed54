import { describe, expect, test } from "vitest";
import { isVerhoeffValid } from "./aadhaar.ts";
import { fieldMapSchema } from "./field-map.ts";
import { AadhaarWatch, maskPlan, maskRow } from "./mask-row.ts";
import { bindFieldMap } from "./row-reader.ts";

function withCheckDigit(start: string): string {
  return start + ([..."0123456789"].find((digit) => isVerhoeffValid(start + digit)) ?? "");
}
const aadhaar = withCheckDigit("23456789012");
const mobile = withCheckDigit("91981112233");
const landline = withCheckDigit("91234567890");
const columns = ["MRN", "Mother", "Phone", "DOB", "Address", "Remarks"];
const bound = bindFieldMap(
  fieldMapSchema.parse({
    mrn: "MRN",
    motherMrn: "Mother",
    phone: "Phone",
    birthDate: "DOB",
    addressLine: "Address",
  }),
  columns,
);
if (!bound.ok) throw new Error("the columns are there");
const plan = maskPlan([bound.value]);
const X = "XXXXXXXXXXXX";

describe("a row", () => {
  test("keeps identifiers, mobiles and dates; loses the number everywhere else", () => {
    const row = maskRow([aadhaar, aadhaar, mobile, aadhaar, `at ${aadhaar}`, aadhaar], plan);
    expect(row.cells).toEqual([aadhaar, aadhaar, mobile, aadhaar, `at ${X}`, X]);
    expect(row.candidates).toEqual([aadhaar, aadhaar]);
  });

  test("of a phone column keeps mobiles only, one by one", () => {
    expect(maskRow(["1", "", `${mobile} / ${aadhaar}`, "", "", ""], plan).cells[2]).toBe(
      `${mobile} / ${X}`,
    );
    expect(maskRow(["1", "", landline, "", "", ""], plan).cells[2]).toBe(X);
  });

  test("without a candidate is given back as it is", () => {
    const cells = ["1", "", "9811122233", "01/02/1985", "Delhi", "12345678901"];
    expect(maskRow(cells, plan).cells).toBe(cells);
  });
});

describe("a column of identifiers", () => {
  const watched = (rows: readonly string[]) => {
    const watch = new AadhaarWatch();
    for (const mrn of rows) watch.see([mrn, "", aadhaar, "", "", aadhaar], plan);
    return watch.suspicious();
  };

  test("is suspicious when more than half look like Aadhaar numbers", () => {
    expect(watched([...Array(3).fill(aadhaar), "1", "2"])).toEqual([0]);
    expect(watched([...Array(3).fill(aadhaar), "1", "2", "3"])).toEqual([]);
  });

  test("of a handful is suspicious when all do; a single one proves nothing, and blanks do not count", () => {
    expect(watched([aadhaar])).toEqual([]);
    expect(watched([aadhaar, aadhaar])).toEqual([0]);
    expect(watched([aadhaar, aadhaar, aadhaar, "1"])).toEqual([]);
    expect(watched([...Array(5).fill(aadhaar), ...Array(20).fill("")])).toEqual([0]);
  });
});
