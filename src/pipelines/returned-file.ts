/** A clerk's file as a table, however a spreadsheet has saved it: as .xlsx or as CSV of any encoding and delimiter. */
import type { SourceFile } from "../connectors/connector.ts";
import { csvFile } from "../connectors/csv-file.ts";
import { unwrapFiles } from "../connectors/wrapped-file.ts";
import { keptCell } from "../platform/csv-output.ts";
import { HimsError } from "../platform/errors.ts";
import type { CsvPipeline } from "./pipeline-file.ts";
import { positionsOf, type ReturnedRow, type ReturnedTable } from "./returned-rows.ts";
import { guardedColumns } from "./source-wrapping.ts";

const rowColumn = "hims_row";
const batchRows = 5_000;
/** Of a packed file; a clerk's is never near it. */
const maxUnpackedBytes = 4e9;

export interface ReturnedFile extends ReturnedTable {
  /** Lines that are no rows of the table: their quotes or their number of cells are wrong. */
  readonly unreadable: readonly number[];
}

/**
 * The file itself where it is text; else what is in it: the sheet that has the rows.
 * @param pipeline in whose columns a spreadsheet may have damaged numbers; null while it is not known
 * @throws HimsError HIMS_REPLAY_FILE for an archive of several files
 */
export async function openReturnedFile(
  file: SourceFile,
  pipeline: CsvPipeline | null,
  signal: AbortSignal,
): Promise<SourceFile> {
  const guarded =
    pipeline === null ? { identifierColumns: [], phoneColumns: [] } : guardedColumns(pipeline);
  const sheet = {
    sheet: null,
    expectedColumns: [rowColumn],
    // Headers were neutralized as cells are.
    identifierColumns: guarded.identifierColumns.map(keptCell),
    phoneColumns: guarded.phoneColumns.map(keptCell),
    delimiter: ",",
  };
  const [opened, ...more] = await unwrapFiles([file], { maxUnpackedBytes, sheet }, signal);
  if (opened !== undefined && more.length === 0) return opened;
  throw severalFiles(file.name);
}

/** A replay takes one file. */
export function severalFiles(file: string): HimsError {
  return new HimsError("HIMS_REPLAY_FILE", {
    kind: "usage",
    message: "one file can be replayed at a time",
    hint: "Name the one file that a clerk has mended.",
    at: { file },
  });
}

/** @throws HimsError HIMS_REPLAY_FILE when the column `hims_row` is gone, and what reading a CSV file may throw */
export async function readReturnedFile(
  file: SourceFile,
  signal: AbortSignal,
): Promise<ReturnedFile> {
  const rows: ReturnedRow[] = [];
  const unreadable: number[] = [];
  let columns: readonly string[] = [];
  const options = { encoding: "auto", delimiter: "auto", header: "auto" } as const;
  const context = { expectedColumns: [rowColumn], signal, batchSize: batchRows };
  try {
    for await (const batch of csvFile.read(file, options, context)) {
      columns = batch.columns ?? columns;
      for (const { place, ...record } of batch.records)
        if (record.kind === "row") rows.push({ line: place.line, cells: record.cells });
        else unreadable.push(place.line);
    }
  } catch (error) {
    if (error instanceof HimsError && error.code === "HIMS_SOURCE_HEADER") throw noRowColumn(file);
    throw error;
  }
  const positions = positionsOf(columns);
  if (!positions.has(rowColumn)) throw noRowColumn(file);
  return { positions, rows, unreadable };
}

function noRowColumn(file: SourceFile): HimsError {
  return new HimsError("HIMS_REPLAY_FILE", {
    kind: "usage",
    message: "the file has no column hims_row",
    hint: "Give the file that `hims quarantine export` wrote and a clerk mended; rows are known by that column alone. A new export of the hospital is loaded with `hims run`.",
    at: { file: file.name },
  });
}
