/** Rows of a delimited file from the archive, split into the cells of its header again, or as far as they split. */
import { columnKey } from "../records/row-reader.ts";
import { headerReachLines, uniqueColumns } from "./csv-layout.ts";
import { linesOf, readByteBlocks } from "./csv-lines.ts";
import { RecordAssembler } from "./csv-records.ts";

export type Delimiter = "," | ";" | "\t" | "|";
const delimiters: readonly Delimiter[] = [",", ";", "\t", "|"];

export interface ArchivedRow {
  /** As it stands in the file, without its line end. */
  readonly text: string;
  /** One for each column of the header; a guess where `isWhole` is false. */
  readonly cells: readonly string[];
  readonly isWhole: boolean;
}

/** How the rows of one archived file are written. */
export interface RowLayout {
  readonly encoding: string;
  readonly columns: readonly string[];
  readonly delimiter: Delimiter;
}

/** The delimiter with which a line at the head of the file has the known columns, or as many as there are. */
export async function findDelimiter(
  head: Uint8Array,
  file: Omit<RowLayout, "delimiter">,
): Promise<Delimiter> {
  const lines = (await textLines(head, file.encoding)).slice(0, headerReachLines);
  const key = file.columns.map(columnKey).join("\u0000");
  const cellsOf = (line: string, delimiter: Delimiter) =>
    new RecordAssembler(delimiter, null).add({ text: line, line: 1, offset: 0, length: 0 })[0]
      ?.cells ?? [];
  const named = delimiters.find((delimiter) =>
    lines.some(
      (line) => uniqueColumns(cellsOf(line, delimiter)).map(columnKey).join("\u0000") === key,
    ),
  );
  const counted = delimiters.find((delimiter) =>
    lines.some((line) => cellsOf(line, delimiter).length === file.columns.length),
  );
  return named ?? counted ?? ",";
}

/** A row from the bytes it stands in. */
export async function archivedRow(bytes: Uint8Array, layout: RowLayout): Promise<ArchivedRow> {
  const lines = await textLines(bytes, layout.encoding);
  const text = lines.join("\n");
  const width = layout.columns.length;
  const cells = wholeCells(lines, layout);
  // What the reader lets pass: blank cells too many.
  if (cells?.length === width || cells?.slice(width).every((cell) => cell.trim() === "")) {
    if (cells.length >= width) return { text, cells: cells.slice(0, width), isWhole: true };
  }
  return {
    text,
    cells: fitted(cells ?? looseCells(text, layout.delimiter), layout),
    isWhole: false,
  };
}

async function textLines(bytes: Uint8Array, encoding: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const once = async function* () {
    yield bytes;
  };
  for await (const { block, form } of readByteBlocks(once(), encoding))
    for (const line of linesOf(block, form)) lines.push(line.text);
  return lines;
}

function wholeCells(lines: readonly string[], layout: RowLayout): readonly string[] | null {
  const assembler = new RecordAssembler(layout.delimiter, layout.columns.length);
  const records = lines.flatMap((text, index) =>
    assembler.add({ text, line: index + 1, offset: 0, length: text.length }),
  );
  const [record, ...more] = [...records, ...assembler.end()];
  return more.length === 0 ? (record?.cells ?? null) : null;
}

/** Cells of a line whose quotes are broken: parted at every delimiter, without the quotes at their borders. */
function looseCells(text: string, delimiter: string): readonly string[] {
  return text.split(delimiter).map((cell) => cell.trim().replace(/^"|"$/g, ""));
}

/** As many cells as there are columns: blanks added, or what is too much joined into the last. */
function fitted(cells: readonly string[], { columns, delimiter }: RowLayout): readonly string[] {
  const width = columns.length;
  if (cells.length <= width) return [...cells, ...Array<string>(width - cells.length).fill("")];
  const last = cells.slice(width - 1).filter((cell) => cell.trim() !== "");
  return [...cells.slice(0, width - 1), last.join(delimiter)];
}
