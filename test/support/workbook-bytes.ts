/** Small .xlsx workbooks made from data, in the words of ECMA-376: what a test says is what stands in the file. */
import { zipBytes } from "./zip-bytes.ts";

/** A cell: text as a shared string, a number, or raw XML of a `<c>` element without its reference. */
export type GivenCell =
  | string
  | number
  | null
  | { readonly number: number | string; readonly format: string }
  | { readonly inline: string }
  | { readonly xml: string };

export interface GivenSheet {
  readonly name: string;
  readonly rows: readonly (readonly GivenCell[])[];
  readonly state?: "hidden" | "veryHidden";
}

export interface GivenWorkbook {
  readonly sheets: readonly GivenSheet[];
  readonly date1904?: boolean;
}

const xmlHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

export function workbookBytes({ sheets, date1904 = false }: GivenWorkbook): Buffer {
  const strings: string[] = [];
  const formats: string[] = [];
  const parts = sheets.map(({ rows }, index) => ({
    name: `xl/worksheets/sheet${index + 1}.xml`,
    content: `${xmlHead}<worksheet ${main}><sheetData>${rows
      .map((cells, row) => rowXml(cells, row + 1, { strings, formats }))
      .join("")}</sheetData></worksheet>`,
  }));
  const sheetList = sheets.map(
    ({ name, state }, index) =>
      `<sheet name="${escaped(name)}" sheetId="${index + 1}"${state === undefined ? "" : ` state="${state}"`} r:id="rId${index + 1}"/>`,
  );
  const relationList = sheets.map(
    (_, index) =>
      `<Relationship Id="rId${index + 1}" Type="${relations}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`,
  );
  return zipBytes([
    {
      name: "[Content_Types].xml",
      content: `${xmlHead}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
    },
    {
      name: "_rels/.rels",
      content: `${xmlHead}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    },
    {
      name: "xl/workbook.xml",
      content: `${xmlHead}<workbook ${main} xmlns:r="${relations}"><workbookPr${date1904 ? ' date1904="1"' : ""}/><sheets>${sheetList.join("")}</sheets></workbook>`,
    },
    {
      name: "xl/_rels/workbook.xml.rels",
      content: `${xmlHead}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${relationList.join("")}<Relationship Id="rId99" Type="${relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    },
    { name: "xl/styles.xml", content: stylesXml(formats) },
    {
      name: "xl/sharedStrings.xml",
      content: `${xmlHead}<sst ${main}>${strings.map((text) => `<si><t xml:space="preserve">${escaped(text)}</t></si>`).join("")}</sst>`,
    },
    ...parts,
  ]);
}

interface Tables {
  readonly strings: string[];
  readonly formats: string[];
}

function rowXml(cells: readonly GivenCell[], row: number, tables: Tables): string {
  const filled = cells.map((cell, column) =>
    cell === null ? "" : cellXml(cell, `${letters(column)}${row}`, tables),
  );
  return filled.every((xml) => xml === "") ? "" : `<row r="${row}">${filled.join("")}</row>`;
}

function cellXml(cell: Exclude<GivenCell, null>, place: string, tables: Tables): string {
  if (typeof cell === "string")
    return `<c r="${place}" t="s"><v>${numberOf(tables.strings, cell)}</v></c>`;
  if (typeof cell === "number") return `<c r="${place}"><v>${cell}</v></c>`;
  if ("inline" in cell)
    return `<c r="${place}" t="inlineStr"><is><t>${escaped(cell.inline)}</t></is></c>`;
  if ("xml" in cell) return cell.xml.replace("<c", `<c r="${place}"`);
  return `<c r="${place}" s="${numberOf(tables.formats, cell.format) + 1}"><v>${cell.number}</v></c>`;
}

function numberOf(list: string[], text: string): number {
  const index = list.indexOf(text);
  return index === -1 ? list.push(text) - 1 : index;
}

function stylesXml(formats: readonly string[]): string {
  const codes = formats.map(
    (code, index) => `<numFmt numFmtId="${164 + index}" formatCode="${escaped(code)}"/>`,
  );
  const cellFormats = formats.map((_, index) => `<xf numFmtId="${164 + index}"/>`);
  return `${xmlHead}<styleSheet ${main}><numFmts>${codes.join("")}</numFmts><cellXfs><xf numFmtId="0"/>${cellFormats.join("")}</cellXfs></styleSheet>`;
}

function letters(column: number): string {
  const rest = Math.floor(column / 26);
  return (rest === 0 ? "" : letters(rest - 1)) + String.fromCharCode(65 + (column % 26));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
