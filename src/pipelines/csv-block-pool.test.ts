import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CsvLayout } from "../connectors/csv-layout.ts";
import type { ByteBlock } from "../connectors/csv-lines.ts";
import type { FacilityId, IsoDate, SourceFileId } from "../platform/ids.ts";
import type { Facility } from "../store/facilities.ts";
import { openChunk } from "../store/raw-archive.ts";
import { openBlockRunner, stageBlocks } from "./csv-block-pool.ts";
import type { CsvBlockSetting } from "./csv-block-stage.ts";
import { type CsvPipeline, pipelineSchema } from "./pipeline-file.ts";
import { rawHashOf, type StagedBlock } from "./staged-block.ts";

const facility: Facility = {
  id: "F1" as FacilityId,
  name: "Facility",
  ownership: null,
  kind: null,
  state: "active",
  timeZone: "Asia/Kolkata",
  authorities: [],
};
const day = "2026-03-01" as IsoDate;
const header = "MRN,Name,Address,Phone,City\n";
const layout: CsvLayout = {
  delimiter: ",",
  columns: ["MRN", "Name", "Address", "Phone", "City"],
  headerLine: 1,
  headerEnd: 1,
  titles: [],
};
const pipeline = pipelineSchema.parse({
  version: 1,
  name: "p",
  facility: "F1",
  source: { type: "csv", at: "f.csv" },
  fields: { mrn: "MRN", name: "Name", addressLine: "Address", phone: "Phone", city: "City" },
}) as CsvPipeline;
const setting: CsvBlockSetting = {
  pipeline,
  place: { facility, fileName: "f.csv", fileDate: day, today: day },
  form: { encoding: "utf-8", ending: 0x0a },
  layout,
  mapSource: "p:1",
  facilityId: facility.id,
  openHashes: new Set(),
  archive: {
    fileId: "00000000-0000-0000-0000-000000000000" as SourceFileId,
    key: Buffer.alloc(32),
  },
};

/** The text cut after some of its lines. */
function blocksOf(text: string, linesPerBlock: readonly number[]): readonly ByteBlock[] {
  const lines = text.split(/(?<=\n)/);
  const blocks: ByteBlock[] = [];
  let offset = 0;
  for (let at = 0, turn = 0; at < lines.length; turn += 1) {
    const taken = lines.slice(at, at + (linesPerBlock[turn % linesPerBlock.length] ?? 1));
    const bytes = Buffer.from(taken.join(""));
    blocks.push({ bytes, offset, line: at + 1, skip: 0 });
    offset += bytes.length;
    at += taken.length;
  }
  return blocks;
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function staged(
  blocks: readonly ByteBlock[],
  { bytes, ahead }: { bytes: number; ahead?: number },
): Promise<readonly StagedBlock[]> {
  await using opened = openBlockRunner(setting, bytes);
  const runner = {
    run: opened.run.bind(opened),
    ahead: ahead ?? opened.ahead,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const results: StagedBlock[] = [];
  for await (const { staged } of stageBlocks(each(blocks), runner)) results.push(staged);
  return results;
}

/** All that blocks came to, however they were cut. */
function sum(blocks: readonly StagedBlock[]) {
  return {
    claims: blocks.map(({ claims }) => Buffer.from(claims).toString()).join(""),
    rejects: blocks.flatMap(({ rejects }) =>
      rejects.map(({ place, rawHash }) => ({ place, rawHash })),
    ),
    read: blocks.reduce((total, { read }) => total + read, 0),
    layoutLines: blocks.flatMap(({ lines }) => lines.layoutLines),
    recordLines: blocks.reduce((total, { lines }) => total + lines.recordLines, 0),
    blankLines: blocks.reduce((total, { lines }) => total + lines.blankLines, 0),
    headerLines: blocks.reduce((total, { lines }) => total + lines.headerLines, 0),
    end: blocks.at(-1)?.end,
  };
}

const cell = fc.constantFrom(
  "Asha Devi",
  '"12, Gali 4"',
  '"two\nlines"',
  '"a\n\n""b"""',
  '"open',
  'stray" quote',
  "",
);
const row = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.nat(999), cell, cell)
      .map(([n, a, b]) => `A${n},${a},${b},98111${String(n).padStart(5, "0")},Delhi\n`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("\n", header, "Total: 3,,,,\n", "A1,too,few\n", "9,1,2,3,4,5,6\n"),
  },
);
const texts = fc.array(row, { minLength: 1, maxLength: 40 }).map((rows) => header + rows.join(""));

// A machine that does other work as well takes its time.
describe("blocks of a file", { timeout: 60_000 }, () => {
  test("come to the same wherever the file is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 3 }),
        async (text, cuts, ahead) => {
          const whole = await staged(blocksOf(text, [100_000]), { bytes: 0 });
          const parts = await staged(blocksOf(text, cuts), { bytes: 0, ahead });
          expect(sum(parts)).toEqual(sum(whole));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("come to the same in worker threads, in their order", async () => {
    const rows = Array.from({ length: 3_000 }, (_, n) =>
      n % 50 === 0
        ? `B${n},"two\nlines",x,1,Delhi\n`
        : `B${n},Asha,"C-${n}, Gali",9811100011,Delhi\n`,
    );
    const text = `${header}${rows.join("")}B9,"never closed,x,1,Delhi\n`;
    const own = await staged(blocksOf(text, [100_000]), { bytes: 0 });
    const threads = await staged(blocksOf(text, [51, 90, 333]), { bytes: 100 << 20 });
    expect(sum(threads)).toEqual(sum(own));
    expect(sum(own).read).toBe(3_001);
  });

  test("give a row that cannot be read the hash of its bytes as they are archived, with Aadhaar numbers masked", async () => {
    const [block] = await staged(
      blocksOf(`${header}A1,Asha,2341 2341 2346\nA2,Asha,Gali 4,9811100011,Delhi\n`, [3]),
      { bytes: 0 },
    );
    const { place, rawHash } = block?.rejects[0] ?? {};
    if (setting.archive === null || block?.chunk == null || place === undefined)
      throw new Error("the first row is refused, and archived");
    const { fileId, key } = setting.archive;
    const archived = openChunk(block.chunk.bytes, key, fileId, 0);
    const row = archived.subarray(place.offset, place.offset + place.length);
    expect(row.toString()).toBe("A1,Asha,XXXX XXXX XXXX\n");
    expect(rawHash).toBe(rawHashOf(row));
  });

  test("of a layout without the mapped columns are refused in a thread as they are here", async () => {
    const wrong = { ...setting, layout: { ...layout, columns: ["A", "B", "C", "D", "E"] } };
    await using threads = openBlockRunner(wrong, 100 << 20);
    const [block] = blocksOf(header, [1]);
    if (block === undefined) throw new Error("a text has a block");
    const lines = {
      block: { ...block, bytes: Buffer.from(`${header}1,2,3,4,5\n`) },
      seq: 0,
      isLast: true,
    };
    await expect(threads.run(lines)).rejects.toMatchObject({
      code: "HIMS_SOURCE_COLUMNS",
      kind: "usage",
    });
  });
});
