/** What a workbook (ECMA-376, .xlsx and .xlsm) says about its sheets and number formats. Macros and formulas are never run. */
import { damagedArchive, refusedSpreadsheet } from "./archive-failure.ts";
import { builtInFormat, customFormat, type NumberFormat } from "./number-format.ts";
import { SharedStrings } from "./shared-strings.ts";
import { readXml } from "./xml-feed.ts";
import { memberContent, type ZipMember } from "./zip-archive.ts";

export interface Sheet {
  readonly name: string;
  readonly isHidden: boolean;
  readonly member: ZipMember;
}

/** An open workbook: everything its sheets refer to. */
export interface Workbook {
  readonly sheets: readonly Sheet[];
  readonly strings: SharedStrings;
  /** By style number of a cell. */
  readonly formats: readonly NumberFormat[];
  readonly startsIn1904: boolean;
}

/** A file and what is needed to read parts of it. */
export interface WorkbookPlace {
  readonly path: string;
  readonly name: string;
  readonly members: readonly ZipMember[];
  readonly maxBytes: number;
}

const workbookPart = "xl/workbook.xml";

/** True for an archive that is a workbook. */
export function isWorkbook(members: readonly ZipMember[]): boolean {
  return members.some(({ name }) => name === workbookPart);
}

/** The bytes of one part; parts are small but for sheets and strings. */
export function partContent(
  place: WorkbookPlace,
  member: ZipMember,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  return memberContent(place, member, place.maxBytes, signal);
}

/** @throws HimsError HIMS_SOURCE_SPREADSHEET when it has no sheet; HIMS_SOURCE_ARCHIVE_DAMAGED when a part is broken */
export async function openWorkbook(place: WorkbookPlace, signal: AbortSignal): Promise<Workbook> {
  const part = (name: string) => place.members.find((member) => member.name === name) ?? null;
  const read = async <Listener extends Parameters<typeof readXml>[2]>(
    name: string,
    listener: Listener,
  ): Promise<Listener> => {
    const member = part(name);
    if (member !== null) await readXml(partContent(place, member, signal), place.name, listener);
    return listener;
  };
  const book = await read(workbookPart, new BookListener());
  const targets = await read("xl/_rels/workbook.xml.rels", new TargetListener());
  const styles = await read("xl/styles.xml", new StyleListener());
  const sheets = book.sheets.flatMap(({ name, isHidden, relation }) => {
    const target = targets.sheets.get(relation);
    const member = target === undefined ? null : part(target);
    return member === null ? [] : [{ name, isHidden, member }];
  });
  if (sheets.length === 0) {
    if (book.sheets.length > 0 && targets.sheets.size > 0) throw damagedArchive(place.name);
    throw refusedSpreadsheet(
      place.name,
      "it has no sheet of cells",
      "Deliver the data as a sheet.",
    );
  }
  const strings = await read(
    targets.strings ?? "xl/sharedStrings.xml",
    new SharedStrings(place.name),
  );
  return { sheets, strings, formats: styles.formats(), startsIn1904: book.startsIn1904 };
}

type Attributes = Readonly<Record<string, string>>;

class BookListener {
  readonly sheets: { name: string; isHidden: boolean; relation: string }[] = [];
  startsIn1904 = false;

  open(name: string, attributes: Attributes): void {
    if (name === "workbookPr")
      this.startsIn1904 = /^(?:1|true)$/.test(attributes["date1904"] ?? "");
    if (name !== "sheet") return;
    // The prefix of the relationships' namespace is the program's own choice; it is `r` nearly always.
    const relation = Object.entries(attributes).find(([key]) => key.endsWith(":id"));
    this.sheets.push({
      name: attributes["name"] ?? "",
      isHidden: (attributes["state"] ?? "visible") !== "visible",
      relation: relation?.[1] ?? "",
    });
  }

  close(): void {}
  text(): void {}
}

class TargetListener {
  readonly sheets = new Map<string, string>();
  strings: string | null = null;

  open(name: string, attributes: Attributes): void {
    const { Id: id = "", Type: type = "", Target: target = "" } = attributes;
    if (name !== "Relationship") return;
    // A target is relative to the folder of the workbook part, or absolute in the archive.
    const path = target.startsWith("/") ? target.slice(1) : `xl/${target}`;
    if (type.endsWith("/worksheet")) this.sheets.set(id, path);
    if (type.endsWith("/sharedStrings")) this.strings = path;
  }

  close(): void {}
  text(): void {}
}

class StyleListener {
  private readonly custom = new Map<string, string>();
  private readonly formatIds: string[] = [];
  private inCellFormats = false;

  open(name: string, attributes: Attributes): void {
    if (name === "numFmt")
      this.custom.set(attributes["numFmtId"] ?? "", attributes["formatCode"] ?? "");
    if (name === "cellXfs") this.inCellFormats = true;
    if (name === "xf" && this.inCellFormats) this.formatIds.push(attributes["numFmtId"] ?? "0");
  }

  close(name: string): void {
    if (name === "cellXfs") this.inCellFormats = false;
  }

  text(): void {}

  formats(): readonly NumberFormat[] {
    return this.formatIds.map((id) => {
      const code = this.custom.get(id);
      return code === undefined ? builtInFormat(Number(id)) : customFormat(code);
    });
  }
}
