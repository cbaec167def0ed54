import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CellFrame } from "../connectors/cell-frame.ts";
import type { FacilityId, IsoDate } from "../platform/ids.ts";
import { type FieldMap, fieldMapSchema } from "../records/field-map.ts";
import type { RawRow } from "../records/raw-record.ts";
import type { Facility } from "../store/facilities.ts";
import { StageLines } from "../store/stage-lines.ts";
import { type CsvPipeline, pipelineSchema } from "./pipeline-file.ts";
import { RowReading } from "./record-reading.ts";

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
const place = { facility, fileName: "f.csv", fileDate: day, today: day };

/** Texts that are plain, nearly plain, or anything but, by field. */
const pools: Readonly<Record<string, readonly string[]>> = {
  mrn: [
    "AB100",
    "42",
    "OPD/2026/7",
    "0042",
    "9.81E+09",
    "AB 1",
    "",
    "A\\B",
    "XXXX-XXXX-1234",
    "12E5",
    "NULL",
    "nil",
    "ABC",
    "000",
    "12.0",
    '="0042"',
    "'0042",
    "XXXXXXXX1234",
    "234123412346",
  ],
  name: [
    "Ravi Kumar",
    "Smt. Asha Devi",
    "Ram Lal S/o Mohan Lal",
    "Baby of Sita",
    "Kumari",
    "Om",
    "R K Das",
    "जयचंद",
    "श्री राम",
    "लाड़ला",
    "Ravi  Kumar",
    " Ravi",
    `Ravi Kumar${" ".repeat(600)}.`,
    "\rvuhrk jkuh",
    "O'Brien",
    "Sri",
    "Late Ravi",
    "",
    "-",
    "jke dqekj",
    "Miss",
    "C\\o",
    "Son of Ram",
    "NULL",
    "NA",
    "Na",
    "Ram R/o Rohini",
  ],
  nameLocal: [
    "रवि कुमार",
    "श्रीमती सीता",
    "ज़ाकिर",
    "सीता पत्नी राम",
    "राम\u200b",
    "",
    "राम १२३४५६७८९०१२",
    "कु",
  ],
  relationName: [
    "NULL",
    "Null",
    "NIL",
    "Mohan Lal",
    "S/o Mohan",
    "W/o Ram",
    "Late Mohan",
    "",
    "मोहन",
  ],
  relationType: ["father", "Husband", "x", ""],
  sex: ["NULL", "1.0", "M", "female", "पु", "", "?", "U", "T"],
  birthDate: [
    "31/12/1985",
    "1985-12-31",
    "12/31/1985",
    "1985",
    "31/02/1985",
    "",
    "45123",
    "01/01/2030",
    "३१/१२/१९८५",
    "-",
    "NULL",
    "01/01/1900",
  ],
  age: ["45", "45.0", "-", "0 days", "45 Y 3 M", "", "x", "200"],
  seenAt: ["NA", "NULL", "2026-02-01", "2026-02-01 10:30", "", "yesterday", "01/02/26"],
  phone: [
    "9811100011",
    "+91 98111 00011",
    "91-9811100011",
    "09811100011",
    "9811100011, 9811100012",
    "12345",
    "",
    "9.81E+09",
    "011-23456789",
    "९८१११०००११",
    "9811100011.0",
    "NULL",
  ],
  abhaNumber: ["91-7130-2046-2034", "91713020462034", "91713020462035", "", "x"],
  abhaAddress: ["ravi@abdm", "", "bad"],
  identifier: ["X1", "", "91713020462034"],
  addressLine: [
    "12, Gali No 4",
    "NULL",
    "N/A",
    "NA",
    "Nil",
    "C-39\\2",
    "near  park",
    "2341 2341 2346",
    "",
    "-",
    "\u00a0x",
    "a\tb",
    "<b>",
  ],
  district: ["South West", "दक्षिण", "", "…"],
  postalCode: ["NULL", "110043", "", "1100 43"],
  bloodGroup: ["O+", "B -ve", "", "-"],
  motherMrn: ["M1", "", "234123412346"],
  deceasedAt: ["2026-01-01", "", "x", "Jan 2026"],
};
const fieldNames = Object.keys(pools);

const anyText = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.stringMatching(/^[A-Za-z]{1,12}( [A-Za-z]{1,12}){0,3}$/),
  fc.stringMatching(/^[ऀ-ॿ]{1,12}( [ऀ-ॿ]{1,12}){0,3}$/),
  fc.stringMatching(/^[0-9/+. -]{0,16}$/),
);

/** A map of some fields, each of its own column, and rows for it. */
const feeds = fc.subarray(fieldNames.filter((field) => field !== "mrn")).chain((fields) => {
  const columns = ["mrn", ...fields];
  const cell = (field: string) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...(pools[field] ?? [""])) },
      { weight: 1, arbitrary: anyText },
    );
  const row = fc.tuple(...columns.map(cell));
  return fc.record({
    columns: fc.constant(columns),
    rows: fc.array(row, { minLength: 1, maxLength: 12 }),
    ignored: fc.subarray(columns),
  });
});

