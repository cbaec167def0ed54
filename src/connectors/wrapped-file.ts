/** Files as hospitals pack them: gzip, zip, workbooks. Told by their first bytes, and given on as the text that is in them. */
import { open } from "node:fs/promises";
import { basename } from "node:path";
import type { HimsError } from "../platform/errors.ts";
import { archiveFailure, refusedSpreadsheet } from "./archive-failure.ts";
import type { SourceFile } from "./connector.ts";
import { emptyInside, gunzipped } from "./gzip-content.ts";
import { headBytes, packingOf, withoutNested } from "./packed-content.ts";
import { isWorkbook } from "./workbook.ts";
import { type SheetChoice, workbookContent } from "./workbook-content.ts";
import { listMembers, memberContent, type ZipMember } from "./zip-archive.ts";

/** How a pipeline reads what is packed. */
export interface Wrapping {
  readonly maxUnpackedBytes: number;
  /** Null where a pipeline reads no tables: then workbooks are refused. */
  readonly sheet: SheetChoice | null;
}

/**
 * Each file that can be read as it is stays; a packed one becomes the files in it, each with a `content`.
 * Never throws for one file: what is wrong with it is thrown when it is read, and refuses it alone.
 */
export async function unwrapFiles(
  files: readonly SourceFile[],
  wrapping: Wrapping,
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const unwrapped: SourceFile[] = [];
  for (const file of files) {
    // A link out of its source is refused unread, and an empty file is told as one.
    const isPlain = file.leadsOut === true || file.bytes === 0 || file.content !== undefined;
    if (isPlain) unwrapped.push(file);
    else unwrapped.push(...(await unwrap(file, wrapping, signal)));
  }
  return unwrapped;
}

async function unwrap(
  file: SourceFile,
  wrapping: Wrapping,
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const head = await headOf(file);
  // What cannot be opened now is told when it is read.
  if (head === null) return [file];
  switch (packingOf(head)) {
    case "gzip": {
      const content = (abort: AbortSignal) =>
        withoutNested(gunzipped(file, wrapping.maxUnpackedBytes, abort), file.name);
      return [{ ...file, isPacked: true, content }];
    }
    case "zip":
      try {
        return zipFiles(file, await listMembers(file, wrapping.maxUnpackedBytes, signal), wrapping);
      } catch (error) {
        return [refused(file, archiveFailure(error, file.name, signal))];
      }
    case "compound":
      return [refused(file, await compoundRefusal(file))];
    case "text":
      return [isMarkup(head, file) ? refused(file, markupRefusal(file)) : file];
  }
}

function zipFiles(
  file: SourceFile,
  members: readonly ZipMember[],
  wrapping: Wrapping,
): readonly SourceFile[] {
  if (isWorkbook(members)) return [workbookFile(file, members, wrapping)];
  const document = documentKind(members);
  if (document !== null) return [refused(file, document(file.name))];
  const wanted = members.filter(({ name }) => !isSystemFile(name));
  if (wanted.length === 0) return [refused(file, emptyInside(file.name))];
  const order = new Intl.Collator("en", { numeric: true });
  return [...wanted]
    .sort((a, b) => order.compare(a.name, b.name) || (a.name < b.name ? -1 : 1))
    .map((member) => memberFile(file, member, wrapping));
}

function memberFile(file: SourceFile, member: ZipMember, wrapping: Wrapping): SourceFile {
  const name = `${file.name}/${member.name}`;
  const place = { path: file.path, name };
  return {
    ...file,
    name,
    bytes: member.bytes,
    content: (signal) =>
      withoutNested(memberContent(place, member, wrapping.maxUnpackedBytes, signal), name),
  };
}

function workbookFile(
  file: SourceFile,
  members: readonly ZipMember[],
  { sheet, maxUnpackedBytes }: Wrapping,
): SourceFile {
  if (sheet === null)
    return refused(
      file,
      refusedSpreadsheet(
        file.name,
        "this pipeline reads HL7 messages",
        "Give the spreadsheet to a pipeline with `type: csv`.",
      ),
    );
  const place = { path: file.path, name: file.name, members, maxBytes: maxUnpackedBytes };
  return {
    ...file,
    isPacked: true,
    textEncoding: "utf-8",
    content: (signal) => workbookContent(place, sheet, signal),
  };
}

/** Folders of the Mac's own, hidden files, and what editors and transfers leave behind. */
function isSystemFile(name: string): boolean {
  return (
    name.startsWith("__MACOSX/") ||
    name.split("/").some((part) => part.startsWith(".")) ||
    /^(?:Thumbs\.db|desktop\.ini|~\$.*)$/i.test(basename(name))
  );
}

/** Other office files are archives as well; their parts are no exports. */
function documentKind(members: readonly ZipMember[]): ((file: string) => HimsError) | null {
  const has = (part: string) => members.some(({ name }) => name === part);
  const asXlsx = "Open it in a spreadsheet program and save it as .xlsx or CSV (UTF-8).";
  if (has("xl/workbook.bin"))
    return (file) => refusedSpreadsheet(file, "it is a binary workbook (.xlsb)", asXlsx);
  if (has("mimetype") && has("content.xml"))
    return (file) => refusedSpreadsheet(file, "it is an OpenDocument file (.ods)", asXlsx);
  if (has("word/document.xml") || has("ppt/presentation.xml"))
    return (file) => refusedSpreadsheet(file, "it is no spreadsheet but a document", asXlsx);
  return null;
}

/** The container of old .xls files also holds encrypted .xlsx ones: their stream has a name of its own. */
async function compoundRefusal(file: SourceFile): Promise<HimsError> {
  const name = Buffer.from("EncryptedPackage", "utf16le");
  const content = await bytesOf(file, 4_000_000);
  if (content?.includes(name))
    return refusedSpreadsheet(
      file.name,
      "it is protected by a password",
      "Save it without a password and deliver it over a transfer that is encrypted itself (SFTP, HTTPS).",
    );
  return refusedSpreadsheet(
    file.name,
    "it is an old Excel file (.xls)",
    "Open it in a spreadsheet program and save it as .xlsx or CSV (UTF-8).",
  );
}

/** Web pages under a spreadsheet's name: what many hospital programs call an Excel export. */
function isMarkup(head: Buffer, file: SourceFile): boolean {
  return (
    /\.xls[xmb]?$/i.test(file.name) &&
    /^\s*<(?:!doctype|html|head|table|meta|style|\?xml|workbook)/i.test(
      head.toString("latin1").replace(/^\u00ef\u00bb\u00bf/, ""),
    )
  );
}

function markupRefusal(file: SourceFile): HimsError {
  return refusedSpreadsheet(
    file.name,
    "it is a web page or XML under the name of a spreadsheet",
    "Open it in a spreadsheet program and save it as .xlsx or CSV (UTF-8); better, have the program export CSV.",
  );
}

function refused(file: SourceFile, error: unknown): SourceFile {
  return {
    ...file,
    // biome-ignore lint/correctness/useYield: it ends before there is anything to give.
    async *content() {
      throw error;
    },
  };
}

async function headOf(file: SourceFile): Promise<Buffer | null> {
  return bytesOf(file, headBytes);
}

/** Null when the file cannot be opened: reading it will say why. */
async function bytesOf(file: SourceFile, length: number): Promise<Buffer | null> {
  const handle = await open(file.path).catch(() => null);
  if (handle === null) return null;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(length, file.bytes)));
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
