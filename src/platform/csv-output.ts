/**
 * CSV that people open in a spreadsheet: one way to write it for all of HIMS. A cell that a spreadsheet would run as a formula
 * is neutralized by an apostrophe before it; where the table comes back to us, so is a cell that a spreadsheet would change
 * (leading zeros, long numbers, dates), and `restoredCell` takes the apostrophe off again. What a terminal would obey is blank.
 */

/** Excel reads a file as UTF-8 only behind it. */
export const byteOrderMark = "\ufeff";

/** `=`, `+`, `-`, `@`, tab and carriage return begin a formula, also behind spaces and in full width (OWASP "CSV injection"). */
const formula = /^[\s\u00a0\u3000\ufeff]*[=+\-@＝＋－＠﹢﹣﹦﹫]|^[\t\r\n]/u;
const months = "jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec";
/** What a spreadsheet takes for a number, a date or a time, and writes back in another form. Digits are those of any script. */
const changed = [
  /^0[\p{Nd}.,\s]+$/u, // leading zeros
  /^\p{Nd}[\p{Nd}\s]{10,}\p{Nd}$/u, // 12 digits and more are written as 9.2E+11
  /^(?![0-9]+$)\p{Nd}+$/u,
  /^\p{Nd}+(?:\.\p{Nd}*)?e[+-]?\p{Nd}+$/iu,
  /^\p{Nd}*(?:[.,]\p{Nd}*)+$/u,
  /^\p{Nd}+\s+\p{Nd}+\s*\/\s*\p{Nd}+$/u, // 1 1/2
  /^(?:[\p{Nd}.,\s]+%|\([\p{Sc}\p{Nd}.,\s]+\)|\p{Sc}[\p{Nd}.,\s]+|[\p{Nd}.,\s]+\p{Sc})$/u,
  /^(?:true|false)$/i,
  /^\p{Nd}{1,4}\s*[-/.]\s*\p{Nd}{1,2}(?:\s*[-/.]\s*\p{Nd}{1,4})?(?:[\sT].*)?$/u,
  /^\p{Nd}{1,2}(?::\p{Nd}{2}|\s*[ap]\.?(?:m\.?)?$)/iu,
  new RegExp(`^\\p{Nd}{1,2}[-/\\s]?(?:${months})[a-z]*(?:[-/\\s,]*\\p{Nd}{2,4})?$`, "iu"),
  new RegExp(`^(?:${months})[a-z]*[-/\\s]?\\p{Nd}{1,4}(?:[-/\\s,]*\\p{Nd}{2,4})?$`, "iu"),
];

/** The cell as a spreadsheet shows it and never runs it. */
export function neutralCell(text: string): string {
  return formula.test(text.replace(/^'+/, "")) ? `'${text}` : text;
}

/** As `neutralCell`, and a spreadsheet that saves the table again writes back the same text. */
export function keptCell(text: string): string {
  return isAltered(text.replace(/^'+/, "")) ? `'${text}` : text;
}

/** Undoes `keptCell`, whether the spreadsheet left the apostrophe or took it for its own mark of text. */
export function restoredCell(text: string): string {
  return text.startsWith("'") && isAltered(text.replace(/^'+/, "")) ? text.slice(1) : text;
}

const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** The text as `csvLine` writes it: with a blank for each control character (escape sequences), but for tabs and line ends. */
export function printedText(text: string): string {
  return text.replace(control, " ");
}

/** One line with its end; a cell is quoted where it must be. @param cells neutralized before, where others wrote them */
export function csvLine(cells: readonly string[], delimiter = ",", lineEnd = "\r\n"): string {
  const printed = cells.map((cell) => quoted(printedText(cell), delimiter));
  return `${printed.join(delimiter)}${lineEnd}`;
}

/** As `csvLine`, for cells that others wrote: each is neutralized. */
export function neutralLine(cells: readonly string[], delimiter = ",", lineEnd = "\r\n"): string {
  return csvLine(cells.map(neutralCell), delimiter, lineEnd);
}

function isAltered(text: string): boolean {
  const inner = text.trim();
  return formula.test(text) || changed.some((pattern) => pattern.test(inner));
}

function quoted(cell: string, delimiter: string): string {
  const isPlain =
    !cell.includes(delimiter) && !/["\r\n]/.test(cell) && cell.trim().length === cell.length;
  return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
}
