/** Lines of a report that are no records: how totals, page numbers and drawn lines look. */

const closingWords =
  /^\W*(?:(?:grand|sub|page)[\s-]*)?total\b|^\W*(?:कुल|योग)(?![\p{L}\p{M}])|^\W*end of (?:report|file|list)\b|^\W*\d+ rows? (?:selected|affected)|^\W*page(?: no)?\W*\d+\b/iu;

/** Control-Z, which programs of DOS days (FoxPro, Clipper) put after the last line. */
const endOfDosFile = "\u001a";

/** A closing line of a report or of a page of it: its first words say so and most of its cells are blank. */
export function isClosingLine(cells: readonly string[], columns: number): boolean {
  const first = cells.find((cell) => cell.trim() !== "") ?? "";
  if (first === endOfDosFile) return cells.length === 1;
  if (!closingWords.test(first)) return false;
  const filled = cells.filter((cell) => cell.trim() !== "").length;
  return filled <= Math.max(2, columns / 3);
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
