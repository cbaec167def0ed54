/** DD/MM or MM/DD: told by dates that can be only one of them, never guessed. */
import { HimsError } from "../platform/errors.ts";
import type { DateOrder } from "../records/field-map.ts";
import type { ColumnProfile } from "./column-profile.ts";

/** In which order the dates of an export are written. */
export interface DateOrderFinding {
  readonly order: DateOrder;
  /** Columns written otherwise than the rest: column -> format for the pipeline file. */
  readonly formats: ReadonlyMap<string, string>;
  /** Why, in words for the pipeline file; no values. */
  readonly evidence: string;
}

const formatOf: Readonly<Record<DateOrder, string>> = {
  dmy: "DD/MM/YYYY",
  mdy: "MM/DD/YYYY",
  ymd: "YYYY/MM/DD",
};

/** A few contrary dates among many are slips of single rows. */
const slipShare = 0.02;

/**
 * The order all dates of the file are read in, with exceptions for columns that prove another.
 * @param columns every column of dates, mapped or not: the evidence of one serves all
 * @param mapped those whose dates will be read
 * @param given `--date-order`
 * @throws HimsError HIMS_ONBOARD_DATE_ORDER when nothing tells, or a column says both
 */
export function findDateOrder(
  columns: readonly ColumnProfile[],
  mapped: ReadonlySet<string>,
  given: DateOrder | null,
): DateOrderFinding {
  const proofs = new Map(columns.map((profile) => [profile.column, proofOf(profile)]));
  if (given !== null)
    return { order: given, formats: new Map(), evidence: "given by --date-order" };
  for (const profile of columns) {
    if (mapped.has(profile.column) && proofs.get(profile.column) === "both")
      throw unclear(
        `the dates of the column ${JSON.stringify(profile.column)} are written in both orders`,
      );
  }
  const firsts = [...proofs].filter(([, proof]) => proof === "dmy").map(([column]) => column);
  const seconds = [...proofs].filter(([, proof]) => proof === "mdy").map(([column]) => column);
  const open = columns.filter(
    ({ column, dates }) => mapped.has(column) && proofs.get(column) === null && dates.either > 0,
  );
  const [unproved] = open;
  if (unproved !== undefined && firsts.length > 0 === seconds.length > 0) {
    throw unclear(
      `nothing tells whether the dates of the column ${JSON.stringify(unproved.column)} begin with the day or the month`,
    );
  }
  const order: DateOrder = seconds.length > 0 && firsts.length === 0 ? "mdy" : "dmy";
  const exceptions = order === "dmy" ? seconds : [];
  return {
    order,
    formats: new Map(exceptions.map((column) => [column, formatOf.mdy])),
    evidence: evidenceOf(order, order === "dmy" ? firsts : seconds),
  };
}

/** A warning where `--date-order` goes against what the dates of a column say; null otherwise. */
export function contradiction(
  columns: readonly ColumnProfile[],
  given: DateOrder | null,
): string | null {
  if (given === null) return null;
  const other = columns.find((profile) => {
    const proof = proofOf(profile);
    return proof !== null && proof !== given;
  });
  return other === undefined
    ? null
    : `--date-order ${given} is not how the dates of the column ${JSON.stringify(other.column)} are written`;
}

function proofOf({ dates }: ColumnProfile): "dmy" | "mdy" | "both" | null {
  const { dayFirst, monthFirst } = dates;
  const proving = dayFirst + monthFirst;
  if (proving === 0) return null;
  if (monthFirst <= proving * slipShare) return "dmy";
  return dayFirst <= proving * slipShare ? "mdy" : "both";
}

function evidenceOf(order: DateOrder, columns: readonly string[]): string {
  if (columns.length === 0)
    return "every date says its order itself, or both readings are the same";
  const names = columns.map((column) => JSON.stringify(column)).join(", ");
  return order === "dmy"
    ? `days above 12 stand first in ${names}`
    : `days above 12 stand second in ${names}`;
}

function unclear(message: string): HimsError {
  return new HimsError("HIMS_ONBOARD_DATE_ORDER", {
    kind: "usage",
    message,
    hint: "Ask the facility, then say it: --date-order dmy (31/12/2026) or --date-order mdy (12/31/2026).",
  });
}
