/** A column that holds age and sex together is mapped to both fields: records divide its cells. */
import type { ColumnProfile } from "./column-profile.ts";
import type { MappedColumn } from "./mapping.ts";

const leastShare = 0.6;

/** Whether age and sex stand together in most cells. */
export function holdsAgeAndSex({ shares }: ColumnProfile): boolean {
  return shares.ageAndSex >= leastShare;
}

/** The mapping with both fields for the one such column, where no other column gives either of them. */
export function withAgeAndSex(
  mapping: readonly MappedColumn[],
  profiles: readonly ColumnProfile[],
): readonly MappedColumn[] {
  const [found, ...others] = profiles.filter(holdsAgeAndSex);
  if (found === undefined || others.length > 0) return mapping;
  const isOfBoth = ({ field }: MappedColumn) => field === "age" || field === "sex";
  const { column } = found;
  const rest = mapping.filter((mapped) => mapped.column !== column || !isOfBoth(mapped));
  if (rest.some((mapped) => isOfBoth(mapped) || mapped.column === column)) return mapping;
  const confidence = Math.round(found.shares.ageAndSex * 90) / 100;
  const both = (["age", "sex"] as const).map((field) => ({
    column,
    field,
    confidence,
    against: null,
  }));
  const order = profiles.map((profile) => profile.column);
  return [...rest, ...both].sort((a, b) => order.indexOf(a.column) - order.indexOf(b.column));
}
