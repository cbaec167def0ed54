/** Lines of a report that are no records: how totals, page numbers and drawn lines look. */

const closingWords =
  /^\W*(?:(?:grand|sub|page)[\s-]*)?total\b|^\W*(?:कुल|योग)(?![\p{L}\p{M}])|^\W*end of (?:report|file|list)\b|^\W*\d+ rows? (?:selected|affected)|^\W*page(?: no)?\W*\d+\b/iu;

/** Who printed a report and when, its notes and signatures; and what divides it into wards and days. */
const remarkWords =
  /^\W*(?:(?:(?:report|data|list)[\s-]*)?(?:printed|generated|prepared|exported|checked|verified)\s+(?:by|on|at)\b|(?:report|print) (?:date|time)\b|note\s*:|signature\b|(?:ward|department|dept|unit|clinic|floor|date|day|month)\s*[:=-]\s*\S)|^\W*(?:मुद्रित|हस्ताक्षर|टिप्पणी|वार्ड\s*[:=-]|विभाग\s*[:=-]|दिनांक\s*[:=-])/iu;

/** Control-Z, which programs of DOS days (FoxPro, Clipper) put after the last line. */
const endOfDosFile = "\u001a";

/** A closing line of a report or a page, a remark, or a heading between rows: its first words say so and most of its cells are blank. */
export function isClosingLine(cells: readonly string[], columns: number): boolean {
  const first = cells.find((cell) => cell.trim() !== "") ?? "";
  if (first === endOfDosFile) return cells.length === 1;
  const filled = cells.filter((cell) => cell.trim() !== "").length;
  if (isHeading(cells, columns, filled)) return true;
  if (!closingWords.test(first) && !remarkWords.test(first)) return false;
  return filled <= Math.max(2, columns / 3);
}

/** With fewer columns than this, a row may well have one word and nothing else. */
const fewestColumns = 4;

/** `MALE SURGICAL WARD,,,,`: words in the first cell and nothing else; a number may be a patient's, of whom no more is known. */
function isHeading(cells: readonly string[], columns: number, filled: number): boolean {
  const [first = ""] = cells;
  if (filled !== 1 || columns < fewestColumns || cells.length < columns) return false;
  return (
    /[\p{L}\p{M}]{3}/u.test(first) &&
    /[\p{L}\p{M}]\s+[\p{L}\p{M}]/u.test(first) &&
    !/\p{Nd}/u.test(first)
  );
}

/** The line that database clients draw under a header: `----|------`. */
export function isRule(cells: readonly string[]): boolean {
  // Asked of every row: nearly every row is told apart by its first sign.
  const start = cells[0]?.trimStart()[0];
  if (start !== "-" && start !== "=") return false;
  return (
    cells.some((cell) => cell.trim().length > 2) && cells.every((cell) => /^[\s=+-]*$/.test(cell))
  );
}
