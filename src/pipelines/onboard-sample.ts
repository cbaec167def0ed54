/** What onboarding looks at of a source: the layout of its files, their first records, and some of the rest. */
import { isAscii, isUtf8 } from "node:buffer";
import { type RawBatch, readContent, type SourceFile } from "../connectors/connector.ts";
import { csvFile } from "../connectors/csv-file.ts";
import type { CsvOptions } from "../connectors/csv-layout.ts";
import { type CsvLine, linesOf, readByteBlocks } from "../connectors/csv-lines.ts";
import { type SniffedCsv, sniffCsv } from "../connectors/csv-sniff.ts";
import { hl7File } from "../connectors/hl7-file.ts";
import { parsePath, readPath } from "../hl7/path.ts";
import { isKnownHeader } from "../onboarding/header-synonym.ts";
import { HimsError } from "../platform/errors.ts";
import { columnKey } from "../records/row-reader.ts";

/** A CSV source as it was found. */
export interface CsvSample {
  readonly format: "csv";
  readonly files: readonly SourceFile[];
  /** WHATWG label; the commoner of two where it changes in mid-file. */
  readonly encoding: string;
  readonly isEncodingMixed: boolean;
  readonly delimiter: SniffedCsv["delimiter"];
  /** Of the first file; null when there is none. */
  readonly headerLine: number | null;
  readonly columns: readonly string[];
  /** Cells of the sampled rows: the first of the source, and every so many of the rest. */
  readonly rows: readonly (readonly string[])[];
  /** Records of all files. */
  readonly records: number;
}

/** An HL7 source as it was found. */
export interface Hl7Sample {
  readonly format: "hl7";
  readonly files: readonly SourceFile[];
  readonly encoding: string;
  readonly records: number;
  /** MSH-4 of the messages, the commonest first. */
  readonly sendingFacilities: readonly string[];
}

const firstRows = 20_000;
const laterRows = 5_000;
const sniffedLines = 400;
const batchRecords = 5_000;

/** @throws HimsError HIMS_ONBOARD_EMPTY, HIMS_ONBOARD_LAYOUTS */
export async function sampleSource(
  files: readonly SourceFile[],
  signal: AbortSignal,
): Promise<CsvSample | Hl7Sample> {
  const filled = files.filter(({ bytes }) => bytes > 0);
  const [first] = filled;
  if (first === undefined) throw empty();
  const kinds = await Promise.all(filled.map((file) => isHl7(file, signal)));
  const odd = filled.filter((_, index) => kinds[index] !== kinds[0]);
  if (odd.length > 0) throw unlikeLayouts(first, odd);
  return kinds[0] === true ? sampleHl7(filled, signal) : sampleCsv(filled, signal);
}

async function isHl7(file: SourceFile, signal: AbortSignal): Promise<boolean> {
  for await (const chunk of readContent(file, signal)) {
    const head = Buffer.from(chunk.subarray(0, 200)).toString("latin1").replaceAll("\u0000", "");
    return /^[\s\u000b\u00ef\u00bb\u00bf\u00fe\u00ff]*(?:MSH|FHS|BHS)[^\p{L}\p{N}\s]/u.test(head);
  }
  return false;
}

async function sampleHl7(files: readonly SourceFile[], signal: AbortSignal): Promise<Hl7Sample> {
  const senders = new Map<string, number>();
  let records = 0;
  let encoding = "utf-8";
  for (const file of files) {
    const context = { expectedColumns: [], signal, batchSize: batchRecords };
    for await (const batch of hl7File.read(file, {}, context)) {
      encoding = batch.encoding;
      records += batch.records.length;
      countSenders(batch, senders);
    }
  }
  if (records === 0) throw empty();
  const sendingFacilities = [...senders].sort((a, b) => b[1] - a[1]).map(([sender]) => sender);
  return { format: "hl7", files, encoding, records, sendingFacilities };
}

function countSenders(batch: RawBatch, senders: Map<string, number>): void {
  for (const record of batch.records) {
    const sender = record.kind === "message" ? senderOf(record.message) : null;
    if (sender !== null) senders.set(sender, (senders.get(sender) ?? 0) + 1);
  }
}

const senderPath = parsePath("MSH-4.1");

/** MSH-4.1, as PID-3.4.1 would name the authority. */
function senderOf(message: Parameters<typeof readPath>[0]): string | null {
  return senderPath.ok ? (readPath(message, senderPath.value) ?? null) : null;
}

