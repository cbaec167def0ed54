/** A clerk's file as a table, however a spreadsheet has saved it: encoding, delimiter, blank lines and titles are found out. */
import type { SourceFile } from "../connectors/connector.ts";
import { csvFile } from "../connectors/csv-file.ts";
import { HimsError } from "../platform/errors.ts";
import { positionsOf, type ReturnedRow, type ReturnedTable } from "./returned-rows.ts";

const rowColumn = "hims_row";
const batchRows = 5_000;

export interface ReturnedFile extends ReturnedTable {
  /** Lines that are no rows of the table: their quotes or their number of cells are wrong. */
  readonly unreadable: readonly number[];
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
