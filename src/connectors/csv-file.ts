/** Delimited text files as hospitals export them: found out, not assumed. Every line of the file ends in exactly one place. */
import { z } from "zod";
import { HimsError } from "../platform/errors.ts";
import type { Problem } from "../records/problem.ts";
import type { RawRecord, SourcePlace } from "../records/raw-record.ts";
import { columnKey } from "../records/row-reader.ts";
import {
  type Connector,
  type ConnectorContext,
  type LineCounts,
  type RawBatch,
  readContent,
  type SourceFile,
} from "./connector.ts";
import { findHeader, uniqueColumns } from "./csv-header.ts";
import { innerLines } from "./csv-inner-lines.ts";
import { isClosingLine, isRule } from "./csv-layout.ts";
import { type CsvLine, type LineBlock, type LineDamage, readLineBlocks } from "./csv-lines.ts";
import { type CsvRecord, RecordAssembler } from "./csv-records.ts";

export const csvOptionsSchema = z.strictObject({
  encoding: z.string().default("auto"),
  delimiter: z.enum(["auto", ",", ";", "\t", "|"]).default("auto"),
  header: z.union([z.literal("auto"), z.literal("none"), z.int().min(1)]).default("auto"),
});
export type CsvOptions = z.infer<typeof csvOptionsSchema>;

export const csvFile: Connector<CsvOptions> = {
  name: "csv",
  optionsSchema: csvOptionsSchema,
  async *read(file, options, context) {
    const encoding = encodingOf(options.encoding, file);
    const reader = new CsvReader(file, options, context);
    try {
      for await (const block of readLineBlocks(readContent(file, context.signal), encoding)) {
        context.signal.throwIfAborted();
        yield* reader.block(block);
      }
      yield* reader.end();
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason;
      throw error;
    }
  },
};

/** The WHATWG name of the encoding that the operator has set; null where it is to be found out. */
function encodingOf(label: string, file: SourceFile): string | null {
  if (label === "auto") return null;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    // RangeError: no such label.
    throw new HimsError("HIMS_SOURCE_ENCODING", {
      kind: "usage",
      message: `${JSON.stringify(label)} is not a known encoding`,
      hint: "Set `source.encoding` to `auto` or to a label such as `utf-8`, `utf-16le` or `windows-1252`.",
      at: { file: file.name },
    });
  }
}

const problems = {
  quote: {
    reason: "malformed",
    field: null,
    rule: "unclosed_quote",
    segment: null,
    hint: "Close the quotation mark, or remove it; double it where it is part of the text.",
  },
  fewer: {
    reason: "malformed",
    field: null,
    rule: "cells_missing",
    segment: null,
    hint: "Give the row as many cells as the header has; a line break inside a cell needs quotation marks.",
  },
  more: {
    reason: "malformed",
    field: null,
    rule: "cells_extra",
    segment: null,
    hint: "Put quotation marks around a cell that contains the delimiter.",
  },
} as const satisfies Record<string, Problem>;

const damages: Readonly<Record<LineDamage, Problem>> = {
  nul: {
    reason: "malformed",
    field: null,
    rule: "nul_bytes",
    segment: null,
    hint: "Export the file again, in one encoding: this line has NUL bytes, which no text has.",
  },
  encoding: {
    reason: "malformed",
    field: null,
    rule: "encoding_broken",
    segment: null,
    hint: "Export the file again as UTF-8: the Hindi text of this line was damaged by a wrong encoding.",
  },
};

const headerReachLines = 50;

class CsvReader {
  private readonly file: SourceFile;
  private readonly options: CsvOptions;
  private readonly context: ConnectorContext;
  private readonly expected: ReadonlySet<string>;
  private assembler: RecordAssembler | null = null;
  private columns: readonly string[] | null = null;
  private headerKey = "";
  private firstColumnKey = "";
  private headerReach = 0;
  private head: LineBlock[] = [];
  private records: RawRecord[] = [];
  private blocks: { bytes: Buffer; offset: number }[] = [];
  private lines = { headerLines: 0, blankLines: 0, layoutLines: [] as number[], recordLines: 0 };
  private encoding = "utf-8";
  /** Titles above the header, which a report repeats on every page. */
  private readonly titles = new Set<string>();

