/** What keeps a file out whole: too many refused records, too few records at all, or another layout than was agreed on. */
import { HimsError } from "../platform/errors.ts";
import { maskedLine } from "../records/normalize-name.ts";
import { columnKey } from "../records/row-reader.ts";

/** Limits of one file; null: that gate is open. */
export interface GateLimits {
  /** Percent of records that may be refused. */
  readonly maxQuarantine: number | null;
  /** Fewest records. */
  readonly minRows: number | null;
  /** Percent below the median of recent files. */
  readonly maxDrop: number | null;
}

export const openGates: GateLimits = { maxQuarantine: null, minRows: null, maxDrop: null };

/** So many of the latest files say how large one is expected to be. */
export const recentFiles = 5;

export interface FileNumbers {
  readonly read: number;
  readonly quarantined: number;
  /** Records of recent files of the same kind, newest first. */
  readonly recent: readonly number[];
}

/** @throws HimsError kind `gate`, with what would pass */
export function checkGates(numbers: FileNumbers, limits: GateLimits, file: string): void {
  const tripped =
    fewRows(numbers, limits) ?? dropped(numbers, limits) ?? manyRefused(numbers, limits);
  if (tripped === null) return;
  const { code, message, hint } = tripped;
  throw new HimsError(code, {
    kind: "gate",
    message,
    hint: `Nothing of this file was committed. ${hint}`,
    at: { file },
  });
}

interface Tripped {
  readonly code: `HIMS_GATE_${string}`;
  readonly message: string;
  readonly hint: string;
}

function manyRefused({ read, quarantined }: FileNumbers, limits: GateLimits): Tripped | null {
  const percent = read === 0 ? 0 : (quarantined / read) * 100;
  if (limits.maxQuarantine === null || percent <= limits.maxQuarantine) return null;
  return {
    code: "HIMS_GATE_QUARANTINE",
    message: `${quarantined} of ${read} records are refused (${percent.toFixed(2)} %), more than ${limits.maxQuarantine} %`,
    hint: `Mend the export or the field map; --max-quarantine ${Math.ceil(percent)} would pass.`,
  };
}

function fewRows({ read }: FileNumbers, { minRows }: GateLimits): Tripped | null {
  if (minRows === null || read >= minRows) return null;
  return {
    code: "HIMS_GATE_ROWS",
    message: `the file has ${read} records, fewer than ${minRows}`,
    hint: `Have it exported whole; if it is, --min-rows ${read} would pass.`,
  };
}

function dropped({ read, recent }: FileNumbers, { maxDrop }: GateLimits): Tripped | null {
  const usual = median(recent);
  if (maxDrop === null || usual === null) return null;
  const percent = ((usual - read) / usual) * 100;
  if (percent <= maxDrop) return null;
  return {
    code: "HIMS_GATE_DROP",
    message: `the file has ${read} records, ${percent.toFixed(2)} % fewer than the ${usual} of recent files (median of ${recent.length}), more than ${maxDrop} %`,
    hint: `Have it exported whole; if it is, --max-drop ${Math.ceil(percent)} would pass.`,
  };
}

/** Null of nothing. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** The layout a facility has agreed to (`expect:` of a pipeline file). */
export interface LayoutContract {
  readonly columns: readonly string[];
  readonly extra: "allow" | "warn" | "refuse";
  readonly missing: "refuse" | "warn";
}

export interface LayoutDifference {
  /** Columns that were agreed on and are not there. */
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  /** A missing and an extra column at the same place: perhaps one column under another name. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  /** Agreed columns that stand in another order. That harms nothing: columns are found by their names. */
  readonly reordered: readonly string[];
}

/** Compares as columns are found: without case, spacing and Unicode form. */
export function compareLayout(
  contract: LayoutContract,
  columns: readonly string[],
): LayoutDifference {
  const found = columns.map(columnKey);
  const agreed = contract.columns.map(columnKey);
  const missing = contract.columns.filter((column) => !found.includes(columnKey(column)));
  const extra = columns.filter((column) => !agreed.includes(columnKey(column)));
  const renamed = missing.flatMap((from) => {
    const to = columns[agreed.indexOf(columnKey(from))];
    return to !== undefined && extra.includes(to) ? [{ from, to }] : [];
  });
  const common = contract.columns.filter((column) => found.includes(columnKey(column)));
  const inFile = common.toSorted(
    (a, b) => found.indexOf(columnKey(a)) - found.indexOf(columnKey(b)),
  );
  return { missing, extra, renamed, reordered: common.filter((name, at) => inFile[at] !== name) };
}

/**
 * Holds a file's header against the contract.
 * @returns warnings, one for each column, as `layout_missing:NAME`, `layout_extra:NAME`, and `layout_reordered`
 * @throws HimsError HIMS_GATE_LAYOUT naming the columns
 */
export function checkLayout(
  contract: LayoutContract,
  columns: readonly string[],
  file: string,
): readonly string[] {
  const { missing, extra, renamed, reordered } = compareLayout(contract, columns);
  const isRefused =
    (missing.length > 0 && contract.missing === "refuse") ||
    (extra.length > 0 && contract.extra === "refuse");
  if (isRefused) {
    const parts = [
      missing.length === 0 ? "" : `lacks ${named(missing)}`,
      extra.length === 0 || contract.extra === "allow" ? "" : `has also ${named(extra)}`,
      ...renamed.map(({ from, to }) => `${named([from])} may now be called ${named([to])}`),
    ];
    throw new HimsError("HIMS_GATE_LAYOUT", {
      kind: "gate",
      message: `the layout is not the agreed one: the file ${parts.filter((part) => part !== "").join("; ")}`,
      hint: "Nothing of this file was committed. Have the old layout back, or change `expect:` (and `fields:`) of the pipeline file; `missing: warn` or `extra: warn` there would pass.",
      at: { file, line: 1 },
    });
  }
  return [
    ...missing.map((column) => `layout_missing:${shown(column)}`),
    ...(contract.extra === "warn" ? extra.map((column) => `layout_extra:${shown(column)}`) : []),
    ...(reordered.length > 0 ? ["layout_reordered"] : []),
  ];
}

const shownLength = 60;

function named(columns: readonly string[]): string {
  return columns.map((column) => JSON.stringify(shown(column))).join(", ");
}

/** A header is no patient's, and still nothing Aadhaar-shaped or endless may come of it. */
function shown(column: string): string {
  return maskedLine(column).slice(0, shownLength);
}
