/** Columns that hold each other's values: found by looking at them row by row, since each alone looks right. */
import type { IsoDate } from "../platform/ids.ts";
import type { DateOrder, MapField } from "../records/field-map.ts";
import { sexMeaning } from "./code-meaning.ts";
import { dateOf } from "./date-shape.ts";
import type { MappedColumn } from "./mapping.ts";
import { genderOfName, isSurname } from "./word-list.ts";

/** Two fields whose columns seem to be swapped. */
export interface Swap {
  readonly fields: readonly [MapField, MapField];
  readonly columns: readonly [string, string];
  /** What the rows say, for people; no values. */
  readonly reason: string;
}

export interface SwapRows {
  /** Sampled rows, as cells in the order of `columns`. */
  readonly rows: readonly (readonly string[])[];
  readonly columns: readonly string[];
  readonly today: IsoDate;
  readonly dateOrder: DateOrder;
}

/** Every swap the rows prove. */
export function findSwaps(mapping: readonly MappedColumn[], sample: SwapRows): readonly Swap[] {
  const look = new Look(mapping, sample);
  return [look.dates("seenAt"), look.dates("at"), look.relation(), look.givenAndFamily()].filter(
    (swap) => swap !== null,
  );
}

/** The mapping with the proved swaps put right. */
export function withoutSwaps(
  mapping: readonly MappedColumn[],
  swaps: readonly Swap[],
): readonly MappedColumn[] {
  const turned = new Map<string, MapField>();
  for (const { fields, columns } of swaps) {
    if (columns.some((column) => turned.has(column))) continue;
    turned.set(columns[0], fields[1]).set(columns[1], fields[0]);
  }
  return mapping.map((mapped) => {
    const field = turned.get(mapped.column);
    if (field === undefined) return mapped;
    return {
      ...mapped,
      field,
      against: mapped.field,
      confidence: Math.min(mapped.confidence, 0.7),
    };
  });
}

/** Fewer rows prove nothing. */
const leastRows = 5;

/**
 * The mapping of an export without headers with a relative's name, where rows of women tell it from their own.
 * @param candidates unmapped columns of names
 */
export function withRelative(
  mapping: readonly MappedColumn[],
  candidates: readonly string[],
  sample: SwapRows,
): readonly MappedColumn[] {
  const [column] = candidates;
  const isOpen = !mapping.some(({ field }) => field === "relationName");
  if (column === undefined || candidates.length > 1 || !isOpen) return mapping;
  const relative = { column, field: "relationName", confidence: 0.6, against: null } as const;
  const tried = [...mapping, relative];
  const { women, turned } = new Look(tried, sample).womensNames();
  if (women < leastWomen) return mapping;
  if (turned <= women * 0.2) return tried;
  return turned < women * 0.8 ? mapping : tried.map(exchanged);
}

const leastWomen = 3;

function exchanged(mapped: MappedColumn): MappedColumn {
  if (mapped.field === "name") return { ...mapped, field: "relationName" };
  return mapped.field === "relationName" ? { ...mapped, field: "name" } : mapped;
}

class Look {
  private readonly positions: ReadonlyMap<MapField, number>;
  private readonly sample: SwapRows;

  constructor(mapping: readonly MappedColumn[], sample: SwapRows) {
    this.sample = sample;
    this.positions = new Map(
      mapping.map(({ field, column }) => [field, sample.columns.indexOf(column)]),
    );
  }

  /** Nobody is seen before they are born. */
  dates(field: "seenAt" | "at"): Swap | null {
    const pairs = this.pairs("birthDate", field).flatMap(([birth, seen]) => {
      const { today, dateOrder } = this.sample;
      const left = dateOf(birth, dateOrder, today);
      const right = dateOf(seen, dateOrder, today);
      return left === null || right === null || left === right ? [] : [left > right];
    });
    const before = pairs.filter(Boolean).length;
    if (pairs.length < leastRows || before < pairs.length * 0.8) return null;
    return this.swap(
      "birthDate",
      field,
      "most patients would have been seen before they were born",
    );
  }

  /** A father or husband is no woman; a woman's own name seldom is a man's. */
  relation(): Swap | null {
    const pairs = this.pairs("name", "relationName");
    const marked = (texts: readonly string[]) =>
      texts.filter((text) => /^\s*(?:[sdwc]\s*\/\s*o\b|पुत्र|पुत्री|पत्नी)/iu.test(text)).length;
    const names = pairs.map(([name]) => name);
    const relatives = pairs.map(([, relative]) => relative);
    if (
      pairs.length >= leastRows &&
      marked(names) > pairs.length * 0.3 &&
      marked(relatives) < pairs.length * 0.05
    )
      return this.swap("name", "relationName", "S/o, D/o and W/o stand in the column of names");
    const { women, turned } = this.womensNames();
    if (women < leastRows || turned < women * 0.8) return null;
    return this.swap(
      "name",
      "relationName",
      "women have names of men, and their relatives names of women",
    );
  }

  /** Women whose name and whose relative's name tell different sexes, and those of them that bear the man's. */
  womensNames(): { readonly women: number; readonly turned: number } {
    const sexes = this.column("sex");
    const told = this.rowsOf("name", "relationName").flatMap(([name, relative], index) => {
      if (sexMeaning(sexes[index] ?? "") !== "female") return [];
      const own = genderOfName(name);
      const other = genderOfName(relative);
      return own === 0 || other === 0 || own === other ? [] : [own === -1];
    });
    return { women: told.length, turned: told.filter(Boolean).length };
  }

  givenAndFamily(): Swap | null {
    const pairs = this.pairs("givenName", "familyName");
    const inGiven = pairs.filter(([given]) => isSurname(given)).length;
    const inFamily = pairs.filter(([, family]) => isSurname(family)).length;
    if (pairs.length < leastRows || inGiven < pairs.length * 0.4 || inFamily > inGiven / 4)
      return null;
    return this.swap("givenName", "familyName", "family names stand in the column of given names");
  }

  private swap(left: MapField, right: MapField, reason: string): Swap {
    const { columns } = this.sample;
    const nameOf = (field: MapField) => columns[this.positions.get(field) ?? -1] ?? "";
    return { fields: [left, right], columns: [nameOf(left), nameOf(right)], reason };
  }

  private column(field: MapField): readonly string[] {
    const position = this.positions.get(field) ?? -1;
    return this.sample.rows.map((row) => row[position]?.trim() ?? "");
  }

  private rowsOf(left: MapField, right: MapField): readonly (readonly [string, string])[] {
    if (!this.positions.has(left) || !this.positions.has(right)) return [];
    const others = this.column(right);
    return this.column(left).map((text, index) => [text, others[index] ?? ""]);
  }

  /** Rows in which both fields are filled. */
  private pairs(left: MapField, right: MapField): readonly (readonly [string, string])[] {
    return this.rowsOf(left, right).filter(([one, other]) => one !== "" && other !== "");
  }
}
