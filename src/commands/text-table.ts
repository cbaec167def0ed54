/** Rows for people: columns as wide as their widest cell, two spaces between, numbers to the right. */
import { visibleLine } from "../platform/visible-text.ts";

type Cell = string | number | null;

/** @param rows the first is the header; null shows as `-` */
export function textTable(rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map(cellText));
  const widths = (texts[0] ?? []).map((_, column) =>
    Math.max(...texts.map((row) => row[column]?.length ?? 0)),
  );
  const isNumeric = widths.map((_, column) =>
    rows.slice(1).every((row) => typeof row[column] === "number"),
  );
  return texts
    .map((row) =>
      row
        .map((text, column) => {
          const width = widths[column] ?? 0;
          return isNumeric[column] === true ? text.padStart(width) : text.padEnd(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `41 237`: groups of three, apart. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
}

function cellText(cell: Cell): string {
  if (cell === null) return "-";
  return typeof cell === "number" ? grouped(cell) : visibleLine(cell);
}
