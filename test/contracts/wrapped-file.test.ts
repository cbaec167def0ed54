/** Packed files: what is in them is read, and what is wrong with them refuses them alone, unread and without a trace on the disk. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { readContent, type SourceFile } from "../../src/connectors/connector.ts";
import { unwrapFiles, type Wrapping } from "../../src/connectors/wrapped-file.ts";
import { workbookBytes } from "../support/workbook-bytes.ts";
import { zipBytes } from "../support/zip-bytes.ts";

const folder = mkdtempSync(join(tmpdir(), "hims-wrapped-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const csv = "MRN,Name\r\n1,Ram\r\n";
const wrapping: Wrapping = {
  maxUnpackedBytes: 1e9,
  sheet: {
    sheet: null,
    expectedColumns: ["MRN", "Name"],
    identifierColumns: ["MRN"],
    phoneColumns: [],
    delimiter: ",",
  },
};

function given(name: string, bytes: Uint8Array): SourceFile {
  const path = join(folder, name.replaceAll("/", "-"));
  writeFileSync(path, bytes);
  return { path, name, bytes: bytes.length, modifiedAt: new Date(0) };
}

async function textOf(file: SourceFile): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readContent(file, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Name and text, or error code, of every file in one. */
async function unwrapped(
  name: string,
  bytes: Uint8Array,
  how: Partial<Wrapping> = {},
): Promise<Readonly<Record<string, string>>> {
  const files = await unwrapFiles([given(name, bytes)], { ...wrapping, ...how }, signal);
  const told: Record<string, string> = {};
  for (const file of files)
    told[file.name] = await textOf(file).catch((error) => String(error.code ?? error));
  return told;
}

const damaged = "HIMS_SOURCE_ARCHIVE_DAMAGED";
const refused = "HIMS_SOURCE_ARCHIVE_REFUSED";
const tooLarge = "HIMS_SOURCE_ARCHIVE_TOO_LARGE";
const spreadsheet = "HIMS_SOURCE_SPREADSHEET";

describe("gzip", () => {
  test("is told by its bytes, whatever the name, and may have several members", async () => {
    const bytes = Buffer.concat([gzipSync(csv), gzipSync("2,Sita\r\n")]);
    expect(await unwrapped("a.csv", bytes)).toEqual({ "a.csv": `${csv}2,Sita\r\n` });
    expect(await unwrapped("a.gz", Buffer.from(csv))).toEqual({ "a.gz": csv });
  });

  test("members may end anywhere in what is read at once", async () => {
    const line = `3,${"x".repeat(97)}\n`;
    const members = Array.from({ length: 300 }, () => gzipSync(line.repeat(50), { level: 0 }));
    const told = await unwrapped("a.gz", Buffer.concat(members));
    expect(told["a.gz"]).toBe(line.repeat(15_000));
  });

  test("that is cut off anywhere, or damaged, ends in an error", async () => {
    const whole = Buffer.concat([gzipSync(csv.repeat(500)), gzipSync("2,Sita\r\n")]);
    for (const length of [3, 12, 40, whole.length - 30, whole.length - 4])
      expect(await unwrapped("cut.gz", whole.subarray(0, length))).toEqual({ "cut.gz": damaged });
    const flipped = Buffer.from(whole);
    flipped[30] = (flipped[30] ?? 0) ^ 0xff;
    expect(await unwrapped("flip.gz", flipped)).toEqual({ "flip.gz": damaged });
  });

  test("with nothing in it is an empty file", async () => {
    expect(await unwrapped("a.gz", gzipSync(""))).toEqual({ "a.gz": "HIMS_SOURCE_EMPTY" });
  });

  test("holding another archive is refused", async () => {
    expect(await unwrapped("a.gz", gzipSync(gzipSync(csv)))).toEqual({ "a.gz": refused });
    const tar = Buffer.alloc(1024);
    tar.write("ustar", 257);
    expect(await unwrapped("a.tgz", gzipSync(tar))).toEqual({ "a.tgz": refused });
  });
});

