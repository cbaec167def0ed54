/**
 * The matching seam (design decision 11): source records as typed columns, sorted by record id. Names and phones are
 * coded by dictionaries, so that most comparisons are of integers. No database is needed to build or to link them.
 */
import type { RecordId } from "../platform/ids.ts";
import type { BirthDate, Sex } from "../records/patient-record.ts";
import { type NameParts, nameKey, nameTokensForMatching } from "./name-key.ts";

/** What matching looks at in one record. */
export interface RecordFeatures extends NameParts {
  readonly recordId: RecordId;
  readonly sex: Sex | null;
  readonly birthDate: BirthDate | null;
  readonly phones: readonly string[];
  /** 14 digits. */
  readonly abhaNumbers: readonly string[];
}

/** `-1` (or 0 for sex, precision and ABHA) means: not known. All columns have `size` entries, one a record. */
export interface FeatureColumns {
  readonly size: number;
  readonly recordId: BigInt64Array;
  /** Index into `names`: all tokens of the name in one order, so that swapped names are one. */
  readonly name: Int32Array;
  readonly names: readonly string[];
  /** Index into `givenNames`: the first token as written. */
  readonly givenName: Int32Array;
  readonly givenNames: readonly string[];
  /** 1 male, 2 female, 3 other. */
  readonly sex: Uint8Array;
  /** YYYYMMDD as a number. */
  readonly birthDate: Int32Array;
  /** 1 day, 2 month, 3 year, 4 estimated. */
  readonly birthPrecision: Uint8Array;
  /** Index into `phones` of the preferred number. */
  readonly phone: Int32Array;
  readonly phones: readonly string[];
  /** 14 digits fit a double exactly. A record that claims two numbers carries none. */
  readonly abha: Float64Array;
}

const sexCodes: Readonly<Record<Sex, number>> = { male: 1, female: 2, other: 3 };
const precisionCodes: Readonly<Record<BirthDate["precision"], number>> = {
  day: 1,
  month: 2,
  year: 3,
  estimated: 4,
};

class Dictionary {
  readonly values: string[] = [];
  private readonly codes = new Map<string, number>();

  code(value: string | null): number {
    if (value === null || value === "") return -1;
    const known = this.codes.get(value);
    if (known !== undefined) return known;
    this.codes.set(value, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** Builds columns from records in any order; the columns are in order of record id. */
export function buildFeatureColumns(records: readonly RecordFeatures[]): FeatureColumns {
  const sorted = [...records].sort((a, b) =>
    a.recordId < b.recordId ? -1 : a.recordId > b.recordId ? 1 : 0,
  );
  const size = sorted.length;
  const names = new Dictionary();
  const givenNames = new Dictionary();
  const phones = new Dictionary();
  const columns = {
    recordId: new BigInt64Array(size),
    name: new Int32Array(size),
    givenName: new Int32Array(size),
    sex: new Uint8Array(size),
    birthDate: new Int32Array(size),
    birthPrecision: new Uint8Array(size),
    phone: new Int32Array(size),
    abha: new Float64Array(size),
  };
  for (const [index, record] of sorted.entries()) {
    const tokens = nameTokensForMatching(record);
    columns.recordId[index] = record.recordId;
    columns.name[index] = names.code(nameKey(tokens));
    columns.givenName[index] = givenNames.code(tokens[0] ?? null);
    columns.sex[index] = record.sex === null ? 0 : sexCodes[record.sex];
    columns.birthDate[index] =
      record.birthDate === null ? -1 : Number(record.birthDate.date.replaceAll("-", ""));
    columns.birthPrecision[index] =
      record.birthDate === null ? 0 : precisionCodes[record.birthDate.precision];
    columns.phone[index] = phones.code(record.phones[0] ?? null);
    columns.abha[index] = record.abhaNumbers.length === 1 ? Number(record.abhaNumbers[0]) : 0;
  }
  return {
    size,
    ...columns,
    names: names.values,
    givenNames: givenNames.values,
    phones: phones.values,
  };
}
