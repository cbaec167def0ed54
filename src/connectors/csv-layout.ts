/** How one CSV file is laid out: its delimiter, where its header stands, and what its columns are called. Found out, not assumed. */
import { z } from "zod";
import { HimsError } from "../platform/errors.ts";
import { columnKey } from "../records/row-reader.ts";
import type { SourceFile } from "./connector.ts";
import type { CsvLine } from "./csv-lines.ts";
import { RecordAssembler } from "./csv-records.ts";

export const csvOptionsSchema = z.strictObject({
  encoding: z.string().default("auto"),
  delimiter: z.enum(["auto", ",", ";", "\t", "|"]).default("auto"),
  header: z.union([z.literal("auto"), z.literal("none"), z.int().min(1)]).default("auto"),
});
export type CsvOptions = z.infer<typeof csvOptionsSchema>;

export interface CsvLayout {
  readonly delimiter: string;
  /** Duplicates are made unique with ` (2)`; a file without a header has 1, 2, 3. */
  readonly columns: readonly string[];
  /** Line of the header; 0 when the file has none. Lines before it are titles. */
  readonly headerLine: number;
}

/** The header stands within so many lines. */
export const headerReachLines = 50;

/** What is asked of the first lines of a file. */
export interface LayoutQuestion {
  readonly options: CsvOptions;
  /** Keys of the mapped columns: they find the header. */
  readonly expectedKeys: ReadonlySet<string>;
  readonly file: SourceFile;
}

/**
 * @param lines the first lines of the file, `headerReachLines` of them where it has as many
 * @throws HimsError HIMS_SOURCE_NOT_TEXT, HIMS_SOURCE_HEADER
 */
export function findLayout(lines: readonly CsvLine[], question: LayoutQuestion): CsvLayout {
  refuseBinary(lines, question.file);
  const { options } = question;
  const delimiters = options.delimiter === "auto" ? [",", ";", "\t", "|"] : [options.delimiter];
  if (options.header === "none") return numberedColumns(lines, delimiters);
  const candidates = delimiters.flatMap((delimiter) => candidatesOf(lines, delimiter, question));
  const [best] = candidates.sort((a, b) => b.score - a.score || a.headerLine - b.headerLine);
  if (best !== undefined && best.score > 0) return best;
  throw new HimsError("HIMS_SOURCE_HEADER", {
    kind: "usage",
    message: `no header with the mapped columns was found in the first ${Math.min(lines.length, headerReachLines)} lines`,
    hint: "Compare the file's first lines with `fields:` of the pipeline file, and its `delimiter` and `header`.",
    at: { file: question.file.name, line: 1 },
  });
}

function refuseBinary(lines: readonly CsvLine[], file: SourceFile): void {
  const line = lines.find((candidate) => candidate.text.includes("\u0000"));
  if (line === undefined) return;
  throw new HimsError("HIMS_SOURCE_NOT_TEXT", {
    kind: "usage",
    message: "this file is not text",
    hint: "Export the data as CSV; a spreadsheet or an archive cannot be read as one.",
    at: { file: file.name, line: line.line },
  });
}

interface Candidate extends CsvLayout {
  /** How many mapped columns the line names. */
  readonly score: number;
}

function candidatesOf(
  lines: readonly CsvLine[],
  delimiter: string,
  { options, expectedKeys }: LayoutQuestion,
): Candidate[] {
  const assembler = new RecordAssembler(delimiter, null);
  const fixed = options.header;
  return lines.slice(0, headerReachLines).flatMap((line) => {
    if (fixed !== "auto" && line.line !== fixed) return [];
    const cells = assembler.add(line)[0]?.cells;
    if (cells === null || cells === undefined) return [];
    const score = [...new Set(cells.map(columnKey))].filter((key) => expectedKeys.has(key)).length;
    return [
      {
        delimiter,
        headerLine: line.line,
        score: fixed === "auto" ? score : score || 1,
        columns: uniqueColumns(cells),
      },
    ];
  });
}

function numberedColumns(lines: readonly CsvLine[], delimiters: readonly string[]): CsvLayout {
  const text = lines.find((line) => line.text.trim() !== "")?.text ?? "";
  const counted = delimiters.map((delimiter) => ({
    delimiter,
    cells: cellsOf(text, delimiter),
  }));
  const best = counted.sort((a, b) => b.cells - a.cells)[0] ?? { delimiter: ",", cells: 1 };
  const columns = Array.from({ length: best.cells }, (_, index) => String(index + 1));
  return { delimiter: best.delimiter, headerLine: 0, columns };
}

/** Quoted cells may hold the delimiter. */
function cellsOf(text: string, delimiter: string): number {
  const line = { text, line: 1, offset: 0, length: text.length };
  const cells = new RecordAssembler(delimiter, null).add(line)[0]?.cells;
  return cells?.length ?? text.split(delimiter).length;
}

/** Duplicate headers become `Name`, `Name (2)`; blank ones their position. */
export function uniqueColumns(cells: readonly string[]): readonly string[] {
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
