/**
 * How long the texts of a source may be. No hospital writes longer ones; a file that does would break an index of the
 * store, or take a pattern the square of its length to refuse. All in UTF-16 code units.
 */

/** Patient numbers, visit numbers, codes, and who gave them: keys of indexes. */
export const maxIdentifierLength = 200;
/** Names, addresses, units and all other texts of one line. */
export const maxLineLength = 500;
/** Notes and values, which may hold a whole report. */
export const maxTextLength = 100_000;
/** Dates, ages, codes for sex and blood group: texts that are read, not kept. */
export const maxParsedLength = 64;
/** A cell or field of telephone numbers; it may hold several. */
export const maxPhonesLength = 200;

/** What to do about a text that is too long; the same for all of them. */
export const tooLongHint =
  "The text is far longer than any such value; look for a shifted column or a missing delimiter in the export.";
