/** Which of the first lines of a file is its header, and what divides its cells: the one that names most mapped columns. */
import { columnKey } from "../records/row-reader.ts";
import type { CsvLine } from "./csv-lines.ts";
import { RecordAssembler } from "./csv-records.ts";

export interface Header {
  readonly delimiter: string;
  /** Indexes of its lines among the first lines: from `firstLine` up to, not including, `endLine`; both 0 for no header. */
  readonly firstLine: number;
  readonly endLine: number;
  /** Names of their own: duplicates become `Name (2)`, blank ones their position. */
  readonly columns: readonly string[];
}

export interface HeaderOptions {
  readonly delimiter: "auto" | "," | ";" | "\t" | "|";
  /** `auto`, `none`, or the 1-based line where the header begins or ends. */
  readonly header: "auto" | "none" | number;
}

interface Candidate extends Header {
  /** How many mapped columns it names. */
  readonly score: number;
  /** Its quotes are broken, and were left out to read it. */
  readonly isMended: boolean;
}

/** Null when no sound line names a mapped column (or none is there at all). `expected` are the columns' keys. */
export function findHeader(
  lines: readonly CsvLine[],
  options: HeaderOptions,
  expected: ReadonlySet<string>,
): Header | null {
  const delimiters = options.delimiter === "auto" ? [",", ";", "\t", "|"] : [options.delimiter];
  if (options.header === "none") return numberedHeader(lines, delimiters);
  const fixed = options.header === "auto" ? null : options.header;
  const candidates = delimiters
    .flatMap((delimiter) => candidatesOf(lines, delimiter, expected))
    .filter(({ firstLine, endLine }) => {
      if (fixed === null) return true;
      return lines.slice(firstLine, endLine).some(({ line }) => line === fixed);
    })
    .sort(
      (a, b) =>
        b.score - a.score ||
        Number(a.isMended) - Number(b.isMended) ||
        a.firstLine - b.firstLine ||
        (fixed === null ? 0 : b.columns.length - a.columns.length),
    );
  const [best] = candidates;
  return best === undefined || (best.score === 0 && fixed === null) ? null : best;
}

function candidatesOf(
  lines: readonly CsvLine[],
  delimiter: string,
  expected: ReadonlySet<string>,
): readonly Candidate[] {
  const assembler = new RecordAssembler(delimiter, null);
  const records = lines.flatMap((line) => [...assembler.add(line)]);
  const candidate = (cells: readonly string[], place: Pick<Header, "firstLine" | "endLine">) => {
    const score = [...new Set(cells.map(columnKey))].filter((key) => expected.has(key)).length;
    return { delimiter, ...place, columns: uniqueColumns(cells), score };
  };
  let at = 0;
  return [...records, ...assembler.end()].flatMap(({ lines: own, cells }) => {
    const firstLine = at;
    at += own.length;
    const isWhole = cells !== null && !isDamaged(own);
    const sound = isWhole ? candidate(cells, { firstLine, endLine: at }) : null;
    if (sound !== null && own.length === 1) return [{ ...sound, isMended: false }];
    // An unclosed quote would cost the whole file here, not a row, and a quote of a row below may seem to close it:
    // the names of each line are told without it.
    const mended = own.flatMap((line, index) => {
      if (isDamaged([line])) return [];
      const place = { firstLine: firstLine + index, endLine: firstLine + index + 1 };
      return [{ ...candidate(unquoted(line.text, delimiter), place), isMended: true }];
    });
    return sound === null ? mended : [{ ...sound, isMended: false }, ...mended];
  });
}

function isDamaged(lines: readonly CsvLine[]): boolean {
  return lines.some(({ damage }) => damage !== undefined);
}

function unquoted(text: string, delimiter: string): readonly string[] {
  return text.split(delimiter).map((cell) => cell.replaceAll('"', ""));
}

/** Columns 1, 2, 3 of a file without header: as many as most of its records have, with the delimiter that gives most. */
function numberedHeader(lines: readonly CsvLine[], delimiters: readonly string[]): Header | null {
  if (isDamaged(lines) && lines.every((line) => isDamaged([line]))) return null;
  const counted = delimiters.map((delimiter) => ({
    delimiter,
    cells: usualCells(lines, delimiter),
  }));
  const best = counted.sort((a, b) => b.cells - a.cells)[0] ?? { delimiter: ",", cells: 1 };
  const columns = Array.from({ length: best.cells }, (_, index) => String(index + 1));
  return { delimiter: best.delimiter, firstLine: 0, endLine: 0, columns };
}

/** How many cells most records have; of two numbers as frequent, the one that comes first. */
function usualCells(lines: readonly CsvLine[], delimiter: string): number {
  const assembler = new RecordAssembler(delimiter, null);
  const records = lines.flatMap((line) => [...assembler.add(line)]);
  const times = new Map<number, number>();
  for (const { cells, lines: own } of [...records, ...assembler.end()]) {
    if (cells === null || isDamaged(own) || cells.every((cell) => cell.trim() === "")) continue;
    times.set(cells.length, (times.get(cells.length) ?? 0) + 1);
  }
  const [most] = [...times].sort(([, m], [, n]) => n - m);
  return most?.[0] ?? 1;
}

/** Duplicate headers become `Name`, `Name (2)`; blank ones their position. */
export function uniqueColumns(cells: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const times = new Map<string, number>();
  return cells.map((cell, index) => {
    const name = cell.trim() === "" ? `(${index + 1})` : cell.replace(/\s+/g, " ").trim();
    let unique = name;
    const key = columnKey(name);
    for (let time = times.get(key) ?? 2; seen.has(columnKey(unique)); time += 1) {
      unique = `${name} (${time})`;
      times.set(key, time + 1);
    }
    seen.add(columnKey(unique));
    return unique;
  });
}
