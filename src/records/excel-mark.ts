/**
 * What a spreadsheet itself knows to be damaged is told in its text, as spreadsheets tell errors (`#REF!`): a clerk
 * sees it, it survives saving anew, and no patient number begins so.
 */

/** Before a number of a column whose texts have a fixed width and leading zeros: `#ZEROS!123`. */
export const lostZerosMark = "#ZEROS!";
/** Before a date in a column of numbers: `#DATE!2026-03-12` was typed as `12-3`. */
export const dateMark = "#DATE!";
