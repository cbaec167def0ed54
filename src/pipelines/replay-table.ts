/** The text that a replay reads: rows of one source file in its own columns, each on the line where the clerk's file has it. */

export interface ReplayTable {
  readonly columns: readonly string[];
  /** False for exports without a header: then no line is one. */
  readonly hasHeader: boolean;
  /** In order of their lines, which are 1-based and each row's own. */
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[] }[];
}

/** UTF-8, commas, every cell quoted and of one line; blank lines where the clerk's file has rows of no concern here. */
export function replayText({ columns, hasHeader, rows }: ReplayTable): string {
  const lines: string[] = hasHeader ? [lineOf(columns)] : [];
  for (const { line, cells } of rows) {
    if (line <= lines.length) throw new Error("two replayed rows stand on one line");
    while (lines.length < line - 1) lines.push("");
    lines.push(lineOf(cells));
  }
  return `${lines.join("\n")}\n`;
}

function lineOf(cells: readonly string[]): string {
  return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",");
}
