import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { sniffEncoding } from "./csv-encoding.ts";
import {
  type ByteBlock,
  type CsvLine,
  linesOf as linesOfBlock,
  readByteBlocks,
} from "./csv-lines.ts";

type LineBlock = ByteBlock & { readonly lines: readonly CsvLine[]; readonly encoding: string };

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(
  bytes: Uint8Array,
  { sizes = [1 << 20], encoding = null }: { sizes?: number[]; encoding?: string | null } = {},
): Promise<readonly LineBlock[]> {
  const blocks: LineBlock[] = [];
  for await (const { block, form } of readByteBlocks(chunksOf(bytes, sizes), encoding))
    blocks.push({ ...block, lines: linesOfBlock(block, form), encoding: form.encoding });
  return blocks;
}

const linesOf = (blocks: readonly LineBlock[]) => blocks.flatMap((block) => block.lines);
const textsOf = async (bytes: Uint8Array, encoding: string | null = null) =>
  linesOf(await read(bytes, { encoding })).map((line) => line.text);

describe("line ends", () => {
  test.each([
    ["LF", "a\nb\nc"],
    ["CRLF", "a\r\nb\r\nc\r\n"],
    ["CR", "a\rb\rc\r"],
  ])("%s ends lines", async (_, text) => {
    expect(await textsOf(Buffer.from(text))).toEqual(["a", "b", "c"]);
  });

  test("a lone CR in a file of LF lines is content", async () => {
    expect(await textsOf(Buffer.from("a\rb\nc\n"))).toEqual(["a\rb", "c"]);
  });

  test("a Gurmukhi letter whose code has the byte of a line feed ends no line of a CR file", async () => {
    const bytes = Buffer.from("\ufeffਕ,b\rਕ,c\r", "utf16le");
    expect(await textsOf(bytes)).toEqual(["ਕ,b", "ਕ,c"]);
  });
});

describe("encodings", () => {
  const text = "नाम,é\nराम,ç\n";
  test.each([
    ["UTF-8", Buffer.from(text)],
    ["UTF-8 with a byte order mark", Buffer.from(`\ufeff${text}`)],
    ["UTF-16LE with a byte order mark", iconv.encode(text, "utf-16le", { addBOM: true })],
    ["UTF-16BE with a byte order mark", iconv.encode(text, "utf-16be", { addBOM: true })],
  ])("%s is found out", async (_, bytes) => {
    expect(await textsOf(bytes)).toEqual(["नाम,é", "राम,ç"]);
  });

  test.each(["utf-16le", "utf-16be"])("%s without a mark is told by its zeros", async (name) => {
    expect(sniffEncoding(iconv.encode("mrn,name\n1,x\n", name)).encoding).toBe(name);
  });

  test("UTF-16 without a mark that is mostly Hindi is told though a row of it is torn", () => {
    const rows = Array.from({ length: 5 }, (_, row) => `${row},सुनीता देवी कुमारी,नई दिल्ली\n`);
    const whole = iconv.encode(rows.join(""), "utf-16le");
    const lost = Buffer.alloc(100, "\ufffd", "utf16le");
    const nul = Buffer.alloc(100);
    const shifted = Buffer.concat([Buffer.from("0"), whole.subarray(0, 49)]);
    const doubled = iconv.encode(whole.toString("latin1", 0, 60), "utf-16be");
    const swapped = iconv.encode("2,सुनीता देवी,नई दिल्ली\n", "utf-16be");
    for (const torn of [lost, nul, shifted, swapped, doubled])
      expect(sniffEncoding(Buffer.concat([whole, torn])).encoding).toBe("utf-16le");
  });

  test("a line that is not UTF-8 is read as Windows-1252, and its neighbours are not", async () => {
    const bytes = Buffer.concat([
      Buffer.from("राम\n"),
      Buffer.from([0x4a, 0xe9, 0x0a]),
      Buffer.from("सीता\n"),
    ]);
    expect(await textsOf(bytes)).toEqual(["राम", "Jé", "सीता"]);
  });

  test("a truncated UTF-16 file keeps its half character's byte in its last line", async () => {
    const bytes = Buffer.concat([
      iconv.encode("a\nb", "utf-16le", { addBOM: true }),
      Buffer.from([0x41]),
    ]);
    const lines = linesOf(await read(bytes));
    expect(lines.reduce((sum, line) => sum + line.length, 0)).toBe(bytes.length);
  });
});

test("lines do not depend on how the bytes come in chunks, and joined blocks are the file", async () => {
  const letters = fc.string({
    unit: fc.constantFrom("a", "é", "ਕ", "✓", "\n", "\r", "\r\n", ",", '"'),
    maxLength: 60,
  });
  const encodings = fc.constantFrom("utf-8", "utf-16le", "utf-16be", "windows-1252");
  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(letters, encodings, sizes, async (text, encoding, chunkSizes) => {
      // Longer than the head, so that blocks are cut: repeated whole.
      const bytes = iconv.encode(text.repeat(3), encoding, {
        addBOM: encoding.startsWith("utf-16"),
      });
      const whole = await read(bytes);
      const parts = await read(bytes, { sizes: chunkSizes });
      expect(linesOf(parts)).toEqual(linesOf(whole));
      expect(Buffer.concat(parts.map((block) => block.bytes)).equals(bytes)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test("blocks are cut at line ends of files larger than a chunk, and offsets go on over them", async () => {
  const text = Array.from({ length: 9000 }, (_, index) => `${index},राम,x`).join("\r\n");
  const bytes = Buffer.from(text);
  const blocks = await read(bytes, { sizes: [10_007] });
  expect(blocks.length).toBeGreaterThan(10);
  const lines = linesOf(blocks);
  expect(lines.map((line) => line.text)).toEqual(text.split("\r\n"));
  for (const line of [lines[0], lines[8000], lines.at(-1)]) {
    if (line === undefined) throw new Error("a line is missing");
    const own = bytes.subarray(line.offset, line.offset + line.length).toString("utf8");
    expect(own.trimEnd()).toBe(line.text);
  }
});
