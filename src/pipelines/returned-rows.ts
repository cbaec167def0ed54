/** The clerk's file, told apart row by row: which quarantined record each one is, and what it says now. */

import { restoredCell } from "../platform/csv-output.ts";
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

export interface ReturnedTable {
  readonly columns: readonly string[];
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
export function idCellOf(row: ReturnedRow, columns: readonly string[]): string | null {
  const text = cellOf(row, columns, "hims_row") ?? "";
  return parseRowId(text) === null ? null : normalRowId(text);
}

export function cellOf(
  { cells }: ReturnedRow,
  columns: readonly string[],
  column: string,
): string | null {
  const at = columns.findIndex((name) => columnKey(restoredCell(name)) === columnKey(column));
  return at === -1 ? null : (cells[at] ?? "");
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
  returned: { readonly row: ReturnedRow; readonly columns: readonly string[] },
  waiting: WaitingRow,
  layout: {
    readonly columns: WaitingTable["source"]["columns"];
    readonly added: readonly string[];
  },
): readonly string[] | NotReplayed {
  const { row, columns } = returned;
  const cells = layout.columns.map((column, at): ReturnedCell => {
    const given = waiting.cells[at] ?? "";
    return returnedCell(given, cellOf(row, columns, column) ?? given);
  });
  const added = layout.added.map((column) => restoredCell(cellOf(row, columns, column) ?? ""));
  const texts = cells.flatMap((cell) => (cell.kind === "lost" ? [] : [cell.text]));
  if (texts.length < cells.length) return "letters_lost";
  if ([...texts, ...added].every((text) => text === "")) return "blank";
  const isConfirmed = cellOf(row, columns, "hims_code")?.trim() === "";
  if (waiting.isGuess && !isConfirmed && cells.every(({ kind }) => kind === "same"))
    return "layout_not_confirmed";
  return [...texts, ...added];
}
