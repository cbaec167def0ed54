/** How one CSV file is laid out: its delimiter, where its header stands, and what its columns are called. Found out, not assumed. */
import { z } from "zod";
import { HimsError } from "../platform/errors.ts";
import type { SourceFile } from "./connector.ts";
import { findHeader } from "./csv-header.ts";
import type { CsvLine } from "./csv-lines.ts";

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
  /** First and last line of the header, both 0 when the file has none. Lines before it are titles. */
  readonly headerLine: number;
  readonly headerEnd: number;
  /** Texts above the header, which a report repeats on every page. */
  readonly titles: readonly string[];
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
export function findLayout(
  lines: readonly CsvLine[],
  { options, expectedKeys, file }: LayoutQuestion,
): CsvLayout {
  const head = lines.slice(0, headerReachLines);
  const header = findHeader(head, options, expectedKeys);
  if (header === null) throw noHeader(head, file);
  const { delimiter, columns, firstLine, endLine } = header;
  if (endLine === 0) return { delimiter, columns, headerLine: 0, headerEnd: 0, titles: [] };
  const titles = head.slice(0, firstLine).filter(({ text }) => !isBlankTitle(text));
  return {
    delimiter,
    columns,
    headerLine: head[firstLine]?.line ?? 0,
    headerEnd: head[endLine - 1]?.line ?? 0,
    titles: titles.map(({ text }) => text.trim()),
  };
}

/** A line above the header with nothing in it but cells. */
export function isBlankTitle(text: string): boolean {
  return text.replace(/[\s,;|"]/g, "") === "";
}

function noHeader(head: readonly CsvLine[], file: SourceFile): HimsError {
  // NUL bytes spoil their line; a file without a line that could be a header is no text.
  const damaged = head.find(({ damage }) => damage === "nul");
  if (damaged !== undefined)
    return new HimsError("HIMS_SOURCE_NOT_TEXT", {
      kind: "usage",
      message: "this file is not text",
      hint: "Export the data as CSV; a spreadsheet or an archive cannot be read as one.",
      at: { file: file.name, line: damaged.line },
    });
  return new HimsError("HIMS_SOURCE_HEADER", {
    kind: "usage",
    message: `no header with the mapped columns was found in the first ${head.length} lines`,
    hint: "Compare the file's first lines with `fields:` of the pipeline file, and its `delimiter` and `header`.",
    at: { file: file.name, line: 1 },
  });
}
