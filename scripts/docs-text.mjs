// Markdown pieces that the generated pages share.

/** @param rows cells as Markdown; a bar in a cell is escaped */
export function table(heads, rows) {
  const rule = heads.map(() => "---");
  return [heads, rule, ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
}

function cell(text) {
  return text.replaceAll("\n", " ").replaceAll("|", "\\|").trim();
}
