import { describe, expect, test } from "vitest";
import { archivedRow, findDelimiter } from "./archived-rows.ts";

const columns = ["MRN", "Name", "Town"];
const layout = { encoding: "utf-8", columns, delimiter: ";" } as const;
const rowOf = (text: string) => archivedRow(Buffer.from(text), layout);

describe("the delimiter of an archived file", () => {
  test.each([[","], [";"], ["\t"], ["|"]] as const)("is that of its header: %j", async (sign) => {
    const head = Buffer.from(`Report of the day, with a comma\n${columns.join(sign)}\n1${sign}Ram`);
    expect(await findDelimiter(head, layout)).toBe(sign);
  });

  test("is found in UTF-16 as well", async () => {
    const head = Buffer.from(`\ufeff${columns.join("\t")}\r\n1\tRam\tDelhi\r\n`, "utf16le");
    expect(await findDelimiter(head, { encoding: "utf-16le", columns })).toBe("\t");
  });

  test("of a file without a header gives as many cells as it has columns", async () => {
    const numbered = { encoding: "utf-8", columns: ["1", "2"] };
    expect(await findDelimiter(Buffer.from("1|Ram\n"), numbered)).toBe("|");
  });
});

describe("an archived row", () => {
  test("that was read has its cells, line breaks and all", async () => {
    expect(await rowOf('1;"Ram\r\nKumar";Delhi\r\n')).toEqual({
      text: '1;"Ram\nKumar";Delhi',
      cells: ["1", "Ram\nKumar", "Delhi"],
      isWhole: true,
    });
  });

  test("with blank cells too many is whole", async () => {
    expect(await rowOf("1;Ram;Delhi;; ")).toMatchObject({
      cells: ["1", "Ram", "Delhi"],
      isWhole: true,
    });
  });

  test.each([
    ["too few cells", "1;Ram", ["1", "Ram", ""]],
    ["too many cells", "1;Ram;Delhi;;East", ["1", "Ram", "Delhi;East"]],
    ["a quote that never closes", '1;"Ram;Delhi', ["1", "Ram", "Delhi"]],
    ["a quote within a quote", '"1";"Ram "K" Das";Delhi', ["1", 'Ram "K" Das', "Delhi"]],
  ])("with %s has them as far as it splits", async (_, text, cells) => {
    expect(await rowOf(text)).toMatchObject({ text, cells });
  });

  test("in Windows-1252 is read as its neighbors were", async () => {
    const row = await archivedRow(Buffer.from("1;Jos\u00e9;Goa\n", "latin1"), layout);
    expect(row.cells).toEqual(["1", "José", "Goa"]);
  });
});
