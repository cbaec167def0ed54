import { describe, expect, test } from "vitest";
import { CellFrame } from "./cell-frame.ts";

const layout = {
  delimiter: ",",
  columns: ["MRN", "Name", "Sex", "City"],
  headerLine: 1,
  headerEnd: 1,
  titles: [],
};

/** The cells of the first line; null where it must be read with care. */
function cellsOf(text: string): readonly string[] | null {
  const bytes = Buffer.from(text);
  const frame = new CellFrame(layout);
  if (frame.take(bytes, 0) < 0) return null;
  return layout.columns.map((_, cell) =>
    bytes.toString("utf8", frame.starts[cell], frame.ends[cell]),
  );
}

describe("a line is framed", () => {
  test.each([
    ["of bare cells", "1,Ram,M,Delhi\n"],
    ["with quotes around whole cells", '"1",Ram,"M",Delhi\n'],
    ["with spaces around cells", " 1 ,Ram,  M,Delhi \n"],
    ["ended by CRLF", "1,Ram,M,Delhi\r\n"],
    ["ended by CRLF after a quote", '1,Ram,M,"Delhi"\r\n'],
    ["converted to CRLF twice", "1,Ram,M,Delhi\r\r\n"],
    ["ended by nothing", "1,Ram,M,Delhi"],
    ["ended by one more delimiter", "1,Ram,M,Delhi,\n"],
  ])("%s", (_, text) => {
    expect(cellsOf(text)).toEqual(["1", "Ram", "M", "Delhi"]);
  });

  test("and the next one begins after it", () => {
    const bytes = Buffer.from("1,Ram,M,Delhi\r\n2,Sita,F,Agra\n");
    const frame = new CellFrame(layout);
    expect(frame.take(bytes, 0)).toBe(15);
    expect(frame.take(bytes, 15)).toBe(bytes.length);
  });
});

describe("a line is left to those who read with care", () => {
  test.each([
    ["with a cell too few", "1,Ram,M\n"],
    ["with a cell too many", "1,Ram,M,Delhi,x\n"],
    ["with a doubled quote", '1,"Ram ""R""",M,Delhi\n'],
    ["with a quote in mid-cell", '1,Ra"m,M,Delhi\n'],
    ["with text after a quoted cell", '1,"Ram"x,M,Delhi\n'],
    ["with a quote that is open", '1,Ram,M,"Delhi\n'],
    ["that a lone CR may divide after a quote", '1,Ram,M,"Delhi"\rx\n'],
    ["that repeats the header", "mrn,Name,Sex,City\n"],
    ["drawn under the header", "----,----,---,----\n"],
    ["of a total", "Total,2,,\n"],
    ["of a total converted to CRLF twice", "\u0915\u0941\u0932,1,,\r\r\n"],
    ["of blanks that are no spaces", "Total,\u00a0,\u00a0,1\n"],
    ["behind a byte order mark", "\ufeff1,Ram,M,Delhi\n"],
  ])("%s", (_, text) => {
    expect(cellsOf(text)).toBeNull();
  });

  test("and is told where it ends", () => {
    expect(new CellFrame(layout).take(Buffer.from("1,Ram\n2,Sita,F,Agra\n"), 0)).toBe(-6);
  });
});
