/** The sheet of a workbook that a pipeline reads, as text. */
import { archiveFailure, refusedSpreadsheet } from "./archive-failure.ts";
import { emptyInside } from "./gzip-content.ts";
import { type SheetRow, sheetRows } from "./sheet-rows.ts";
import { headerOf, type SheetLayout, sheetText } from "./sheet-text.ts";
import { UnpackLimit } from "./unpack-limit.ts";
import { openWorkbook, type Sheet, type Workbook, type WorkbookPlace } from "./workbook.ts";

export interface SheetChoice extends SheetLayout {
  /** Name, or number from 1; null: the first visible one that has the header, else the first visible one. */
  readonly sheet: string | number | null;
}

/** UTF-8, flat in memory but for the shared strings. */
export async function* workbookContent(
  place: WorkbookPlace,
  choice: SheetChoice,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  let isEmpty = true;
  try {
    const workbook = await openWorkbook(place, signal);
    const sheet = await chosenSheet(place, workbook, choice, signal);
    // Rows written as nothing but their width must not unfold without end either.
    const limit = new UnpackLimit(place.name, place.maxBytes);
    limit.packedBytes(sheet.member.entry.compressedSize);
    for await (const text of sheetText(sheetRows(place, workbook, sheet, signal), choice)) {
      isEmpty = false;
      const bytes = Buffer.from(text);
      limit.unpackedBytes(bytes.length);
      yield bytes;
    }
  } catch (error) {
    throw archiveFailure(error, place.name, signal);
  }
  if (isEmpty) throw emptyInside(place.name);
}

async function chosenSheet(
  place: WorkbookPlace,
  workbook: Workbook,
  choice: SheetChoice,
  signal: AbortSignal,
): Promise<Sheet> {
  const { sheets } = workbook;
  if (choice.sheet !== null) return namedSheet(place.name, sheets, choice.sheet);
  const visible = sheets.filter(({ isHidden }) => !isHidden);
  const [first = sheets[0], ...others] = visible;
  if (first === undefined) throw new Error("a workbook without sheets was opened");
  if (others.length === 0) return first;
  for (const sheet of visible) {
    const rows = await firstRows(sheetRows(place, workbook, sheet, signal));
    if (headerOf(rows, choice.expectedColumns).score > 0) return sheet;
  }
  return first;
}

function namedSheet(file: string, sheets: readonly Sheet[], wanted: string | number): Sheet {
  const found =
    typeof wanted === "number"
      ? sheets[wanted - 1]
      : sheets.find(({ name }) => name.trim().toLowerCase() === wanted.trim().toLowerCase());
  if (found !== undefined) return found;
  throw refusedSpreadsheet(
    file,
    `it has no sheet ${JSON.stringify(wanted)} among its ${sheets.length}`,
    "Set `source.sheet` of the pipeline file to the sheet's name or number, or leave it out.",
  );
}

const firstRowsCount = 50;

async function firstRows(rows: AsyncIterable<SheetRow>): Promise<readonly SheetRow[]> {
  const first: SheetRow[] = [];
  for await (const row of rows) {
    first.push(row);
    if (first.length === firstRowsCount) break;
  }
  return first;
}
