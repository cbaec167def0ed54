/** The rows of one sheet, as they stand in it: sparse cells in their places, each as text. */
import { damagedArchive } from "./archive-failure.ts";
import { numberText } from "./number-format.ts";
import { partContent, type Sheet, type Workbook, type WorkbookPlace } from "./workbook.ts";
import { XmlFeed } from "./xml-feed.ts";

export interface SheetCell {
  readonly text: string;
  /** How the sheet holds it: a date is a number with a date's format. */
  readonly kind: "text" | "number" | "date";
}

export interface SheetRow {
  /** 1-based, as the spreadsheet shows it; rows that hold nothing may be missing. */
  readonly number: number;
  /** By column from 0; cells that hold nothing are missing. */
  readonly cells: readonly (SheetCell | undefined)[];
}

/** The grid's own bounds (ECMA-376, 18.3.1.73 and Excel's limits). */
const maxRows = 1_048_576;
const maxColumns = 16_384;

export async function* sheetRows(
  place: WorkbookPlace,
  workbook: Workbook,
  sheet: Sheet,
  signal: AbortSignal,
): AsyncIterable<SheetRow> {
  const listener = new RowListener(place.name, workbook);
  const feed = new XmlFeed(place.name, listener);
  for await (const chunk of partContent(place, sheet.member, signal)) {
    feed.write(chunk);
    yield* listener.take();
  }
  feed.end();
  yield* listener.take();
}

class RowListener {
  private readonly file: string;
  private readonly workbook: Workbook;
  private rows: SheetRow[] = [];
  private isInside = false;
  private rowNumber = 0;
  private cells: (SheetCell | undefined)[] = [];
  private column = -1;
  private type = "n";
  private style = 0;
  private value: string | null = null;
  private hasFormula = false;
  private reads = false;
  private inPhonetic = false;

  constructor(file: string, workbook: Workbook) {
    this.file = file;
    this.workbook = workbook;
  }

  /** The rows that are whole by now. */
  take(): readonly SheetRow[] {
    const { rows } = this;
    this.rows = [];
    return rows;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === "sheetData") this.isInside = true;
    if (!this.isInside) return;
    if (name === "row") this.openRow(attributes["r"]);
    else if (name === "c") this.openCell(attributes);
    else if (name === "f") this.hasFormula = true;
    else if (name === "rPh") this.inPhonetic = true;
    else if (name === "v" || (name === "t" && !this.inPhonetic)) {
      this.reads = true;
      this.value ??= "";
    }
  }

  text(text: string): void {
    if (this.reads) this.value = (this.value ?? "") + text;
  }

  close(name: string): void {
    if (!this.isInside) return;
    if (name === "v" || name === "t") this.reads = false;
    else if (name === "rPh") this.inPhonetic = false;
    else if (name === "c") this.closeCell();
    else if (name === "row") this.rows.push({ number: this.rowNumber, cells: this.cells });
    else if (name === "sheetData") this.isInside = false;
  }

  private openRow(reference: string | undefined): void {
    const number = reference === undefined ? this.rowNumber + 1 : Number(reference);
    if (!(Number.isInteger(number) && number > this.rowNumber && number <= maxRows))
      throw damagedArchive(this.file);
    this.rowNumber = number;
    this.cells = [];
    this.column = -1;
  }

  private openCell(attributes: Readonly<Record<string, string>>): void {
    const { r: reference, t: type = "n", s: style = "0" } = attributes;
    const column = reference === undefined ? this.column + 1 : columnOf(reference);
    if (column <= this.column || column >= maxColumns) throw damagedArchive(this.file);
    this.column = column;
    this.type = type;
    this.style = Number(style);
    this.value = null;
    this.hasFormula = false;
  }

  private closeCell(): void {
    const cell = this.cell();
    if (cell !== null && cell.text !== "") this.cells[this.column] = cell;
  }

  private cell(): SheetCell | null {
    const { value, type } = this;
    // A program that writes formulas without reckoning them leaves them without a value, or with an empty one that is
    // no text: that is not blank.
    const isReckoned = value !== null && (value !== "" || type === "str");
    if (this.hasFormula && !isReckoned) return { text: "#N/A", kind: "text" };
    if (value === null) return null;
    switch (type) {
      case "s": {
        const text = this.workbook.strings.get(Number(value));
        if (text === null) throw damagedArchive(this.file);
        return { text: oneLine(text), kind: "text" };
      }
      case "b":
        return { text: value.trim() === "1" ? "TRUE" : "FALSE", kind: "text" };
      case "d":
        return { text: value.trim().replace(/T00:00:00(?:\.0+)?Z?$/, ""), kind: "date" };
      case "n":
        return this.number(value);
      default:
        // `str` and `inlineStr`; `e` is an error value such as #REF!, told by its text.
        return { text: oneLine(value), kind: "text" };
    }
  }

  private number(value: string): SheetCell {
    const number = Number(value);
    if (value.trim() === "" || !Number.isFinite(number))
      return { text: oneLine(value), kind: "text" };
    const format = this.workbook.formats[this.style] ?? { kind: "general" };
    const { text, isDate } = numberText(number, format, this.workbook.startsIn1904);
    return { text, kind: isDate ? "date" : "number" };
  }
}

/** `C5` -> 2. */
function columnOf(reference: string): number {
  let column = 0;
  for (const sign of reference) {
    const letter = (sign.codePointAt(0) ?? 0) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column - 1;
}

/** Signs that XML cannot hold are written `_x000D_`; a row of the sheet is one line of the text. */
function oneLine(text: string): string {
  if (!/[\r\n\u2028\u2029]|_x[0-9A-Fa-f]{4}_/.test(text)) return text;
  return text
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
