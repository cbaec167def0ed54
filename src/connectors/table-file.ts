/** Small CSV tables that our own commands write and read: known columns, in any order, other columns ignored. */
import { parse } from "csv-parse/sync";
import { HimsError } from "../platform/errors.ts";

/**
 * The named columns of every row, in the order asked for.
 * @throws HimsError HIMS_TABLE when a column is missing or the file is no CSV
 */
export function readTable(
  bytes: Buffer,
  table: { readonly name: string; readonly columns: readonly string[] },
): readonly (readonly string[])[] {
  const rows = parseRows(bytes, table.name);
  const header = rows[0]?.map((cell) => cell.trim().toLowerCase()) ?? [];
  const positions = table.columns.map((column) => header.indexOf(column));
  const missing = table.columns.filter((_, index) => positions[index] === -1);
  if (missing.length > 0)
    throw tableError(
      table.name,
      `it has no column ${missing.map((column) => `"${column}"`).join(", ")}`,
      1,
    );
  return rows.slice(1).map((row) => positions.map((position) => row[position]?.trim() ?? ""));
}

function parseRows(bytes: Buffer, name: string): readonly string[][] {
  try {
    return parse(bytes, { bom: true, relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    // The library's text quotes the cell; its line says enough.
    const line =
      error instanceof Error && "lines" in error && typeof error.lines === "number"
        ? error.lines
        : 1;
    throw tableError(name, "it is not well-formed CSV", line);
  }
}

function tableError(file: string, what: string, line: number): HimsError {
  return new HimsError("HIMS_TABLE", {
    kind: "usage",
    message: `the table cannot be read: ${what}`,
    hint: "Give a comma-separated file with a header line.",
    at: { file, line },
  });
}