describe("zip", () => {
  test("gives its files in natural order, without folders, hidden and system files", async () => {
    const bytes = zipBytes([
      { name: "day10.csv", content: "10" },
      { name: "day2.csv", content: "2", stored: true },
      { name: "in/", content: "" },
      { name: "in/b.csv", content: "b" },
      { name: "__MACOSX/._day2.csv", content: "x" },
      { name: ".hidden.csv", content: "x" },
      { name: "in/.DS_Store", content: "x" },
    ]);
    expect(Object.entries(await unwrapped("a.zip", bytes))).toEqual([
      ["a.zip/day2.csv", "2"],
      ["a.zip/day10.csv", "10"],
      ["a.zip/in/b.csv", "b"],
    ]);
  });

  test.each([["../b.csv"], ["a/../../b.csv"], ["/etc/b.csv"], ["C:/b.csv"], ["a\\b.csv"]])(
    "with a member named %j is refused whole",
    async (name) => {
      const bytes = zipBytes([
        { name: "a.csv", content: csv },
        { name, content: csv },
      ]);
      expect(await unwrapped("a.zip", bytes)).toEqual({ "a.zip": refused });
    },
  );

  test("members that are encrypted, links, oddly packed or archives are refused alone", async () => {
    const bytes = zipBytes([
      { name: "a.csv", content: csv },
      { name: "b.csv", content: csv, flags: 0x801 },
      { name: "c.csv", content: "/etc/passwd", mode: 0o120777, stored: true },
      { name: "d.csv", content: csv, method: 12 },
      { name: "e.zip", content: zipBytes([{ name: "f.csv", content: csv }]) },
    ]);
    expect(await unwrapped("a.zip", bytes)).toEqual({
      "a.zip/a.csv": csv,
      "a.zip/b.csv": refused,
      "a.zip/c.csv": refused,
      "a.zip/d.csv": refused,
      "a.zip/e.zip": refused,
    });
  });

  test("whose members overlap or have one name is refused whole", async () => {
    const overlap = zipBytes([
      { name: "a.csv", content: csv },
      { name: "b.csv", content: csv, sameAs: 0 },
    ]);
    expect(await unwrapped("a.zip", overlap)).toEqual({ "a.zip": refused });
    const twice = zipBytes([
      { name: "a.csv", content: csv },
      { name: "a.csv", content: "MRN,Name\r\n" },
    ]);
    expect(await unwrapped("a.zip", twice)).toEqual({ "a.zip": refused });
  });

  test("with more than ten thousand members is refused whole", async () => {
    const parts = Array.from({ length: 10_001 }, (_, index) => ({
      name: `${index}.csv`,
      content: "x",
      stored: true,
    }));
    expect(await unwrapped("a.zip", zipBytes(parts))).toEqual({ "a.zip": tooLarge });
  });

  test("that is cut off, or does not hold what it says, is refused", async () => {
    const whole = zipBytes([{ name: "a.csv", content: csv.repeat(100) }]);
    expect(await unwrapped("a.zip", whole.subarray(0, whole.length - 40))).toEqual({
      "a.zip": damaged,
    });
    const wrong = zipBytes([{ name: "a.csv", content: csv, checksum: 1 }]);
    expect(await unwrapped("a.zip", wrong)).toEqual({ "a.zip/a.csv": damaged });
  });

  test("with nothing in it is an empty file", async () => {
    expect(await unwrapped("a.zip", zipBytes([]))).toEqual({ "a.zip": "HIMS_SOURCE_EMPTY" });
  });
});

describe("bombs", () => {
  const bytes = 150_000_000;

  test.each([
    ["gzip", "a.gz", () => gzipSync(Buffer.alloc(bytes, 0x30))],
    ["zip", "a.zip/a.csv", () => zipBytes([{ name: "a.csv", content: Buffer.alloc(bytes, 0x30) }])],
  ])("in %s end after the first hundred megabytes, in flat memory", async (_, name, make) => {
    const [file] = await unwrapFiles([given(name.slice(0, 5), make())], wrapping, signal);
    if (file === undefined) throw new Error("a file was not listed");
    const before = process.memoryUsage().rss;
    let seen = 0;
    let most = 0;
    const reading = async () => {
      for await (const chunk of readContent(file, signal)) {
        seen += chunk.length;
        most = Math.max(most, process.memoryUsage().rss - before);
      }
    };
    await expect(reading()).rejects.toMatchObject({
      code: tooLarge,
      at: { file: expect.any(String) },
    });
    expect(seen).toBeGreaterThan(90_000_000);
    expect(seen).toBeLessThan(110_000_000);
    expect(most).toBeLessThan(80_000_000);
  });

  test("a limit on the whole is held, for what is said and for what comes", async () => {
    const how = { maxUnpackedBytes: 100 };
    const members = [1, 2, 3].map((id) => ({ name: `${id}.csv`, content: csv.repeat(3) }));
    expect(await unwrapped("a.zip", zipBytes(members), how)).toEqual({ "a.zip": tooLarge });
    expect(await unwrapped("a.gz", gzipSync(csv.repeat(50)), how)).toEqual({ "a.gz": tooLarge });
  });

  test("a sheet of rows that are next to nothing, each as wide as the first, is refused", async () => {
    const wide = Array.from({ length: 16_000 }, (_, column) =>
      column === 0 ? "MRN" : `c${column}`,
    );
    const rows = Array.from({ length: 20_000 }, () => ["1"]);
    const book = workbookBytes({ sheets: [{ name: "S", rows: [wide, ...rows] }] });
    expect(await unwrapped("a.xlsx", book)).toEqual({ "a.xlsx": tooLarge });
  });
});

