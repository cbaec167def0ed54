/** Quarantined rows with their text from the archive: what is exported, and what a returned row is compared with. */
import { archivedRow, type Delimiter, findDelimiter } from "../connectors/archived-rows.ts";
import { layoutRules } from "../records/quarantine-rules.ts";
import {
  type ArchivedFile,
  findArchivedFile,
  readStretches,
  streamArchivedBytes,
} from "../store/archived-text.ts";
import type { WaitingItem } from "../store/quarantine-mending.ts";
import type { RunContext } from "./run-context.ts";

export interface WaitingRow {
  readonly item: WaitingItem;
  /** One cell for each column of the item's own source file. */
  readonly cells: readonly string[];
  /** The line as it stands in the archive. */
  readonly text: string;
  /** Its cells are a guess: the row was refused for its layout. */
  readonly isGuess: boolean;
}

/** Rows of one source file, in order of their lines. */
export interface WaitingTable {
  readonly source: ArchivedFile & { readonly columns: readonly string[] };
  readonly delimiter: Delimiter;
  readonly rows: readonly WaitingRow[];
}

type Archive = Pick<RunContext, "database" | "storeKey">;

/** The tables of CSV items, one for each source file, in the order of the items. */
export async function* streamWaitingTables(
  items: readonly WaitingItem[],
  archive: Archive,
): AsyncGenerator<WaitingTable> {
  for (const own of Map.groupBy(items, ({ fileId }) => fileId).values()) {
    const [first] = own;
    if (first === undefined) continue;
    const source = await findArchivedFile(archive.database.writer, first.fileId);
    if (source.columns === null) throw new Error("a table was expected and messages were found");
    const columns = source.columns;
    const rows = await readRows(own, columns, archive);
    yield {
      source: { ...source, columns },
      delimiter: await delimiterOf(source, columns, archive),
      rows: own.flatMap((item) => rows.get(item) ?? []),
    };
  }
}

/** The text of each item, read from the file where its latest text stands. */
async function readRows(
  items: readonly WaitingItem[],
  columns: readonly string[],
  archive: Archive,
): Promise<ReadonlyMap<WaitingItem, WaitingRow>> {
  const rows = new Map<WaitingItem, WaitingRow>();
  for (const [fileId, own] of Map.groupBy(items, ({ text }) => text.fileId)) {
    const file = await findArchivedFile(archive.database.writer, fileId);
    const delimiter = await delimiterOf(file, columns, archive);
    const layout = { encoding: file.encoding, columns, delimiter };
    const stretches = own.map((item) => ({ ...item.text, item }));
    const found = await readStretches(bytesOf(fileId, archive), stretches);
    for (const [{ item }, bytes] of found) {
      const { text, cells, isWhole } = await archivedRow(bytes, layout);
      const isGuess = !isWhole || item.problems.some(({ rule }) => layoutRules.has(rule));
      rows.set(item, { item, cells, text, isGuess });
    }
  }
  return rows;
}

async function delimiterOf(
  file: ArchivedFile,
  columns: readonly string[],
  archive: Archive,
): Promise<Delimiter> {
  for await (const head of bytesOf(file.fileId, archive))
    return await findDelimiter(head, { encoding: file.encoding, columns });
  return ",";
}

function bytesOf(fileId: string, { database, storeKey }: Archive): AsyncIterable<Buffer> {
  return streamArchivedBytes(database.writer, storeKey, fileId);
}
