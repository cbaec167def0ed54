/** A file read as ingestion reads it, up to the lines for COPY, without a database. Loaded by scripts as well: no vitest here. */

import type { SourceFacts } from "../../src/clinical/source-facts.ts";
import type { RawBatch, SourceFile } from "../../src/connectors/connector.ts";
import { csvFile } from "../../src/connectors/csv-file.ts";
import { hl7File } from "../../src/connectors/hl7-file.ts";
import type { PipelineFile } from "../../src/pipelines/pipeline-file.ts";
import { type RecordReading, recordReading } from "../../src/pipelines/record-reading.ts";
import { HimsError } from "../../src/platform/errors.ts";
import type { FacilityId, IsoDate } from "../../src/platform/ids.ts";
import type { Parsed } from "../../src/platform/parsed.ts";
import { mappedColumns } from "../../src/records/field-map.ts";
import type { Problem } from "../../src/records/problem.ts";
import type { SourcePlace } from "../../src/records/raw-record.ts";
import type { Facility } from "../../src/store/facilities.ts";
import { assertBalanced } from "../../src/store/runs.ts";
import { StageLines } from "../../src/store/stage-lines.ts";

export interface ReadOutcome {
  readonly place: SourcePlace;
  /** What would be staged of it, without its place; null where it is refused. */
  readonly staged: string | null;
  /** Rules of its problems; empty where it is accepted. */
  readonly rules: readonly string[];
}

export interface FileReading {
  readonly outcomes: readonly ReadOutcome[];
  /** Bytes of all batches, as read and as they would be archived. */
  readonly bytes: Buffer;
  readonly archived: Buffer;
  readonly encoding: string;
  readonly headerLines: number;
  readonly blankLines: number;
  readonly layoutLines: number;
  readonly recordLines: number;
  /** Code of the error that refused the whole file; null when it was read to its end. */
  readonly refusedBy: string | null;
  /** All texts about the file that people come to see: of errors, problems and warnings. */
  readonly said: readonly string[];
}

const facility: Facility = {
  id: "ddu" as FacilityId,
  name: "Test Hospital",
  ownership: null,
  kind: null,
  authorities: ["DDU"],
  timeZone: "Asia/Kolkata",
  state: "active",
};
const day = "2026-11-20" as IsoDate;

/** The place of every file that is read here. */
export const readingPlace = { facility, fileName: "given", fileDate: day, today: day };

export interface ReadingManner {
  /** How the file's bytes come, over and over; they never matter. */
  readonly chunkBytes?: readonly number[];
  readonly batchSize?: number;
  /** Of text that was unpacked and is known. */
  readonly textEncoding?: string | undefined;
}

/** A file that lies nowhere but in memory. */
export function fileOf(
  bytes: Uint8Array,
  { chunkBytes = [1 << 20], textEncoding }: ReadingManner = {},
): SourceFile {
  return {
    path: "/nowhere/given",
    name: "given",
    bytes: bytes.length,
    modifiedAt: new Date(0),
    content: () => chunksOf(bytes, chunkBytes),
    ...(textEncoding === undefined ? {} : { textEncoding }),
  };
}

export async function readWhole(
  pipeline: PipelineFile,
  bytes: Uint8Array,
  manner: ReadingManner = {},
): Promise<FileReading> {
  const whole = new WholeReading(pipeline);
  let refusal: HimsError | null = null;
  try {
    const batches = batchesOf(pipeline, fileOf(bytes, manner), manner.batchSize ?? 7);
    for await (const batch of batches) whole.take(batch);
    whole.end();
  } catch (error) {
    if (!(error instanceof HimsError)) throw error;
    refusal = error;
  }
  const { said, ...reading } = whole.reading();
  const told = refusal === null ? said : [...said, ...textsOfError(refusal)];
  return { ...reading, refusedBy: refusal?.code ?? null, said: told };
}

/** What an operator sees of an error. */
export function textsOfError({ message, hint, at }: HimsError): readonly string[] {
  return [message, hint, at?.file ?? ""];
}