function pipelineOf(columns: readonly string[], ignored: readonly string[]): CsvPipeline {
  const fields: FieldMap = fieldMapSchema.parse(
    Object.fromEntries(
      columns.map((column) => [
        column,
        ignored.includes(column) ? { column, bad: "ignore" } : column,
      ]),
    ),
  );
  const pipeline = pipelineSchema.parse({
    version: 1,
    name: "p",
    facility: "F1",
    source: { type: "csv", at: "f.csv" },
    fields,
  });
  if (!("fields" in pipeline)) throw new Error("a CSV pipeline was asked for");
  return pipeline;
}

function rawRow(cells: readonly string[], line: number): RawRow {
  return { kind: "row", place: { line, lineCount: 1, offset: 0, length: 0 }, cells };
}

const at = (line: number, messageTime: string | null) => ({
  ordinal: line,
  line,
  messageTime,
  mapSource: "p:1",
});
const noBytes = { bytes: Buffer.alloc(0), offset: 0, encoding: "utf-8" };

/** COPY text of a row that went the short way; null when it did not. The reading's rows all have the same columns. */
function shortWay(reading: RowReading, columns: readonly string[], raw: RawRow): string | null {
  const bytes = Buffer.from(`${raw.cells.map(quotedCell).join(",")}\n`);
  const frame = frameOf(reading, columns);
  if (frame.take(bytes, 0) < 0) return null;
  const place = { offset: 0, length: bytes.length };
  const block = { bytes, offset: 0, encoding: "utf-8" };
  const claim = reading.readEach(columns, block).readPlain(bytes, frame, place);
  if (claim === null) return null;
  const lines = new StageLines();
  lines.addDraft(facility.id, claim, at(raw.place.line, null));
  return lines.take().claims.toString();
}

/** A reading has one frame for all its rows. */
const frames = new WeakMap<RowReading, CellFrame>();

function frameOf(reading: RowReading, columns: readonly string[]): CellFrame {
  const layout = { delimiter: ",", columns, headerLine: 1, headerEnd: 1, titles: [] };
  const frame = frames.get(reading) ?? new CellFrame(layout);
  frames.set(reading, frame);
  return frame;
}

function quotedCell(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** COPY text and warnings of a row that went the ordinary way; null when it was refused. */
function ordinaryWay(reading: RowReading, columns: readonly string[], raw: RawRow) {
  const batch = {
    ...noBytes,
    records: [raw],
    columns,
    lines: { headerLines: 0, blankLines: 0, layoutLines: [], recordLines: 1 },
  };
  const [record] = reading.read(batch, noBytes.bytes);
  if (record?.said.ok !== true) return null;
  const { patients, messageTime, warnings } = record.said.value;
  const lines = new StageLines();
  for (const claim of patients) lines.add(claim, at(raw.place.line, messageTime));
  return { text: lines.take().claims.toString(), warnings };
}

describe("a plain row", () => {
  test("comes to the same text as by the ordinary way, and to no warning", {
    timeout: 60_000,
  }, () => {
    let plain = 0;
    fc.assert(
      fc.property(feeds, ({ columns, rows, ignored }) => {
        const pipeline = pipelineOf(columns, ignored);
        const short = new RowReading(pipeline, place);
        const ordinary = new RowReading(pipeline, place);
        for (const [index, cells] of rows.entries()) {
          const raw = rawRow(cells, index + 2);
          const text = shortWay(short, columns, raw);
          if (text === null) continue;
          plain += 1;
          expect({ text, warnings: [] }).toEqual(ordinaryWay(ordinary, columns, raw));
        }
      }),
      { numRuns: 1_000 },
    );
    expect(plain).toBeGreaterThan(300);
  });

  test("with a title, a phone in two groups and an age is plain too", () => {
    const columns = ["mrn", "name", "phone", "age", "seenAt", "birthDate"];
    const reading = new RowReading(pipelineOf(columns, []), place);
    const raw = rawRow(["AB1", "Smt. Asha Devi", "+91 98111 00011", "45", "2026-02-01", ""], 2);
    expect(shortWay(reading, columns, raw)).toContain('\t{"+919811100011"}\t');
  });

  test.each([
    ["an Aadhaar number in a text", ["AB1", "234123412346"]],
    ["no patient number", ["", "Gali No 4"]],
    ["a masked patient number", ["XXXXXXXXXXXX", "Gali No 4"]],
  ])("%s is not plain", (_, cells) => {
    const columns = ["mrn", "addressLine"];
    const reading = new RowReading(pipelineOf(columns, []), place);
    expect(shortWay(reading, columns, rawRow(cells, 2))).toBeNull();
  });

  test("a row of a map with events is none", () => {
    const columns = ["mrn", "eventKind", "code"];
    const reading = new RowReading(pipelineOf(columns, []), place);
    expect(shortWay(reading, columns, rawRow(["AB1", "condition", "J45"], 2))).toBeNull();
  });
});
