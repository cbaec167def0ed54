/** What a pipeline says of packed files and spreadsheets. */
import type { SourceFile } from "../connectors/connector.ts";
import type { SheetLayout } from "../connectors/sheet-text.ts";
import { unwrapFiles, type Wrapping } from "../connectors/wrapped-file.ts";
import { identifierFields, mapsOf } from "../records/excel-damage.ts";
import { mappedColumns } from "../records/field-map.ts";
import type { CsvPipeline, PipelineFile } from "./pipeline-file.ts";

/** The files as they are read: the members of archives, the text of what is packed. One that cannot be says so when read. */
export async function unwrapped(
  files: readonly SourceFile[],
  pipeline: PipelineFile,
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  return unwrapFiles(files, wrappingOf(pipeline), signal);
}

function wrappingOf(pipeline: PipelineFile): Wrapping {
  const maxUnpackedBytes = pipeline.source.maxUnpackedGigabytes * 1e9;
  if (!("fields" in pipeline)) return { maxUnpackedBytes, sheet: null };
  const { sheet = null, delimiter } = pipeline.source;
  return {
    maxUnpackedBytes,
    sheet: {
      sheet,
      expectedColumns: mappedColumns([pipeline.fields, ...pipeline.events]),
      ...guardedColumns(pipeline),
      delimiter: delimiter === "auto" ? "," : delimiter,
    },
  };
}

/** Columns in which a spreadsheet does harm. */
export function guardedColumns({
  fields,
  events,
}: CsvPipeline): Pick<SheetLayout, "identifierColumns" | "phoneColumns"> {
  const maps = [fields, ...events];
  return {
    identifierColumns: mappedColumns(mapsOf(maps, identifierFields)),
    phoneColumns: mappedColumns(mapsOf(maps, ["phone"])),
  };
}
