/** One cell that comes back from a clerk's spreadsheet, beside the one that was given out: what the spreadsheet did is undone, what the clerk did stays. */
import { keptCell, printedText, restoredCell } from "../platform/csv-output.ts";

export type ReturnedCell =
  | { readonly kind: "same" | "mended"; readonly text: string }
  /** Letters were lost on the way, and the cell was changed as well: what it should say is not known. */
  | { readonly kind: "lost" };

/** @param given as it was exported, before it was neutralized */
export function returnedCell(given: string, returned: string): ReturnedCell {
  const text = oneLine(restoredCell(returned));
  const shown = oneLine(printedText(given));
  if (text === shown || isDamaged(shown, text)) return { kind: "same", text: oneLine(given) };
  return hasLostLetters(shown, text) ? { kind: "lost" } : { kind: "mended", text };
}

/** A line break in a cell means no more than a space to any field, and a row of one line can swallow no neighbor. */
export function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, " ").trim();
}

/** What a spreadsheet makes of the given text without anybody's doing. */
function isDamaged(given: string, returned: string): boolean {
  return (
    isWithoutControls(given, returned) ||
    isWithoutLetters(given, returned) ||
    // Without its letters it is not known to be a cell that was neutralized.
    isWithoutLetters(keptCell(given), returned) ||
    isWithoutZeros(given, returned) ||
    isRounded(given, returned)
  );
}

/** Signs that no cell of a workbook holds. */
function isWithoutControls(given: string, returned: string): boolean {
  const visible = (text: string) => text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return /\p{Cc}/u.test(given) && visible(given) === visible(returned);
}

// Letters that Windows-1252 has; a spreadsheet saves all others as `?` or `_`.
const narrow =
  /[\u0000-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]/u;

function isWithoutLetters(given: string, returned: string): boolean {
  const signs = [...given];
  if (signs.every((sign) => narrow.test(sign))) return false;
  let pattern = "";
  let lost = 0;
  let kept = 0;
  // A stretch of lost letters is one part of the pattern: many parts that may each be longer have no end of ways to fit.
  const stretch = () => (lost + kept === 0 ? "" : `[?_]{${lost + kept},${2 * lost + kept}}`);
  for (const sign of signs) {
    if (!narrow.test(sign)) lost += 1;
    else if (sign === "?" || sign === "_") kept += 1;
    else {
      pattern += stretch() + sign.replace(/[\\^$.*+()[\]{}|/]/, "\\$&");
      lost = 0;
      kept = 0;
    }
  }
  return new RegExp(`^${pattern}${stretch()}$`, "u").test(returned);
}

function hasLostLetters(given: string, returned: string): boolean {
  return /[?_]{2}|\ufffd/u.test(returned) && [...given].some((sign) => !narrow.test(sign));
}

/** `00123` as `123`. */
function isWithoutZeros(given: string, returned: string): boolean {
  return /^0+\d+$/.test(given) && returned === given.replace(/^0+(?=\d)/, "");
}

/** `919810012345` as `9.1981E+11`. */
function isRounded(given: string, returned: string): boolean {
  if (!/^\d{12,}$/.test(given) || !/^\d(?:[.,]\d+)?E\+\d+$/i.test(returned)) return false;
  const digits = returned.replace(/E.*$/i, "").replace(/\D/g, "").length;
  return (
    Number(given).toPrecision(digits) === Number(returned.replace(",", ".")).toPrecision(digits)
  );
}
