/** A file read as ingestion reads it, up to the lines for COPY, without a database. Loaded by scripts as well: no vitest here. */

import type { RawBatch, SourceFile } from "../../src/connectors/connector.ts";
import { csvFile } from "../../src/connectors/csv-file.ts";
import { hl7File } from "../../src/connectors/hl7-file.ts";
import type { PipelineFile } from "../../src/pipelines/pipeline-file.ts";
import { type RecordReading, recordReading } from "../../src/pipelines/record-reading.ts";
import { HimsError } from "../../src/platform/errors.ts";
import type { FacilityId, IsoDate } from "../../src/platform/ids.ts";
import { mappedColumns } from "../../src/records/field-map.ts";
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

/** @param chunkBytes how the file's bytes come, over and over; they never matter */
export async function readWhole(
  pipeline: PipelineFile,
  bytes: Uint8Array,
  {
    chunkBytes = [1 << 20],
    batchSize = 7,
  }: { chunkBytes?: readonly number[]; batchSize?: number } = {},
): Promise<FileReading> {
  const file: SourceFile = {
    path: "/nowhere/given",
    name: "given",
    bytes: bytes.length,
    modifiedAt: new Date(0),
    content: () => chunksOf(bytes, chunkBytes),
  };
  const whole = new WholeReading(pipeline);
  let refusedBy: string | null = null;
  try {
    for await (const batch of batchesOf(pipeline, file, batchSize)) whole.take(batch);
    whole.end();
  } catch (error) {
    if (!(error instanceof HimsError)) throw error;
    refusedBy = error.code;
  }
  return { ...whole.reading(), refusedBy };
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
  private lines = { headerLines: 0, blankLines: 0, layoutLines: 0, recordLines: 0 };
  private encoding = "utf-8";

  constructor(pipeline: PipelineFile) {
    this.recordReading = recordReading(pipeline, {
      facility,
      fileName: "given",
      fileDate: day,
      today: day,
    });
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
      const staged = new StageLines();
      if (said.ok) {
        loaded += 1;
        const place = { ordinal: 0, line: 0, messageTime: said.value.messageTime, mapSource: "m" };
        for (const claim of said.value.patients) staged.add(claim, place);
      }
      const told = said.ok
        ? JSON.stringify([...textsOf(staged), said.value.merges, said.value.landedOnly])
        : null;
      const rules = said.ok ? [] : said.reasons.map(({ rule }) => rule);
      this.outcomes.push({ place: raw.place, staged: told, rules });
    }
    const quarantined = records.filter(({ said }) => !said.ok).length;
    assertBalanced({ read: batch.records.length, loaded, unchanged: 0, quarantined });
  }

  end(): void {
    this.recordReading.end();
  }

  reading(): Omit<FileReading, "refusedBy"> {
    const { outcomes, encoding, lines } = this;
    const [bytes, archived] = [Buffer.concat(this.bytes), Buffer.concat(this.archived)];
    return { outcomes, bytes, archived, encoding, ...lines };
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
