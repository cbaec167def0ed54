/** Whether a pipeline can run: its file is valid, its source is there, and its map fits the first file of it. */
import type { SourceFile } from "../connectors/connector.ts";
import { csvFile } from "../connectors/csv-file.ts";
import { HimsError } from "../platform/errors.ts";
import { mappedColumns } from "../records/field-map.ts";
import { bindFieldMap, columnKey } from "../records/row-reader.ts";
import { listLocalFiles } from "./folder-source.ts";
import type { CsvPipeline, PipelineFile } from "./pipeline-file.ts";
import type { ErrorReport, Requested } from "./run-pipelines.ts";
import { unwrapped } from "./source-wrapping.ts";

export interface PipelineCheck {
  readonly pipeline: string;
  readonly ok: boolean;
  /** The file the map was held against; null when there is none now, or the pipeline needs no map. */
  readonly file: string | null;
  /** Columns the map asks for and the file lacks. */
  readonly missingColumns: readonly string[];
  /** Columns of the file that no field takes. */
  readonly unmappedColumns: readonly string[];
  readonly error?: ErrorReport;
}

export interface CheckedPipeline {
  readonly check: PipelineCheck;
  readonly error: HimsError | null;
}

/**
 * An empty source is in order: files may come later. Servers and databases are not asked.
 * @param filesFolder of the workspace, where inboxes are
 */
export async function checkPipeline(
  requested: Requested,
  filesFolder: string,
  signal: AbortSignal,
): Promise<CheckedPipeline> {
  if ("error" in requested) return refused(requested.name, requested.error);
  const { file: pipeline } = requested;
  try {
    const { facility } = pipeline;
    const id = typeof facility === "string" ? facility : facility.id;
    const listed = await listLocalFiles(pipeline, id, filesFolder);
    const [file] = await unwrapped(listed.slice(0, 1), pipeline, signal);
    if (file === undefined || !isCsv(pipeline)) return passed(requested.name, file ?? null, []);
    return await checkMap(pipeline, file, signal);
  } catch (error) {
    if (!(error instanceof HimsError)) throw error;
    return refused(requested.name, error);
  }
}

function isCsv(pipeline: PipelineFile): pipeline is CsvPipeline & PipelineFile {
  return "fields" in pipeline;
}

async function checkMap(
  pipeline: CsvPipeline & PipelineFile,
  file: SourceFile,
  signal: AbortSignal,
): Promise<CheckedPipeline> {
  const maps = [pipeline.fields, ...pipeline.events];
  const columns = await columnsOf(pipeline, file, signal);
  const wanted = new Set(mappedColumns(maps).map(columnKey));
  const unmapped = columns.filter((column) => !wanted.has(columnKey(column)));
  const missing = maps.flatMap((map) => {
    const bound = bindFieldMap(map, columns);
    return bound.ok ? [] : bound.reasons;
  });
  if (missing.length === 0) return passed(pipeline.name, file, unmapped);
  const { check, error } = refused(pipeline.name, missingColumns(pipeline, file, missing));
  return {
    check: {
      ...check,
      file: file.name,
      missingColumns: [...new Set(missing)],
      unmappedColumns: unmapped,
    },
    error,
  };
}

async function columnsOf(
  pipeline: CsvPipeline,
  file: SourceFile,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { encoding, delimiter, header } = pipeline.source;
  const expectedColumns = mappedColumns([pipeline.fields, ...pipeline.events]);
  const context = { expectedColumns, signal, batchSize: 100 };
  for await (const batch of csvFile.read(file, { encoding, delimiter, header }, context))
    return batch.columns ?? [];
  return [];
}

function missingColumns(
  pipeline: PipelineFile,
  file: SourceFile,
  missing: readonly string[],
): HimsError {
  const names = [...new Set(missing)].map((name) => JSON.stringify(name)).join(", ");
  return new HimsError("HIMS_SOURCE_COLUMNS", {
    kind: "usage",
    message: `${file.name} has no column ${names}`,
    hint: "The export's layout differs from `fields:` of the pipeline file; change the map or ask the facility.",
    at: { file: pipeline.path },
  });
}

function passed(
  pipeline: string,
  file: SourceFile | null,
  unmappedColumns: readonly string[],
): CheckedPipeline {
  const check = {
    pipeline,
    ok: true,
    file: file?.name ?? null,
    missingColumns: [],
    unmappedColumns,
  };
  return { check, error: null };
}

function refused(pipeline: string, error: HimsError): CheckedPipeline {
  const { code, message, hint, at } = error;
  const check = {
    pipeline,
    ok: false,
    file: null,
    missingColumns: [],
    unmappedColumns: [],
    error: { code, message, hint, at },
  };
  return { check, error };
}
