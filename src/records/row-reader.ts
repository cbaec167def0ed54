/** A field map bound to the columns of one file: canonical field -> the text a row has for it. */
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import { ageAndSex } from "./age-and-sex.ts";
import { cellText, isNothing, withoutFraction } from "./cell-text.ts";
import type { EventMap, FieldMap, FieldSource, MapField } from "./field-map.ts";
import { maxLineLength } from "./text-limit.ts";

/** The text of one field in one row: trimmed, translated by `values:`; null when blank. */
export type CellReader = (cells: readonly string[]) => string | null;

export interface BoundField {
  readonly source: FieldSource;
  /** The column's header as people know it, for problems; null for a constant. */
  readonly column: string | null;
  /** Positions of the columns the text is read from; none for a constant. */
  readonly positions: readonly number[];
  readonly read: CellReader;
}

export type BoundMap = { readonly [Field in MapField]?: BoundField };

/** Binds a map to a header. The reasons are the columns that the header lacks. Columns compare without case and spacing. */
export function bindFieldMap(
  map: FieldMap | EventMap,
  columns: readonly string[],
): Parsed<BoundMap, string> {
  const positionOf = new Map(columns.map((column, position) => [columnKey(column), position]));
  const missing: string[] = [];
  const bound: { [Field in MapField]?: BoundField } = {};
  for (const [field, source] of Object.entries(map) as [MapField, FieldSource | undefined][]) {
    if (source === undefined) continue;
    const names = source.column === undefined ? (source.columns ?? []) : [source.column];
    const positions = names.map((name) => positionOf.get(columnKey(name)) ?? -1);
    missing.push(...names.filter((_, index) => positions[index] === -1));
    bound[field] = {
      source,
      column: names[0] ?? null,
      positions,
      read: cellReader(field, source, { positions, part: partOf(field, map) }),
    };
  }
  return missing.length === 0 ? parsed(bound) : unparsed(...new Set(missing));
}

/** Two spellings of one header: case, spacing and Unicode form do not tell columns apart. */
export function columnKey(column: string): string {
  return column.normalize("NFC").replace(/\s+/g, " ").trim().toLowerCase();
}

/** Of a column that age and sex share, each takes its own. */
function partOf(
  field: MapField,
  { age, sex }: Readonly<Partial<Record<MapField, FieldSource | undefined>>>,
): "age" | "sex" | null {
  if (field !== "age" && field !== "sex") return null;
  if (age?.column === undefined || sex?.column === undefined) return null;
  return columnKey(age.column) === columnKey(sex.column) ? field : null;
}

interface Place {
  readonly positions: readonly number[];
  readonly part: "age" | "sex" | null;
}

function cellReader(field: MapField, source: FieldSource, { positions, part }: Place): CellReader {
  const values =
    source.values === undefined
      ? null
      : new Map(Object.entries(source.values).map(([code, meaning]) => [columnKey(code), meaning]));
  // No code is longer than a line, and what cannot be one is not worth folding.
  const translate = (text: string): string | null => {
    const meaning = text.length > maxLineLength ? undefined : values?.get(columnKey(text));
    if (meaning !== undefined) return meaning;
    return isNothing(text, field) ? (values?.get("") ?? null) : withoutFraction(text, field);
  };
  if (source.value !== undefined) {
    const constant = source.value;
    return () => constant;
  }
  const [only] = positions;
  if (positions.length === 1 && only !== undefined) {
    if (part !== null)
      return (cells) => translate(ageAndSex(cellText(cells[only] ?? ""))[part] ?? "");
    return (cells) => translate(cellText(cells[only] ?? ""));
  }
  return (cells) => {
    const parts = positions
      .map((position) => cellText(cells[position] ?? ""))
      .filter((part) => !isNothing(part, field));
    return parts.length === 0 ? null : translate(parts.join(source.join));
  };
}