  constructor(file: SourceFile, options: CsvOptions, context: ConnectorContext) {
    this.file = file;
    this.options = options;
    this.context = context;
    this.expected = new Set(context.expectedColumns.map(columnKey));
  }

  *block(block: LineBlock): Generator<RawBatch> {
    this.encoding = block.encoding;
    this.blocks.push(block);
    if (this.assembler === null) {
      this.head.push(block);
      if (this.headLines().length < headerReachLines) return;
      this.start();
      return yield* this.full();
    }
    for (const line of block.lines) this.line(line);
    yield* this.full();
  }

  *end(): Generator<RawBatch> {
    if (this.assembler === null) {
      if (this.headLines().length === 0) return;
      this.start();
    }
    for (const record of this.assembler?.end() ?? []) this.record(record);
    if (this.blocks.length > 0) yield this.batch();
    if (this.records.length > 0) throw new Error("records were left without their bytes");
  }

  private headLines(): readonly CsvLine[] {
    return this.head.flatMap((block) => block.lines);
  }

  /** Finds delimiter and header in the first lines, then reads those lines as everything else is read. */
  private start(): void {
    const lines = this.headLines();
    this.head = [];
    const header = findHeader(lines.slice(0, headerReachLines), this.options, this.expected);
    if (header === null) throw this.noHeader(lines);
    const assembler = new RecordAssembler(header.delimiter, header.columns.length);
    this.assembler = assembler;
    this.columns = header.columns;
    this.headerKey = header.columns.map(columnKey).join("\u0000");
    this.firstColumnKey = columnKey(header.columns[0] ?? "");
    this.headerReach = (header.columns[0] ?? "").length * 4 + 100;
    for (const [index, line] of lines.entries()) {
      if (index < header.firstLine) this.title(line);
      else if (index < header.endLine) this.lines.headerLines += 1;
      else this.line(line);
    }
  }

  private noHeader(lines: readonly CsvLine[]): HimsError {
    const damaged = lines.filter((line) => line.damage === "nul");
    if (damaged.length > 0) return this.notText(damaged);
    return new HimsError("HIMS_SOURCE_HEADER", {
      kind: "usage",
      message: `no header with the mapped columns was found in the first ${Math.min(lines.length, headerReachLines)} lines`,
      hint: "Compare the file's first lines with `fields:` of the pipeline file, and its `delimiter` and `header`.",
      at: { file: this.file.name, line: 1 },
    });
  }

  /** NUL bytes spoil their line; a file without a line that could be a header is no text. */
  private notText(damaged: readonly CsvLine[]): HimsError {
    return new HimsError("HIMS_SOURCE_NOT_TEXT", {
      kind: "usage",
      message: "this file is not text",
      hint: "Export the data as CSV; a spreadsheet or an archive cannot be read as one.",
      at: { file: this.file.name, line: damaged[0]?.line ?? 1 },
    });
  }

  private line(line: CsvLine): void {
    if (this.assembler === null) throw new Error("a line came before the header");
    for (const record of this.assembler.add(line)) this.record(record);
  }

  private record(record: CsvRecord): void {
    const [first] = record.lines;
    if (first === undefined) return;
    const cells = record.cells;
    if (record.lines.length === 1 && this.isBlank(first, cells)) {
      this.lines.blankLines += 1;
      return;
    }
    if (this.isLayout(cells, first)) {
      for (const line of record.lines) this.lines.layoutLines.push(line.line);
      return;
    }
    this.lines.recordLines += record.lines.length;
    const raw = this.rawRecord(record, first);
    const inner = raw.kind === "unreadable" ? this.innerRecords(record) : [];
    if (inner.length === 0) this.records.push(raw);
    else this.records.push(...inner);
  }

  private rawRecord(record: CsvRecord, first: CsvLine): RawRecord {
    const place = placeOf(record.lines, first);
    const expected = this.columns?.length ?? 0;
    const cells = record.cells;
    const damage = record.lines.find((line) => line.damage !== undefined)?.damage;
    if (damage !== undefined) return { kind: "unreadable", place, problem: damages[damage] };
    if (cells === null) return { kind: "unreadable", place, problem: problems.quote };
    if (cells.length === expected) return { kind: "row", place, cells };
    // Exports often end every line with one more delimiter: nothing is shifted by it.
    const extra = cells.slice(expected);
    if (cells.length > expected && extra.every((cell) => cell.trim() === "")) {
      return { kind: "row", place, cells: cells.slice(0, expected) };
    }
    return {
      kind: "unreadable",
      place,
      problem: cells.length < expected ? problems.fewer : problems.more,
    };
  }

