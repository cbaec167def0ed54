/** A connector reads one kind of source. It never loses a record it cannot parse, and puts no cell content into an error. */
import { createReadStream } from "node:fs";
import type { ZodType } from "zod";
import type { RawRecord } from "../records/raw-record.ts";

/** One file as it lies in its source now. */
export interface SourceFile {
  /** Absolute path. */
  readonly path: string;
  /** Name as shown to people: relative to the folder of the pipeline's source. */
  readonly name: string;
  readonly bytes: number;
  /** The content is longer than `bytes`, and how long is not known before it is read. */
  readonly isPacked?: boolean;
  readonly modifiedAt: Date;
  /** It is a link to somewhere outside its source, and will be refused. */
  readonly leadsOut?: boolean;
  /**
   * The text to read, where it is not the very bytes at `path`: unpacked, converted, or taken from the archive.
   * Given anew for every reading. Aborting ends it with the signal's reason.
   */
  readonly content?: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
  /** The encoding of `content` where it is known, whatever the pipeline says of its files. */
  readonly textEncoding?: string;
}

/** The bytes of a file as connectors read them and as its hash is taken. */
export async function* readContent(
  file: SourceFile,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  if (file.content !== undefined) return yield* file.content(signal);
  const stream = createReadStream(file.path, { highWaterMark: readSizeOf(file), signal });
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  } finally {
    stream.destroy();
  }
}

const largestReadBytes = 1 << 20;

/** How much to read of a file at once: a megabyte, or a little more than the whole of a small file, which then costs no more. */
function readSizeOf(file: SourceFile): number {
  return Math.min(largestReadBytes, Math.max(4_096, file.bytes + 1));
}

/** Lines that are no records; header + layout + blank + record lines = lines of the file. Lines are 1-based. */
export interface LineCounts {
  readonly headerLines: number;
  readonly blankLines: number;
  /** Title, total and repeated header lines; FHS/BHS/BTS/FTS segments. */
  readonly layoutLines: readonly number[];
  readonly recordLines: number;
}

/** Records carried together, with the very bytes they and the lines between them were read from. */
export interface RawBatch {
  readonly records: readonly RawRecord[];
  /** All bytes of the file from `offset` on; the batches of a file, joined, are the file. */
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** Column names of the header (duplicates made unique with ` (2)`); null for HL7. The same in every batch. */
  readonly columns: readonly string[] | null;
  /** What the lines of this batch were. */
  readonly lines: LineCounts;
  /** Encoding the batch was read with, by its WHATWG label. */
  readonly encoding: string;
}

export interface ConnectorContext {
  /** Column names the field map asks for: they find the header row. Empty for HL7. */
  readonly expectedColumns: readonly string[];
  readonly signal: AbortSignal;
  /** Rows or messages a batch should hold; batches may be smaller. */
  readonly batchSize: number;
}

/** What was found in a file's first bytes, for the report; null where it does not apply. */
export interface Connector<Options> {
  readonly name: string;
  readonly optionsSchema: ZodType<Options>;
  /** Reads one file from its start to its end. Aborting ends the iteration with the signal's reason. */
  read(file: SourceFile, options: Options, context: ConnectorContext): AsyncIterable<RawBatch>;
}
