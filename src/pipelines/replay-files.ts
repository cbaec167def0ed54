/** Quarantined rows as files that ingestion reads: one for each source file they came in, with its columns and its date. */
import type { SourceFile } from "../connectors/connector.ts";
import { mappedColumns } from "../records/field-map.ts";
import { columnKey } from "../records/row-reader.ts";
import type { findItems, MendedItem, WaitingItem } from "../store/quarantine-mending.ts";
import type { CsvPipeline, PipelineFile } from "./pipeline-file.ts";
import { archivedMessages } from "./quarantined-messages.ts";
import { replayText } from "./replay-table.ts";
import { ReplayedItems, type ReplayFiles } from "./replayed-items.ts";
import { oneLine } from "./returned-cell.ts";
import {
  cellOf,
  idCellOf,
  itemOfRow,
  mendedCells,
  type NotReplayedLine,
  type ReturnedRow,
  type ReturnedTable,
} from "./returned-rows.ts";
import type { RunContext } from "./run-context.ts";
import { streamWaitingTables, type WaitingRow, type WaitingTable } from "./waiting-rows.ts";

interface Returned {
  readonly file: SourceFile;
  readonly table: ReturnedTable;
  readonly items: Awaited<ReturnType<typeof findItems>>;
  readonly pipeline: CsvPipeline & PipelineFile;
}

/** Rows of a clerk's file that stand for open items. */
export async function returnedTables(
  returned: Returned,
  context: RunContext,
): Promise<{ files: ReplayFiles; notReplayed: readonly NotReplayedLine[] }> {
  const { file, table, pipeline } = returned;
  const { rowOf, notReplayed } = matchRows(returned);
  const files = new Map<SourceFile, ReplayedItems>();
  const hasHeader = pipeline.source.header !== "none";
  for await (const waiting of streamWaitingTables([...rowOf.keys()], context)) {
    const added = addedColumns(pipeline, table, waiting);
    const columns = [...waiting.source.columns, ...added];
    const mended = waiting.rows.flatMap((one) => {
      const row = rowOf.get(one.item);
      if (row === undefined || row === "contested") return [];
      const cells = mendedCells({ row, positions: table.positions }, one, {
        columns: waiting.source.columns,
        added,
      });
      return [{ line: row.line, row: idCellOf(row, table.positions), cells, id: one.item.id }];
    });
    const rows = mended.flatMap(({ line, cells, id }) =>
      typeof cells === "string" ? [] : [{ line, cells, id }],
    );
    for (const { line, row, cells } of mended)
      if (typeof cells === "string") notReplayed.push({ line, row, reason: cells });
    const { modifiedAt } = waiting.source;
    addFile(files, { file: { ...file, modifiedAt }, byHand: true }, { columns, hasHeader, rows });
  }
  const ids = new Set([...rowOf.keys()].map(({ id }) => id));
  return { files: { items: files, ids }, notReplayed: notReplayed.sort((a, b) => a.line - b.line) };
}

/** The row of each open item; `contested` where two rows of one id differ: nobody knows which one is meant, so none loads. */
function matchRows({ table, items, pipeline }: Returned): {
  rowOf: ReadonlyMap<WaitingItem, ReturnedRow | "contested">;
  notReplayed: NotReplayedLine[];
} {
  const rowOf = new Map<WaitingItem, ReturnedRow | "contested">();
  const notReplayed: NotReplayedLine[] = [];
  for (const row of table.rows) {
    const id = idCellOf(row, table.positions);
    const item = itemOfRow(id, items, pipeline.name);
    if (typeof item === "string") {
      notReplayed.push({ line: row.line, row: id, reason: item });
      continue;
    }
    const first = rowOf.get(item);
    if (first === undefined) {
      rowOf.set(item, row);
      continue;
    }
    notReplayed.push({ line: row.line, row: id, reason: "repeated" });
    if (first === "contested" || sayTheSame(first, row)) continue;
    notReplayed.push({ line: first.line, row: id, reason: "repeated" });
    rowOf.set(item, "contested");
  }
  return { rowOf, notReplayed };
}

function sayTheSame(left: ReturnedRow, right: ReturnedRow): boolean {
  return left.cells.every((cell, at) => cell.trim() === right.cells[at]?.trim());
}

/** Mapped columns that the clerk's file has and the source file had not: the map asks for them since. */
function addedColumns(
  pipeline: CsvPipeline,
  table: ReturnedTable,
  { source }: WaitingTable,
): readonly string[] {
  const known = new Set(source.columns.map(columnKey));
  const [row] = table.rows;
  return mappedColumns([pipeline.fields, ...pipeline.events]).filter(
    (column) =>
      !known.has(columnKey(column)) &&
      row !== undefined &&
      cellOf(row, table.positions, column) !== null,
  );
}

/** The archived text of items, to be read again as it is. Rows whose cells are a guess wait for a clerk. */
export async function archivedTables(
  items: readonly WaitingItem[],
  pipeline: PipelineFile,
  context: RunContext,
): Promise<ReplayFiles> {
  const ids = new Set(items.map(({ id }) => id));
  if (!("fields" in pipeline)) return { items: await archivedMessages(items, context), ids };
  const files = new Map<SourceFile, ReplayedItems>();
  const hasHeader = pipeline.source.header !== "none";
  for await (const { source, rows } of streamWaitingTables(items, context)) {
    const { name, columns, modifiedAt } = source;
    const file = { path: name, name, bytes: 0, modifiedAt };
    const table = { columns, hasHeader, rows: rows.filter(({ isGuess }) => !isGuess).map(asItWas) };
    addFile(files, { file, byHand: false }, table);
  }
  return { items: files, ids };
}

function asItWas({ item, cells }: WaitingRow): ReturnedRow & { readonly id: string } {
  return { line: item.line, cells: cells.map(oneLine), id: item.id };
}

function addFile(
  files: Map<SourceFile, ReplayedItems>,
  { file, byHand }: { readonly file: SourceFile; readonly byHand: boolean },
  table: {
    readonly columns: readonly string[];
    readonly hasHeader: boolean;
    readonly rows: readonly (ReturnedRow & { readonly id: string })[];
  },
): void {
  if (table.rows.length === 0) return;
  const rows = table.rows.toSorted((a, b) => a.line - b.line);
  const text = Buffer.from(replayText({ ...table, rows }));
  const content = async function* () {
    yield text;
  };
  files.set(
    { ...file, bytes: text.length, content },
    new ReplayedItems(itemsOnLines(text, rows), byHand),
  );
}

/** Every line of the text is one row's, or blank, or the header. */
function itemsOnLines(
  text: Buffer,
  rows: readonly { readonly line: number; readonly id: string }[],
): ReadonlyMap<number, MendedItem> {
  const idOfLine = new Map(rows.map(({ line, id }) => [line, id]));
  const items = new Map<number, MendedItem>();
  let offset = 0;
  for (let line = 1; offset < text.length; line += 1) {
    const length = text.indexOf("\n", offset) + 1 - offset;
    const id = idOfLine.get(line);
    if (id !== undefined) items.set(line, { id, offset, length });
    offset += length;
  }
  return items;
}
