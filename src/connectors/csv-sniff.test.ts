import { expect, test } from "vitest";
import { sniffCsv } from "./csv-sniff.ts";

const known = (cell: string) => /^(?:reg no|name|sex|dob|mobile|address)$/i.test(cell);

function sniff(...texts: readonly string[]) {
  const lines = texts.map((text, index) => ({
    text,
    line: index + 1,
    offset: 0,
    length: text.length,
  }));
  return sniffCsv(lines, known);
}

test.each([",", ";", "\t", "|"])(
  "the delimiter %j is found though cells hold others",
  (delimiter) => {
    const rows = [
      ["Reg No", "Name", "Address"],
      ["1", "Ram", "A 1 Delhi"],
      ["2", "Shyam", '"B 2, Gali 3; Delhi|1"'],
      ["3", "Mohan", "C 3 Delhi"],
    ];

    expect(sniff(...rows.map((cells) => cells.join(delimiter)))).toMatchObject({
      delimiter,
      headerLine: 1,
      width: 3,
    });
  },
);

test("titles and blank lines stand above the header", () => {
  expect(
    sniff("DDU HOSPITAL,,", "Register, November,", "", "Reg No,Name,Sex", "1,Ram,M").headerLine,
  ).toBe(4);
});

test("a header of unknown words is known by the numbers below it", () => {
  expect(sniff("Alpha,Beta,Gamma", "101,x,y", "102,x,y", "103,z,y").headerLine).toBe(1);
});

test("rows from the first line on have no header", () => {
  expect(sniff("101,Ram Lal,M,12/12/1990", "102,Sita Devi,F,11/10/1980").headerLine).toBeNull();
});

test("a patient without a phone is no header", () => {
  expect(
    sniff("Ram Lal,M,NA", "Sita Devi,F,9811012345", "Gita Rani,F,9811012346").headerLine,
  ).toBeNull();
});

test("a header with a line break in a quoted cell is one row", () => {
  expect(sniff('"Reg', 'No",Name,Sex', "1,Ram,M", "2,Sita,F").width).toBe(3);
});
