/** A file of the archive, read once more as it was read then: its bytes, its field map, its day. */
import type { RawBatch, SourceFile } from "../connectors/connector.ts";
import { dayIn } from "../platform/calendar-day.ts";
import { HimsError } from "../platform/errors.ts";
import { streamArchivedBytes } from "../store/archived-text.ts";
import type { Reader } from "../store/database.ts";
import { type Facility, findFacility } from "../store/facilities.ts";
import type { StoreKey } from "../store/raw-archive.ts";
import { findReadingPlan } from "../store/reading-plans.ts";
import type { ArchivedFile } from "../store/undo-scope.ts";
import { fileBatches } from "./file-batches.ts";
import type { Pipeline } from "./pipeline-file.ts";
import { pipelineOfPlan } from "./reading-plan.ts";
import { type ReadRecord, recordReading } from "./record-reading.ts";

export interface ArchivedBatch {
  readonly batch: RawBatch;
  /** The batch's bytes, Aadhaar numbers masked. */
  readonly bytes: Buffer;
  readonly records: readonly ReadRecord[];
}

export interface ArchiveReading {
  readonly reader: Reader;
  readonly storeKey: StoreKey;
  readonly signal: AbortSignal;
}

/** The pipeline as it was when it read this file. @throws HimsError HIMS_ARCHIVE_PLAN */
export async function pipelineThen(file: ArchivedFile, reader: Reader): Promise<Pipeline> {
  const body = file.planHash === null ? null : await findReadingPlan(reader, file.planHash);
  if (body !== null) return pipelineOfPlan(body);
  throw new HimsError("HIMS_ARCHIVE_PLAN", {
    kind: "usage",
    message: "the store does not know the field map this file was read with",
    hint: "It was loaded by a version of hims that did not keep field maps. Undo the runs after it first, or correct the records in a new export.",
    at: { file: file.name },
  });
}

/** The content of an archived file, as a connector reads it. */
function archivedSource(file: ArchivedFile, { reader, storeKey }: ArchiveReading): SourceFile {
  const { name, bytes, modifiedAt, fileId } = file;
  const content = () => streamArchivedBytes(reader, storeKey, fileId);
  return { path: name, name, bytes, modifiedAt, content };
}

/** Reads it with `pipeline`; day, zone and authorities are those of the first reading, where they were kept. */
export async function* readArchivedFile(
  file: ArchivedFile,
  pipeline: Pipeline,
  archive: ArchiveReading,
): AsyncGenerator<ArchivedBatch> {
  const facility = await facilityThen(file, archive.reader);
  const reading = recordReading(pipeline, {
    facility,
    fileName: file.name,
    fileDate: dayIn(file.modifiedAt, facility.timeZone),
    today: file.reading?.today ?? dayIn(file.committedAt, facility.timeZone),
  });
  for await (const batch of fileBatches(pipeline, archivedSource(file, archive), archive.signal)) {
    const bytes = Buffer.from(batch.bytes);
    yield { batch, bytes, records: reading.read(batch, bytes) };
  }
  // What would refuse the file as a whole did not do so then, and Aadhaar numbers are masked by now: no `reading.end()`.
}

async function facilityThen(file: ArchivedFile, reader: Reader): Promise<Facility> {
  const facility = await findFacility(reader, file.facilityId);
  if (facility === null) throw new Error("a file's facility is not there");
  const { reading } = file;
  if (reading === null) return facility;
  return { ...facility, timeZone: reading.timeZone, authorities: reading.authorities };
}
