/** A file's raw records in batches, by whichever connector its pipeline names; and what a record goes by in the quarantine. */
import { hash } from "node:crypto";
import type { RawBatch, SourceFile } from "../connectors/connector.ts";
import { csvFile } from "../connectors/csv-file.ts";
import { hl7File } from "../connectors/hl7-file.ts";
import { mappedColumns } from "../records/field-map.ts";
import type { SourcePlace } from "../records/raw-record.ts";
import type { Pipeline } from "./pipeline-file.ts";

/** How many records cross the store's boundary at once. */
const batchRecords = 5_000;

/** Reads one file as its pipeline says. Aborting ends it with the signal's reason. */
export function fileBatches(
  pipeline: Pipeline,
  file: SourceFile,
  signal: AbortSignal,
): AsyncIterable<RawBatch> {
  const connection = { signal, batchSize: batchRecords };
  if (!("fields" in pipeline)) {
    const options =
      pipeline.source.encoding === "auto" ? {} : { encoding: pipeline.source.encoding };
    return hl7File.read(file, options, { ...connection, expectedColumns: [] });
  }
  const { encoding, delimiter, header } = pipeline.source;
  const expectedColumns = mappedColumns([pipeline.fields, ...pipeline.events]);
  return csvFile.read(file, { encoding, delimiter, header }, { ...connection, expectedColumns });
}

/** Hex hash of a record's bytes, Aadhaar numbers masked. The line end is no part of it: the last line of a file may lack it. */
export function rawHashOf(place: SourcePlace, offset: number, bytes: Buffer): string {
  const start = place.offset - offset;
  const raw = bytes.subarray(start, start + place.length);
  let end = raw.length;
  while (end > 0 && (raw[end - 1] === 0x0a || raw[end - 1] === 0x0d)) end -= 1;
  return hash("sha256", raw.subarray(0, end), "hex").slice(0, 32);
}
