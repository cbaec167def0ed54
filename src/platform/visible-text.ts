/**
 * Text of others on our terminal. A file name, a record number or a label may hold escape sequences, which set a terminal's
 * title, move its cursor or paint over lines, and controls that turn the direction of writing.
 */

// Tab and newline are left to layout: see visibleLine.
const control = /[^\P{Cc}\t\n]|[\p{Bidi_Control}\u2028\u2029]/gu;

/** Shows control characters and bidi controls as `\x1b` or `\u202e`; newlines and tabs stay. */
export function visibleText(text: string): string {
  return text.replace(control, escaped);
}

/** As visibleText, for a text that must stay on its line: newlines and tabs are shown too. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/** JSON escapes the lower control characters itself; this does the others, so that a parser still reads the same text. */
export function visibleJson(json: string): string {
  return json.replace(
    control,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function escaped(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
}
