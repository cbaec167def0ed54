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
import { type CsvLine, type LineBlock, readLineBlocks } from "./csv-lines.ts";
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
  if (file.textEncoding !== undefined) return file.textEncoding;
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

const headerReachLines = 50;
const totalLine =
  /^\W*(?:(?:grand|sub)[\s-]*)?total\b|^\W*(?:कुल|योग)(?![\p{L}\p{M}])|^\W*end of (?:report|file|list)\b|^\W*\d+ rows? (?:selected|affected)/iu;

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
    this.refuseBinary(lines);
    const header = this.findHeader(lines);
    const assembler = new RecordAssembler(header.delimiter, header.columns.length);
    this.assembler = assembler;
    this.columns = header.columns;
    this.headerKey = header.columns.map(columnKey).join("\u0000");
    this.firstColumnKey = columnKey(header.columns[0] ?? "");
    this.headerReach = (header.columns[0] ?? "").length * 4 + 100;
    for (const [index, line] of lines.entries()) {
      if (index < header.lineIndex) this.layoutOrBlank(line);
      else if (index === header.lineIndex) this.lines.headerLines += 1;
      else this.line(line);
    }
  }

  private refuseBinary(lines: readonly CsvLine[]): void {
    const line = lines.find((candidate) => candidate.text.includes("\u0000"));
    if (line === undefined) return;
    throw new HimsError("HIMS_SOURCE_NOT_TEXT", {
      kind: "usage",
      message: "this file is not text",
      hint: "Export the data as CSV; a spreadsheet or an archive cannot be read as one.",
      at: { file: this.file.name, line: line.line },
    });
  }

  private findHeader(lines: readonly CsvLine[]): Header {
    const delimiters =
      this.options.delimiter === "auto" ? [",", ";", "\t", "|"] : [this.options.delimiter];
    if (this.options.header === "none") return numberedHeader(lines, delimiters);
    const candidates = delimiters.flatMap((delimiter) => this.headerCandidates(lines, delimiter));
    const best = candidates.sort((a, b) => b.score - a.score || a.lineIndex - b.lineIndex)[0];
    if (best !== undefined && best.score > 0) return best;
    throw new HimsError("HIMS_SOURCE_HEADER", {
      kind: "usage",
      message: `no header with the mapped columns was found in the first ${Math.min(lines.length, headerReachLines)} lines`,
      hint: "Compare the file's first lines with `fields:` of the pipeline file, and its `delimiter` and `header`.",
      at: { file: this.file.name, line: 1 },
    });
  }

  private headerCandidates(lines: readonly CsvLine[], delimiter: string): Header[] {
    const assembler = new RecordAssembler(delimiter, null);
    const fixed = this.options.header;
    return lines.slice(0, headerReachLines).flatMap((line, lineIndex) => {
      if (fixed !== "auto" && line.line !== fixed) return [];
      const cells = assembler.add(line)[0]?.cells;
      if (cells === null || cells === undefined) return [];
      const score = [...new Set(cells.map(columnKey))].filter((key) =>
        this.expected.has(key),
      ).length;
      return [
        {
          delimiter,
          lineIndex,
          score: fixed === "auto" ? score : score || 1,
          columns: uniqueColumns(cells),
        },
      ];
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
    if (cells !== null && this.isLayout(cells)) {
      for (const line of record.lines) this.lines.layoutLines.push(line.line);
      return;
    }
    this.lines.recordLines += record.lines.length;
    this.records.push(this.rawRecord(record, first));
  }

  private rawRecord(record: CsvRecord, first: CsvLine): RawRecord {
    const place = placeOf(record.lines, first);
    const expected = this.columns?.length ?? 0;
    const cells = record.cells;
    if (cells === null) return { kind: "unreadable", place, problem: problems.quote };
    if (cells.length === expected) return { kind: "row", place, cells };
    // Exports often end every line with one more delimiter, or leave blank last cells away: nothing is shifted by either.
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

  private isBlank(line: CsvLine, cells: readonly string[] | null): boolean {
    return line.text.trim() === "" || (cells?.every((cell) => cell.trim() === "") ?? false);
  }

  private layoutOrBlank(line: CsvLine): void {
    if (line.text.replace(/[\s,;|"]/g, "") === "") this.lines.blankLines += 1;
    else this.lines.layoutLines.push(line.line);
  }

  /** A repeated header, or a closing line of the report: its first words say so and most of its cells are blank. */
  private isLayout(cells: readonly string[]): boolean {
    if (this.repeatsHeader(cells)) return true;
    const first = cells.find((cell) => cell.trim() !== "") ?? "";
    if (!totalLine.test(first)) return false;
    const filled = cells.filter((cell) => cell.trim() !== "").length;
    return filled <= Math.max(2, (this.columns?.length ?? 0) / 3);
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

interface Header {
  readonly delimiter: string;
  readonly lineIndex: number;
  /** How many mapped columns the line names. */
  readonly score: number;
  readonly columns: readonly string[];
}

function numberedHeader(lines: readonly CsvLine[], delimiters: readonly string[]): Header {
  const text = lines.find((line) => line.text.trim() !== "")?.text ?? "";
  const counted = delimiters.map((delimiter) => ({
    delimiter,
    cells: text.split(delimiter).length,
  }));
  const best = counted.sort((a, b) => b.cells - a.cells)[0] ?? { delimiter: ",", cells: 1 };
  const columns = Array.from({ length: best.cells }, (_, index) => String(index + 1));
  return { delimiter: best.delimiter, lineIndex: -1, score: 1, columns };
}

/** Duplicate headers become `Name`, `Name (2)`; blank ones their position. */
function uniqueColumns(cells: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const times = new Map<string, number>();
  return cells.map((cell, index) => {
    const name = cell.trim() === "" ? `(${index + 1})` : cell.replace(/\s+/g, " ").trim();
    let unique = name;
    const key = columnKey(name);
    for (let time = times.get(key) ?? 2; seen.has(columnKey(unique)); time += 1) {
      unique = `${name} (${time})`;
      times.set(key, time + 1);
    }
    seen.add(columnKey(unique));
    return unique;
  });
}

function placeOf(lines: readonly CsvLine[], first: CsvLine): SourcePlace {
  let length = 0;
  for (const line of lines) length += line.length;
  return { line: first.line, lineCount: lines.length, offset: first.offset, length };
}
