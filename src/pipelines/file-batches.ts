/** A file's raw records in batches, by whichever connector its pipeline names. */
import type { RawBatch, SourceFile } from "../connectors/connector.ts";
import { csvFile } from "../connectors/csv-file.ts";
import { hl7File } from "../connectors/hl7-file.ts";
import { mappedColumns } from "../records/field-map.ts";
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
