/** The clerk's file, told apart row by row: which quarantined record each one is, and what it says now. */

import { printedText, restoredCell } from "../platform/csv-output.ts";
import { HimsError } from "../platform/errors.ts";
import { columnKey } from "../records/row-reader.ts";
import type { WaitingItem } from "../store/quarantine-mending.ts";
import { normalRowId, parseRowId, rowIdOf } from "./quarantine-row-id.ts";
import { type ReturnedCell, returnedCell } from "./returned-cell.ts";
import type { WaitingRow, WaitingTable } from "./waiting-rows.ts";

/** Columns that an export adds to those of the hospital. `hims_row` is the last: spreadsheets drop blank last cells. */
export const ownColumns = [
  "hims_raw",
  "hims_code",
  "hims_message_en",
  "hims_message_hi",
  "hims_row",
] as const;

/** Whether a file with this header is one that was given to a clerk: as an export, its guesses would load as facts. */
export function isGivenOut(columns: readonly string[]): boolean {
  return columns.some((column) => columnKey(column) === "hims_row");
}

export function givenOut(file: string): HimsError {
  return new HimsError("HIMS_SOURCE_GIVEN_OUT", {
    kind: "usage",
    message: "this is a file of `hims quarantine export`, and no export of a hospital",
    hint: "Load what a clerk has mended with: hims quarantine replay FILE",
    at: { file, line: 1 },
  });
}

/** Where each column of the clerk's file stands, by the key of its name. */
export type ColumnPositions = ReadonlyMap<string, number>;

export interface ReturnedTable {
  readonly positions: ColumnPositions;
  /** Lines are those of the clerk's file. */
  readonly rows: readonly ReturnedRow[];
}

export interface ReturnedRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Why a row of the clerk's file is not loaded: no record of this store has its id (or its id is damaged); its record waits no
 * more; its id stands on two rows that differ; it is blank; its cells were a guess and nobody has looked at them; letters
 * were lost.
 */
export type NotReplayed =
  | "unknown"
  | "already_closed"
  | "repeated"
  | "blank"
  | "layout_not_confirmed"
  | "letters_lost";

export interface NotReplayedLine {
  readonly line: number;
  /** The row's `hims_row`, where it is one. */
  readonly row: string | null;
  readonly reason: NotReplayed | "unreadable" | "not_one_message";
}

/** Text of a row's own id; null where the cell holds something else, which is not repeated to anybody. */
export function idCellOf(row: ReturnedRow, positions: ColumnPositions): string | null {
  const text = cellOf(row, positions, "hims_row") ?? "";
  return parseRowId(text) === null ? null : normalRowId(text);
}

/** Null where the clerk's file has no such column. */
export function cellOf(
  { cells }: ReturnedRow,
  positions: ColumnPositions,
  column: string,
): string | null {
  const at = positions.get(columnKey(printedText(column)));
  return at === undefined ? null : (cells[at] ?? "");
}

/** Headers were neutralized as cells are. */
export function positionsOf(columns: readonly string[]): ColumnPositions {
  return new Map(columns.map((column, at) => [columnKey(restoredCell(column)), at]));
}

type Item = WaitingItem & { readonly state: "open" | "closed" | "superseded" };

/** The item a row stands for, or why it stands for none that may load. */
export function itemOfRow(
  rowId: string | null,
  items: ReadonlyMap<string, Item>,
  pipeline: string,
): Item | NotReplayed {
  const id = rowId === null ? null : parseRowId(rowId);
  const item = id === null ? undefined : items.get(id);
  if (item === undefined || rowIdOf(item) !== rowId || item.pipeline !== pipeline) return "unknown";
  return item.state === "open" ? item : "already_closed";
}

/**
 * What a returned row says, in the columns of the record's own file and after them `added`. A column that the clerk took out
 * says what it said.
 */
export function mendedCells(
  returned: { readonly row: ReturnedRow; readonly positions: ColumnPositions },
  waiting: WaitingRow,
  layout: {
    readonly columns: WaitingTable["source"]["columns"];
    readonly added: readonly string[];
  },
): readonly string[] | NotReplayed {
  const { row, positions } = returned;
  const cells = layout.columns.map((column, at): ReturnedCell => {
    const given = waiting.cells[at] ?? "";
    return returnedCell(given, cellOf(row, positions, column) ?? given);
  });
  const added = layout.added.map((column) => restoredCell(cellOf(row, positions, column) ?? ""));
  const texts = cells.flatMap((cell) => (cell.kind === "lost" ? [] : [cell.text]));
  if (texts.length < cells.length) return "letters_lost";
  if ([...texts, ...added].every((text) => text === "")) return "blank";
  const isConfirmed = cellOf(row, positions, "hims_code")?.trim() === "";
  if (waiting.isGuess && !isConfirmed && cells.every(({ kind }) => kind === "same"))
    return "layout_not_confirmed";
  return [...texts, ...added];
}