describe("spreadsheets that are not read", () => {
  const compound = Buffer.from("d0cf11e0a1b11ae1", "hex");

  test.each([
    ["old Excel files", "a.xls", compound, /old Excel file/],
    [
      "workbooks with a password",
      "a.xlsx",
      Buffer.concat([compound, Buffer.alloc(600), Buffer.from("EncryptedPackage", "utf16le")]),
      /password/,
    ],
    [
      "OpenDocument files",
      "a.ods",
      zipBytes([
        { name: "mimetype", content: "application/vnd.oasis.opendocument.spreadsheet" },
        { name: "content.xml", content: "<x/>" },
      ]),
      /OpenDocument/,
    ],
    ["binary workbooks", "a.xlsb", zipBytes([{ name: "xl/workbook.bin", content: "x" }]), /xlsb/],
    ["web pages", "a.xls", Buffer.from("<html><table><tr><td>MRN"), /web page/],
  ])("%s are refused with a hint", async (_, name, bytes, message) => {
    const [file] = await unwrapFiles([given(name, bytes)], wrapping, signal);
    if (file === undefined) throw new Error("a file was not listed");
    await expect(textOf(file)).rejects.toMatchObject({
      code: spreadsheet,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/\.xlsx|password/),
    });
  });

  test("a workbook is none for a pipeline of messages", async () => {
    const book = workbookBytes({ sheets: [{ name: "S", rows: [["MRN"], ["1"]] }] });
    expect(await unwrapped("a.xlsx", book, { sheet: null })).toEqual({ "a.xlsx": spreadsheet });
  });

  test("a workbook that is cut off or broken inside is refused", async () => {
    const broken = (part: string, content: string) =>
      zipBytes(
        [
          {
            name: "xl/workbook.xml",
            content: '<workbook><sheets><sheet name="S" r:id="a"/></sheets></workbook>',
          },
          {
            name: "xl/_rels/workbook.xml.rels",
            content:
              '<Relationships><Relationship Id="a" Type="x/worksheet" Target="s.xml"/></Relationships>',
          },
          { name: "xl/s.xml", content: "<worksheet><sheetData/></worksheet>" },
          { name: part, content },
        ].filter(
          ({ name }, index, all) => all.findLastIndex((other) => other.name === name) === index,
        ),
      );
    const cases = [
      broken("xl/s.xml", "<worksheet><sheetData><row r='1'><c r='A1'><v>1</v>"),
      broken("xl/s.xml", "<worksheet><sheetData><row r='2'/><row r='1'/></sheetData></worksheet>"),
      broken("xl/s.xml", "<worksheet><sheetData><row r='9999999'/></sheetData></worksheet>"),
      broken(
        "xl/s.xml",
        "<worksheet><sheetData><row><c r='ZZZZ1'><v>1</v></c></row></sheetData></worksheet>",
      ),
      broken(
        "xl/s.xml",
        "<worksheet><sheetData><row><c t='s'><v>7</v></c></row></sheetData></worksheet>",
      ),
      broken("xl/s.xml", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'),
      broken("xl/styles.xml", "<styleSheet><"),
    ];
    for (const bytes of cases)
      expect(await unwrapped("a.xlsx", bytes)).toEqual({ "a.xlsx": damaged });
  });
});

test("aborting ends any reading with the signal's reason", async () => {
  const rows = Array.from({ length: 20_000 }, (_, row) => [`${row}`, "x".repeat(100)]);
  const cases = [
    ["a.gz", gzipSync(csv.repeat(1_000_000), { level: 1 })],
    ["a.zip", zipBytes([{ name: "a.csv", content: csv.repeat(1_000_000) }])],
    ["a.xlsx", workbookBytes({ sheets: [{ name: "S", rows: [["MRN", "Name"], ...rows] }] })],
  ] as const;
  for (const [name, bytes] of cases) {
    const stop = new AbortController();
    const reason = new Error("stop");
    const [file] = await unwrapFiles([given(name, bytes)], wrapping, signal);
    if (file === undefined) throw new Error("a file was not listed");
    const reading = async () => {
      for await (const _ of readContent(file, stop.signal)) stop.abort(reason);
    };
    await expect(reading()).rejects.toBe(reason);
  }
});
