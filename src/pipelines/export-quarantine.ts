/** Open quarantine of one pipeline as a file in the hospital's own format, for a clerk to mend in a spreadsheet. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { byteOrderMark, csvLine, keptCell } from "../platform/csv-output.ts";
import { HimsError } from "../platform/errors.ts";
import { codeOf } from "../platform/failure.ts";
import type { Problem } from "../records/problem.ts";
import { ruleText } from "../records/quarantine-rules.ts";
import { columnKey } from "../records/row-reader.ts";
import { listWaiting, type WaitingItem } from "../store/quarantine-mending.ts";
import { rowIdOf } from "./quarantine-row-id.ts";
import { messageBytes, wrappedMessage } from "./quarantined-messages.ts";
import { ownColumns } from "./returned-rows.ts";
import type { RunContext } from "./run-context.ts";
import { streamWaitingTables, type WaitingRow, type WaitingTable } from "./waiting-rows.ts";

export interface QuarantineExportRequest {
  readonly pipeline: string | null;
  readonly run: string | null;
  /** Path of the file to write; it must not be there. */
  readonly out: string;
}

/** `data` of `hims quarantine export`. */
export interface QuarantineExport {
  readonly pipeline: string;
  /** Absolute path. */
  readonly file: string;
  /** Of HL7 pipelines: the table of what is wrong, beside the messages. */
  readonly list: string | null;
  /** Rows or messages in the file. */
  readonly rows: number;
  readonly items: readonly ExportedItem[];
}

export interface ExportedItem {
  readonly id: string;
  /** `hims_row` of the file. */
  readonly row: string;
  /** Where it came from. */
  readonly source: string;
  readonly line: number;
  readonly rules: readonly string[];
}

type Context = Pick<RunContext, "database" | "storeKey">;

export async function exportQuarantine(
  request: QuarantineExportRequest,
  context: Context,
): Promise<QuarantineExport> {
  const { pipeline, run } = request;
  const items = await listWaiting(context.database.writer, { pipeline, run, id: null });
  const names = [...new Set(items.map((item) => item.pipeline))];
  const [name] = names;
  if (name === undefined) throw nothingWaits();
  if (names.length > 1) throw severalPipelines(names);
  const file = resolve(request.out);
  const tables: WaitingTable[] = [];
  const areMessages = await isMessages(items, context);
  if (!areMessages)
    for await (const table of streamWaitingTables(items, context)) tables.push(table);
  const list = areMessages ? `${file}.csv` : null;
  if (areMessages) {
    const messages = await messageBytes(items, context);
    await writeNew(
      file,
      [...messages].map(([item, bytes]) => wrappedMessage(item, bytes)),
    );
    await writeNew(`${file}.csv`, messageList(items));
  } else await writeNew(file, tableLines(tables));
  return { pipeline: name, file, list, rows: items.length, items: items.map(exportedItem) };
}

async function isMessages(items: readonly WaitingItem[], { database }: Context): Promise<boolean> {
  const [first] = items;
  const [found] = await database.writer.rows<{ messages: boolean }>(
    "select columns is null as messages from source_file where file_id = $1",
    [first?.fileId],
  );
  return found?.messages === true;
}

function exportedItem(item: WaitingItem): ExportedItem {
  const { id, fileName, line, problems } = item;
  return { id, row: rowIdOf(item), source: fileName, line, rules: rulesOf(problems) };
}

function rulesOf(problems: readonly Problem[]): readonly string[] {
  return [...new Set(problems.map(({ rule }) => rule))];
}

function* tableLines(tables: readonly WaitingTable[]): Generator<string> {
  const delimiter = tables[0]?.delimiter ?? ",";
  const columns = allColumns(tables);
  yield byteOrderMark + csvLine([...columns.map(keptCell), ...ownColumns], delimiter);
  for (const { source, rows } of tables) {
    const positionOf = new Map(source.columns.map((column, at) => [columnKey(column), at]));
    for (const row of rows) {
      const cells = columns.map(
        (column) => row.cells[positionOf.get(columnKey(column)) ?? -1] ?? "",
      );
      yield csvLine([...cells.map(keptCell), ...ownCells(row)], delimiter);
    }
  }
}

/** Columns of all source files in their order, the first file's first. */
function allColumns(tables: readonly WaitingTable[]): readonly string[] {
  const columns = new Map<string, string>();
  for (const column of tables.flatMap(({ source }) => source.columns)) {
    const key = columnKey(column);
    if (!columns.has(key) && !ownKeys.has(key)) columns.set(key, column);
  }
  return [...columns.values()];
}

const ownKeys: ReadonlySet<string> = new Set(ownColumns);

/** In the order of `ownColumns`. */
function ownCells({ item, text, isGuess }: WaitingRow): readonly string[] {
  return [isGuess ? keptCell(text) : "", ...saidOf(item), rowIdOf(item)];
}

/** Code, English and Hindi text of everything that is wrong with an item. */
function saidOf({ problems }: WaitingItem): readonly [string, string, string] {
  const said = problems.map(({ rule, segment, hint }) => {
    const texts = ruleText(rule);
    const place = segment === null ? "" : `${segment}: `;
    return { rule, en: `${place}${texts?.en ?? hint}`, hi: `${place}${texts?.hi ?? hint}` };
  });
  return [
    said.map(({ rule }) => rule).join(" "),
    keptCell(said.map(({ en }) => en).join(" ")),
    keptCell(said.map(({ hi }) => hi).join(" ")),
  ];
}

function* messageList(items: readonly WaitingItem[]): Generator<string> {
  const head = ["source", "line", "hims_code", "hims_message_en", "hims_message_hi", "hims_row"];
  yield byteOrderMark + csvLine(head);
  for (const item of items)
    yield csvLine([keptCell(item.fileName), String(item.line), ...saidOf(item), rowIdOf(item)]);
}

/** Whole or not at all, for its owner's eyes; what is there already is somebody's work and stays. */
async function writeNew(path: string, parts: Iterable<string | Buffer>): Promise<void> {
  const unfinished = `${path}.part`;
  try {
    // Taken first, so that nobody's file is written over by the rename.
    await (await open(path, "wx", 0o600)).close();
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw alreadyThere(path);
    throw error;
  }
  try {
    const handle = await open(unfinished, "w", 0o600);
    await writeParts(handle, parts);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    await rm(path, { force: true });
    throw error;
  }
}

async function writeParts(handle: FileHandle, parts: Iterable<string | Buffer>): Promise<void> {
  try {
    for (const part of parts) await handle.write(Buffer.from(part));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function alreadyThere(path: string): HimsError {
  return new HimsError("HIMS_FILE_EXISTS", {
    kind: "usage",
    message: "the file is there already",
    hint: "Give another name to --out: a clerk may be at work on this one.",
    at: { file: path },
  });
}

function nothingWaits(): HimsError {
  return new HimsError("HIMS_QUARANTINE_EMPTY", {
    kind: "usage",
    message: "no quarantined record waits there",
    hint: "`hims quarantine list` shows those that wait.",
  });
}

function severalPipelines(names: readonly string[]): HimsError {
  return new HimsError("HIMS_USAGE", {
    kind: "usage",
    message: "records of several pipelines wait, and each has its own columns",
    hint: `Name one with --pipeline: ${names.toSorted().join(", ")}.`,
  });
}
