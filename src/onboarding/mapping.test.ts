import fc from "fast-check";
import { expect, test } from "vitest";
import type { IsoDate } from "../platform/ids.ts";
import type { MapField } from "../records/field-map.ts";
import { codeValues } from "./code-meaning.ts";
import { profileColumn } from "./column-profile.ts";
import { proposeMapping } from "./mapping.ts";

const today = "2026-11-20" as IsoDate;
type Table = Readonly<Record<string, readonly string[]>>;

const register: Table = {
  "S.No.": ["1", "2", "3", "4"],
  UHID: ["U101", "U102", "U103", "U104"],
  "OPD No": ["501", "502", "503", "504"],
  "Patient Name": ["Sunita Devi", "Mohd Arif", "Rajesh Kumar", "Pooja Sharma"],
  "F/H Name": ["Ram Lal", "Abdul Karim", "Om Prakash", "Vinod Sharma"],
  Gender: ["F", "M", "M", "F"],
  DOB: ["14/03/1981", "01/07/1990", "02/02/2001", "30/09/1975"],
  Mobile: ["9811012345", "9811012346", "9811012347", ""],
  Address: ["H.No 2, Gali 3", "B-3, Jamia Nagar", "45, Laxmi Nagar", "Sector 7, Rohini"],
  "Reg Date": ["01/11/2026", "13/11/2026", "14/11/2026", "15/11/2026"],
  Ward: ["1", "2", "1", "2"],
};

function map(
  table: Table,
  options: { hasHeader?: boolean; fixed?: ReadonlyMap<MapField, string> } = {},
) {
  const profiles = Object.entries(table).map(([column, cells]) =>
    profileColumn(column, cells, today),
  );
  return proposeMapping(profiles, {
    hasHeader: options.hasHeader ?? true,
    fixed: options.fixed ?? new Map(),
  });
}

function pairs(
  table: Table,
  options?: Parameters<typeof map>[1],
): Readonly<Record<string, string>> {
  const sorted = [...map(table, options).columns].sort((a, b) => (a.column < b.column ? -1 : 1));
  return Object.fromEntries(sorted.map(({ column, field }) => [column, field]));
}

test("a register is mapped one to one, and what nobody needs stays out", () => {
  expect(pairs(register)).toEqual({
    UHID: "mrn",
    "Patient Name": "name",
    "F/H Name": "relationName",
    Gender: "sex",
    DOB: "birthDate",
    Mobile: "phone",
    Address: "addressLine",
    "Reg Date": "seenAt",
  });
  expect(map(register)).toMatchObject({ eventKind: null, record: "patient" });
});

test("columns in any order are mapped alike", () => {
  const expected = pairs(register);
  const orders = fc.shuffledSubarray(Object.keys(register), {
    minLength: Object.keys(register).length,
  });

  fc.assert(
    fc.property(orders, (columns) => {
      const table = Object.fromEntries(columns.map((column) => [column, register[column] ?? []]));
      expect(pairs(table)).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test("no field is given twice, whatever the headers", () => {
  const header = fc.constantFrom(
    "Name",
    "Patient Name",
    "Naam",
    "DOB",
    "Date",
    "Reg No",
    "UHID",
    "Mobile",
    "Phone",
    "नाम",
    "x",
    "Age/Sex",
  );
  const cells = fc.array(
    fc.constantFrom("Ram Lal", "12/12/2001", "101", "9811012345", "M", "", "45 Y"),
    { maxLength: 8 },
  );

  fc.assert(
    fc.property(fc.dictionary(header, cells), (table) => {
      const fields = map(table)
        .columns.map(({ field }) => field)
        .filter((field) => field !== "addressLine");
      expect(new Set(fields).size).toBe(fields.length);
    }),
  );
});

test("an export without headers is mapped by what it holds", () => {
  const { "S.No.": serial, UHID, Gender, DOB, Mobile, Address, "Patient Name": names } = register;
  const rows = [serial, UHID, names, Gender, DOB, Mobile, Address];
  const table = Object.fromEntries(rows.map((cells, index) => [String(index + 1), cells ?? []]));

  expect(pairs(table, { hasHeader: false })).toEqual({
    "2": "mrn",
    "3": "name",
    "4": "sex",
    "5": "birthDate",
    "6": "phone",
    "7": "addressLine",
  });
});

test("cells overrule a header they cannot stand under", () => {
  const table = { ...register, Mobile: register["Gender"] ?? [], Gender: register["Mobile"] ?? [] };

  expect(pairs(table)).toMatchObject({ Mobile: "sex", Gender: "phone" });
});

test("a patient number that is mostly blank gives way to another", () => {
  const table = { ...register, UHID: ["U101", "", "", ""] };

  expect(pairs(table)).toMatchObject({ "OPD No": "mrn" });
});

test("what the operator says is taken as it is", () => {
  const fixed = new Map<MapField, string>([["mrn", "OPD No"]]);

  expect(pairs(register, { fixed })).toMatchObject({ "OPD No": "mrn" });
});

test("rows of test results are events and only fill blanks", () => {
  const table = {
    UHID: ["U1", "U1", "U2"],
    "Test Name": ["Haemoglobin", "TSH", "TSH"],
    Result: ["12.1", "3.2", "4.0"],
    Unit: ["g/dL", "mIU/L", "mIU/L"],
    "Report Date": ["13/11/2026", "13/11/2026", "14/11/2026"],
  };

  expect(map(table)).toMatchObject({ eventKind: "observation", record: "event" });
  expect(pairs(table)).toMatchObject({
    "Test Name": "display",
    Result: "value",
    "Report Date": "at",
  });
});

test("codes that records are not read with by themselves get their meaning, and nothing else does", () => {
  expect(codeValues("sex", ["M", "Boy", "स्त्री.", "Ram Lal"])).toEqual({
    Boy: "male",
    "स्त्री.": "female",
  });
  expect(codeValues("relationType", ["Father", "W/o"])).toEqual({ "W/o": "husband" });
});