  /** The rows of a line that holds several, ended by the other line ends of a joined export; none where it holds but one. */
  private innerRecords({ lines }: CsvRecord): readonly RawRecord[] {
    const [line] = lines;
    if (line === undefined || lines.length > 1 || !/[\r\n]/.test(line.text)) return [];
    const block = this.blocks.findLast(({ offset }) => offset <= line.offset);
    if (block === undefined) throw new Error("a line is without its bytes");
    const start = line.offset - block.offset;
    const bytes = block.bytes.subarray(start, start + line.length);
    const assembler = new RecordAssembler(
      this.assembler?.delimiter ?? ",",
      this.columns?.length ?? 0,
    );
    const inner = innerLines(line, bytes, this.encoding).flatMap((part) => [
      ...assembler.add(part),
    ]);
    const records = [...inner, ...assembler.end()].flatMap((record) => {
      const [first] = record.lines;
      if (first === undefined || this.isBlank(first, record.cells)) return [];
      return this.isLayout(record.cells, first) ? [] : [this.rawRecord(record, first)];
    });
    const rows = records.filter(({ kind }) => kind === "row").length;
    // A single good part proves nothing: the end of an address may look like a row.
    const isJoined = rows >= 2 && rows * 2 >= records.length;
    return isJoined ? records.map((record) => onLine(record, line)) : [];
  }

  private isBlank(line: CsvLine, cells: readonly string[] | null): boolean {
    return line.text.trim() === "" || (cells?.every((cell) => cell.trim() === "") ?? false);
  }

  /** A line above the header. */
  private title(line: CsvLine): void {
    if (line.text.replace(/[\s,;|"]/g, "") === "") this.lines.blankLines += 1;
    else {
      this.lines.layoutLines.push(line.line);
      this.titles.add(line.text.trim());
    }
  }

  /** A repeated header or title, a line drawn under the header, or a closing line of the report. */
  private isLayout(cells: readonly string[] | null, first: CsvLine): boolean {
    const columns = this.columns?.length ?? 0;
    if (this.titles.size > 0 && this.titles.has(first.text.trim())) {
      // A title that is as full as a record may be a record.
      const filled = cells?.filter((cell) => cell.trim() !== "").length ?? 0;
      if (filled <= Math.max(1, columns / 3)) return true;
    }
    if (cells === null) return false;
    return this.repeatsHeader(cells) || isRule(cells) || isClosingLine(cells, columns);
  }

  private repeatsHeader(cells: readonly string[]): boolean {
    // Asked of every row: nearly every row is told apart by its first cell.
    if (cells.length !== this.columns?.length || this.options.header === "none") return false;
    const [first] = cells;
    // Far longer than the header's, it is another text, and need not be folded to be told.
    if (first === undefined || first.length > this.headerReach) return false;
    if (columnKey(first) !== this.firstColumnKey) return false;
    return uniqueColumns(cells).map(columnKey).join("\u0000") === this.headerKey;
  }

  private *full(): Generator<RawBatch> {
    // A record that waits for its closing quote keeps its bytes here: it must not be parted from them.
    if (this.records.length >= this.context.batchSize && !this.assembler?.isWaiting)
      yield this.batch();
  }

  private batch(): RawBatch {
    const bytes = Buffer.concat(this.blocks.map((block) => block.bytes));
    const lines: LineCounts = this.lines;
    const batch = {
      records: this.records,
      bytes,
      offset: this.blocks[0]?.offset ?? 0,
      columns: this.columns,
      lines,
      encoding: this.encoding,
    };
    this.records = [];
    this.blocks = [];
    this.lines = { headerLines: 0, blankLines: 0, layoutLines: [], recordLines: 0 };
    return batch;
  }
}

/** A row found inside of a line stands on that line. */
function onLine(record: RawRecord, { line }: CsvLine): RawRecord {
  return { ...record, place: { ...record.place, line, lineCount: 1 } };
}

function placeOf(lines: readonly CsvLine[], first: CsvLine): SourcePlace {
  let length = 0;
  for (const line of lines) length += line.length;
  return { line: first.line, lineCount: lines.length, offset: first.offset, length };
}