async function sampleCsv(files: readonly SourceFile[], signal: AbortSignal): Promise<CsvSample> {
  const rows = new RowSample();
  const encodings = new EncodingWatch();
  let layout: Layout | null = null;
  for (const file of files) {
    const own = await layoutOf(file, signal);
    if (layout !== null && !isSameLayout(layout, own)) throw unlikeLayouts(layout.file, [file]);
    layout ??= own;
    const context = { expectedColumns: [], signal, batchSize: batchRecords };
    for await (const batch of csvFile.read(file, own.options, context)) {
      encodings.see(batch);
      for (const record of batch.records) if (record.kind === "row") rows.add(record.cells);
      rows.records += batch.records.filter(({ kind }) => kind !== "row").length;
    }
  }
  if (layout === null || rows.records === 0) throw empty();
  return {
    format: "csv",
    files,
    ...encodings.found(),
    delimiter: layout.sniffed.delimiter,
    headerLine: layout.sniffed.headerLine,
    columns: layout.columns,
    rows: rows.rows(),
    records: rows.records,
  };
}

interface Layout {
  readonly file: SourceFile;
  readonly sniffed: SniffedCsv;
  readonly options: CsvOptions;
  readonly columns: readonly string[];
}

async function layoutOf(file: SourceFile, signal: AbortSignal): Promise<Layout> {
  const sniffed = sniffCsv(await firstLines(file, signal), isKnownHeader);
  const header = sniffed.headerLine ?? "none";
  const options = { encoding: "auto", delimiter: sniffed.delimiter, header } as const;
  const context = { expectedColumns: [], signal, batchSize: 1 };
  for await (const { columns } of csvFile.read(file, options, context))
    return { file, sniffed, options, columns: columns ?? [] };
  throw empty();
}

async function firstLines(file: SourceFile, signal: AbortSignal): Promise<readonly CsvLine[]> {
  const lines: CsvLine[] = [];
  for await (const { block, form } of readByteBlocks(readContent(file, signal), null)) {
    lines.push(...linesOf(block, form).slice(0, sniffedLines - lines.length));
    if (lines.length >= sniffedLines) break;
  }
  return lines;
}

/** The columns decide, in whatever order; a file without a header has only their number. */
function isSameLayout(one: Layout, other: Layout): boolean {
  if ((one.sniffed.headerLine === null) !== (other.sniffed.headerLine === null)) return false;
  const keys = (layout: Layout) => layout.columns.map(columnKey).sort().join("\u0000");
  return keys(one) === keys(other) && one.sniffed.delimiter === other.sniffed.delimiter;
}

/** Keeps the first rows, and of the rest every so many that they stay few. */
class RowSample {
  records = 0;
  private readonly first: (readonly string[])[] = [];
  private later: (readonly string[])[] = [];
  private stride = 1;

  add(cells: readonly string[]): void {
    this.records += 1;
    if (this.first.length < firstRows) this.first.push(cells);
    else if (this.records % this.stride === 0) this.keep(cells);
  }

  rows(): readonly (readonly string[])[] {
    return [...this.first, ...this.later];
  }

  private keep(cells: readonly string[]): void {
    this.later.push(cells);
    if (this.later.length < laterRows) return;
    this.later = this.later.filter((_, index) => index % 2 === 1);
    this.stride *= 2;
  }
}

/** Lines that are not UTF-8 are read as Windows-1252 one by one: which of the two the file is, they tell together. */
class EncodingWatch {
  private wide: string | null = null;
  private utf8Lines = 0;
  private otherLines = 0;

  see({ encoding, bytes }: RawBatch): void {
    if (encoding !== "utf-8") this.wide = encoding;
    else if (!isAscii(bytes)) this.count(Buffer.from(bytes));
  }

  found(): { readonly encoding: string; readonly isEncodingMixed: boolean } {
    if (this.wide !== null) return { encoding: this.wide, isEncodingMixed: false };
    const isOther = this.otherLines > this.utf8Lines;
    return {
      encoding: isOther ? "windows-1252" : "utf-8",
      isEncodingMixed: this.otherLines > 0 && this.utf8Lines > 0,
    };
  }

  private count(bytes: Buffer): void {
    if (isUtf8(bytes)) {
      this.utf8Lines += 1;
      return;
    }
    for (let at = 0; at < bytes.length; ) {
      const found = bytes.indexOf(0x0a, at);
      const end = found === -1 ? bytes.length : found + 1;
      const line = bytes.subarray(at, end);
      if (!isUtf8(line)) this.otherLines += 1;
      else if (!isAscii(line)) this.utf8Lines += 1;
      at = end;
    }
  }
}

function empty(): HimsError {
  return new HimsError("HIMS_ONBOARD_EMPTY", {
    kind: "usage",
    message: "there are no records to learn the layout from",
    hint: "Give an export with at least a few patients in it, or a folder with such files.",
  });
}

function unlikeLayouts(first: SourceFile, odd: readonly SourceFile[]): HimsError {
  const names = odd.slice(0, 5).map(({ name }) => name);
  return new HimsError("HIMS_ONBOARD_LAYOUTS", {
    kind: "usage",
    message: `the files of this folder differ in their layout: ${names.join(", ")} is not like ${first.name}`,
    hint: "Put exports of each layout into a folder of their own, and onboard each folder as one pipeline.",
  });
}
