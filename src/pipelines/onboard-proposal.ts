/** From what was found in a source to a pipeline: mapping, date order, swaps put right, and what an operator should know. */
import { withAgeAndSex } from "../onboarding/age-and-sex-column.ts";
import { type ColumnProfile, profileColumn } from "../onboarding/column-profile.ts";
import { holdsDates } from "../onboarding/content-evidence.ts";
import { contradiction, type DateOrderFinding, findDateOrder } from "../onboarding/date-order.ts";
import { type MappedColumn, type Mapping, proposeMapping } from "../onboarding/mapping.ts";
import { findSwaps, type Swap, withoutSwaps, withRelative } from "../onboarding/swap-warning.ts";
import { HimsError } from "../platform/errors.ts";
import type { IsoDate } from "../platform/ids.ts";
import { maskAadhaar } from "../records/aadhaar.ts";
import type { DateOrder, MapField } from "../records/field-map.ts";
import { type MappedField, pipelineFields } from "./onboard-fields.ts";
import type { CsvSample } from "./onboard-sample.ts";

/** What is proposed for a CSV source. No patient's value in it. */
export interface CsvProposal {
  readonly mapping: Mapping;
  readonly profiles: ReadonlyMap<string, ColumnProfile>;
  readonly dateOrder: DateOrderFinding;
  readonly swaps: readonly Swap[];
  readonly fields: readonly MappedField[];
  readonly warnings: readonly string[];
}

export interface ProposalOptions {
  readonly today: IsoDate;
  readonly dateOrder: DateOrder | null;
  /** `--column field=column`. */
  readonly fixed: ReadonlyMap<MapField, string>;
}

/** @throws HimsError HIMS_ONBOARD_PATIENT_NUMBER, HIMS_ONBOARD_DATE_ORDER */
export function proposeCsv(sample: CsvSample, options: ProposalOptions): CsvProposal {
  const { columns, rows } = sample;
  const profiles = columns.map((column, position) =>
    profileColumn(
      column,
      rows.map((row) => row[position] ?? ""),
      options.today,
    ),
  );
  const byColumn = new Map(profiles.map((profile) => [profile.column, profile]));
  const hasHeader = sample.headerLine !== null;
  const first = proposeMapping(profiles.filter(isMappable), { hasHeader, fixed: options.fixed });
  const look = { rows, columns, today: options.today, dateOrder: options.dateOrder ?? "dmy" };
  const related = hasHeader
    ? first.columns
    : withRelative(first.columns, likePeople(first, byColumn), look);
  const found = withAgeAndSex(related, profiles.filter(isMappable));
  const swaps = findSwaps(found, look);
  const mapping = {
    ...first,
    columns: withoutSwaps(found, swaps),
    unmapped: unmappedOf(found, columns),
  };
  requirePatientNumber(mapping, columns);
  const dateOrder = orderOf(profiles, mapping.columns, options.dateOrder);
  const contrary = contradiction(profiles.filter(isDateColumn), options.dateOrder);
  return {
    mapping,
    profiles: byColumn,
    dateOrder,
    swaps,
    fields: pipelineFields(mapping, byColumn, dateOrder),
    warnings: [
      ...(contrary === null ? [] : [contrary]),
      ...swaps.map(swapText),
      ...contraryHeaders(mapping, swaps),
      ...numberWarnings(mapping, byColumn),
      ...cellWarnings(profiles, mapping),
      ...fontWarnings(profiles),
      ...(sample.isEncodingMixed
        ? ["the encoding changes in the middle: lines that are not UTF-8 are read as windows-1252"]
        : []),
    ],
  };
}

/** A reference to a secret would be looked up in the environment. */
function isMappable({ column }: ColumnProfile): boolean {
  return !column.includes("${");
}

/** Columns of names that found no field. */
function likePeople(
  { unmapped }: Mapping,
  profiles: ReadonlyMap<string, ColumnProfile>,
): readonly string[] {
  return unmapped.filter((column) => {
    const shares = profiles.get(column)?.shares;
    return shares !== undefined && shares.person > 0.75 && shares.knownName > 0.35;
  });
}

function unmappedOf(
  mapped: readonly MappedColumn[],
  columns: readonly string[],
): readonly string[] {
  const taken = new Set(mapped.map(({ column }) => column));
  return columns.filter((column) => !taken.has(column));
}