/** What comes one after the other, together. */
export async function allOf<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = Math.max(1, sizes[index % sizes.length] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function batchesOf(
  pipeline: PipelineFile,
  file: SourceFile,
  batchSize: number,
): AsyncIterable<RawBatch> {
  const connection = { signal: new AbortController().signal, batchSize };
  if (!("fields" in pipeline))
    return hl7File.read(file, {}, { ...connection, expectedColumns: [] });
  const { encoding, delimiter, header } = pipeline.source;
  const expectedColumns = mappedColumns([pipeline.fields, ...pipeline.events]);
  return csvFile.read(file, { encoding, delimiter, header }, { ...connection, expectedColumns });
}

class WholeReading {
  private readonly recordReading: RecordReading;
  private readonly outcomes: ReadOutcome[] = [];
  private readonly bytes: Buffer[] = [];
  private readonly archived: Buffer[] = [];
  private readonly said = new Set<string>();
  private readonly staged = new StageLines();
  private lines = { headerLines: 0, blankLines: 0, layoutLines: 0, recordLines: 0 };
  private encoding = "utf-8";

  constructor(pipeline: PipelineFile) {
    this.recordReading = recordReading(pipeline, readingPlace);
  }

  take(batch: RawBatch): void {
    const own = Buffer.from(batch.bytes);
    const records = this.recordReading.read(batch, own);
    this.bytes.push(Buffer.from(batch.bytes));
    this.archived.push(own);
    this.encoding = batch.encoding;
    this.lines.headerLines += batch.lines.headerLines;
    this.lines.blankLines += batch.lines.blankLines;
    this.lines.layoutLines += batch.lines.layoutLines.length;
    this.lines.recordLines += batch.lines.recordLines;
    let loaded = 0;
    for (const { raw, said } of records) {
      loaded += Number(said.ok);
      const rules = said.ok ? [] : said.reasons.map(({ rule }) => rule);
      const staged = said.ok ? this.stagedOf(said.value) : null;
      this.outcomes.push({ place: raw.place, staged, rules });
      this.hear(said);
    }
    const quarantined = records.filter(({ said }) => !said.ok).length;
    assertBalanced({ read: batch.records.length, loaded, unchanged: 0, quarantined });
  }

  private stagedOf({ patients, merges, landedOnly, messageTime }: SourceFacts): string {
    const place = { ordinal: 0, line: 0, messageTime, mapSource: "m" };
    for (const claim of patients) this.staged.add(claim, place);
    return JSON.stringify([...textsOf(this.staged), merges, landedOnly]);
  }

  private hear(said: Parsed<SourceFacts, Problem>): void {
    const problems = said.ok ? said.value.warnings : said.reasons;
    for (const { rule, field, segment, hint } of problems)
      this.said.add([rule, field, segment, hint].join(" "));
    if (said.ok && said.value.landedOnly !== null) this.said.add(said.value.landedOnly);
  }

  end(): void {
    this.recordReading.end();
  }

  reading(): Omit<FileReading, "refusedBy"> {
    const { outcomes, encoding, lines } = this;
    const [bytes, archived] = [Buffer.concat(this.bytes), Buffer.concat(this.archived)];
    return { outcomes, bytes, archived, encoding, ...lines, said: [...this.said] };
  }
}

/** What is wrong with the accounting of a reading, whatever its file was; empty when all is right. */
export function faultsOf(
  reading: FileReading,
  file: Uint8Array,
  isCsv: boolean,
): readonly string[] {
  const { bytes, archived } = reading;
  const faults = [...placeFaults(reading)];
  if (archived.length !== bytes.length) faults.push("masking changed the length of the bytes");
  if (!bytes.equals(file.subarray(0, bytes.length))) faults.push("batches joined are not the file");
  if (reading.refusedBy !== null) return faults;
  if (bytes.length !== file.length) faults.push("bytes of the file are in no batch");
  return isCsv ? [...faults, ...lineFaults(reading)] : faults;
}

function placeFaults({ outcomes, bytes }: FileReading): readonly string[] {
  const faults: string[] = [];
  let at = 0;
  for (const { place, staged, rules } of outcomes) {
    if (place.offset < at) faults.push(`records overlap at byte ${place.offset}`);
    if (place.length <= 0) faults.push(`a record without bytes at ${place.offset}`);
    if ((staged === null) === (rules.length === 0)) faults.push("a record is neither or both");
    at = place.offset + place.length;
  }
  return at > bytes.length ? [...faults, "a record reaches over the end"] : faults;
}

function lineFaults(reading: FileReading): readonly string[] {
  const { headerLines, blankLines, layoutLines, recordLines, bytes, encoding } = reading;
  const counted = headerLines + blankLines + layoutLines + recordLines;
  const possible = bytes.length === 0 ? [0] : physicalLines(bytes, encoding);
  if (possible.includes(counted)) return [];
  return [`${counted} lines are accounted for, of ${possible.join(" or ")}`];
}

/** How many lines a text has where LF ends them, and where CR does (with an LF that follows it). */
function physicalLines(bytes: Buffer, encoding: string): readonly number[] {
  const text = encoding.startsWith("utf-16")
    ? new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes)
    : bytes.toString("latin1");
  return [/\n/, /\r\n?/].map((end) => {
    const parts = text.split(end);
    return parts.at(-1) === "" ? parts.length - 1 : parts.length;
  });
}

function textsOf(staged: StageLines): readonly string[] {
  const { claims, events } = staged.take();
  return [Buffer.from(claims).toString(), Buffer.from(events).toString()];
}
