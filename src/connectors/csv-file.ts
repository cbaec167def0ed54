/** Delimited text files as hospitals export them. Every line of the file ends in exactly one place. */
import { HimsError } from "../platform/errors.ts";
import type { RawRecord } from "../records/raw-record.ts";
import { columnKey } from "../records/row-reader.ts";
import { type Connector, type RawBatch, readContent, type SourceFile } from "./connector.ts";
import {
  type CsvLayout,
  type CsvOptions,
  csvOptionsSchema,
  findLayout,
  headerReachLines,
} from "./csv-layout.ts";
import {
  type ByteBlock,
  eachLine,
  joinBlocks,
  linesOf,
  readByteBlocks,
  type TextForm,
} from "./csv-lines.ts";
import { CsvRows } from "./csv-rows.ts";

/** A block of a file whose layout is known. */
export interface CsvBlock {
  readonly block: ByteBlock;
  readonly form: TextForm;
  readonly layout: CsvLayout;
}

/** What must be known to read a file. */
export interface CsvReading {
  readonly options: CsvOptions;
  /** Column names the field map asks for: they find the header row. */
  readonly expectedColumns: readonly string[];
  readonly signal: AbortSignal;
}

export const csvFile: Connector<CsvOptions> = {
  name: "csv",
  optionsSchema: csvOptionsSchema,
  async *read(file, options, context) {
    let reader: BatchReader | null = null;
    for await (const part of readCsvBlocks(file, { ...context, options })) {
      reader ??= new BatchReader(part);
      reader.add(part.block);
      // A record that waits for its closing quote keeps its bytes here: it must not be parted from them.
      if (reader.records.length >= context.batchSize && reader.rows.waitingFrom === null)
        yield reader.batch();
    }
    if (reader === null) return;
    reader.rows.end();
    if (reader.hasBytes) yield reader.batch();
  },
};

/**
 * A file as blocks of whole lines that may be read on their own, in any order; the first holds the header.
 * @throws HimsError HIMS_SOURCE_ENCODING, HIMS_SOURCE_NOT_TEXT, HIMS_SOURCE_HEADER
 */
export async function* readCsvBlocks(
  file: SourceFile,
  { options, expectedColumns, signal }: CsvReading,
): AsyncGenerator<CsvBlock> {
  const expectedKeys = new Set(expectedColumns.map(columnKey));
  const layoutOf = (block: ByteBlock, form: TextForm) =>
    findLayout(linesOf(block, form), { options, expectedKeys, file });
  let layout: CsvLayout | null = null;
  let head: { block: ByteBlock; form: TextForm } | null = null;
  const chunks = readContent(file, signal);
  for await (const { block, form } of readByteBlocks(chunks, encodingOf(options.encoding, file))) {
    signal.throwIfAborted();
    if (layout !== null) {
      yield { block, form, layout };
      continue;
    }
    head = { block: head === null ? block : joinBlocks(head.block, block), form };
    if (linesOf(head.block, form).length < headerReachLines) continue;
    layout = layoutOf(head.block, form);
    yield { ...head, layout };
  }
  if (layout === null && head !== null) yield { ...head, layout: layoutOf(head.block, head.form) };
}

class BatchReader {
  readonly rows: CsvRows;
  records: RawRecord[] = [];
  private readonly layout: CsvLayout;
  private readonly form: TextForm;
  private blocks: ByteBlock[] = [];

  constructor({ layout, form }: CsvBlock) {
    this.layout = layout;
    this.form = form;
    this.rows = new CsvRows(layout, (record) => this.records.push(record));
  }

  get hasBytes(): boolean {
    return this.blocks.length > 0;
  }

  add(block: ByteBlock): void {
    this.blocks.push(block);
    eachLine(block, this.form, (line) => this.rows.add(line));
  }

  batch(): RawBatch {
    const { blocks, records } = this;
    this.blocks = [];
    this.records = [];
    return {
      records,
      lines: this.rows.takeLineCounts(),
      bytes: Buffer.concat(blocks.map(({ bytes }) => bytes)),
      offset: blocks[0]?.offset ?? 0,
      columns: this.layout.columns,
      encoding: this.form.encoding,
    };
  }
}

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