function isDateColumn(profile: ColumnProfile): boolean {
  return holdsDates(profile) && profile.dates.share >= 0.3;
}

const dateFields: ReadonlySet<MapField> = new Set([
  "birthDate",
  "seenAt",
  "at",
  "endAt",
  "dueAt",
  "deceasedAt",
]);

function orderOf(
  profiles: readonly ColumnProfile[],
  mapped: readonly MappedColumn[],
  given: DateOrder | null,
): DateOrderFinding {
  const dated = new Set(
    mapped.filter(({ field }) => dateFields.has(field)).map(({ column }) => column),
  );
  const columns = profiles.filter((profile) => isDateColumn(profile) || dated.has(profile.column));
  return findDateOrder(columns, dated, given);
}

function requirePatientNumber(mapping: Mapping, columns: readonly string[]): void {
  if (mapping.columns.some(({ field }) => field === "mrn")) return;
  const names = columns
    .slice(0, 40)
    .map((column) => JSON.stringify(maskAadhaar(column)))
    .join(", ");
  throw new HimsError("HIMS_ONBOARD_PATIENT_NUMBER", {
    kind: "usage",
    message: "no column holds the patient's number at this facility",
    hint: `Name it with --column mrn=COLUMN. The columns are: ${names}.`,
  });
}

function swapText({ columns, reason }: Swap): string {
  const [left, right] = columns.map((column) => JSON.stringify(column));
  return `the columns ${left} and ${right} seem to be swapped (${reason}); they are mapped by what they hold`;
}

/** A proved swap has words of its own. */
function contraryHeaders(mapping: Mapping, swaps: readonly Swap[]): readonly string[] {
  const told = new Set(swaps.flatMap(({ columns }) => columns));
  return mapping.columns.flatMap(({ column, field, against }) =>
    against === null || against === field || told.has(column)
      ? []
      : [
          `the column ${JSON.stringify(column)} does not hold what its header says; it is mapped to ${field}`,
        ],
  );
}

/** What no map can mend: the facility must export it otherwise. */
function cellWarnings(
  profiles: readonly ColumnProfile[],
  { unmapped }: Mapping,
): readonly string[] {
  return profiles.flatMap(({ column, shares }) => [
    ...(shares.ageAndSex > 0.5 && unmapped.includes(column)
      ? [
          `the column ${JSON.stringify(column)} holds age and sex together and is not mapped; ask for two columns`,
        ]
      : []),
    ...(shares.damaged > 0.02
      ? [
          `the column ${JSON.stringify(column)} holds numbers that a spreadsheet has damaged (9.81E+09)`,
        ]
      : []),
  ]);
}

function fontWarnings(profiles: readonly ColumnProfile[]): readonly string[] {
  return profiles
    .filter(({ isKrutiDev }) => isKrutiDev)
    .map(
      ({ column }) =>
        `the column ${JSON.stringify(column)} looks like Hindi typed for the Kruti Dev font, which is not Unicode`,
    );
}

function numberWarnings(
  mapping: Mapping,
  profiles: ReadonlyMap<string, ColumnProfile>,
): readonly string[] {
  const mrn = mapping.columns.find(({ field }) => field === "mrn");
  const profile = profiles.get(mrn?.column ?? "");
  if (profile === undefined) return [];
  const warnings: string[] = [];
  const name = JSON.stringify(profile.column);
  if (profile.blankRate > 0.01)
    warnings.push(
      `${Math.ceil(profile.blankRate * 100)} % of the rows have no patient number in ${name}`,
    );
  if (profile.shares.phone > 0.8)
    warnings.push(`the patient numbers in ${name} look like mobile numbers`);
  const isRegister = mapping.eventKind === null;
  if (profile.distinctRate < 0.9 && isRegister) {
    const other = [...profiles.values()].find(
      (candidate) =>
        candidate.column !== profile.column &&
        candidate.distinctRate > 0.99 &&
        candidate.blankRate < 0.01 &&
        candidate.shares.identifier > 0.9 &&
        !candidate.isSerial,
    );
    const instead = other === undefined ? "" : `; ${JSON.stringify(other.column)} is unique`;
    warnings.push(`patient numbers in ${name} stand in several rows${instead}`);
  }
  return warnings;
}
