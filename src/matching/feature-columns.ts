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
  const builder = new FeatureColumnsBuilder();
  const inOrder = [...records].sort((a, b) => (a.recordId < b.recordId ? -1 : 1));
  for (const record of inOrder) builder.add(record);
  return builder.build();
}

function emptyArrays(capacity: number) {
  return {
    recordId: new BigInt64Array(capacity),
    name: new Int32Array(capacity),
    givenName: new Int32Array(capacity),
    sex: new Uint8Array(capacity),
    birthDate: new Int32Array(capacity),
    birthPrecision: new Uint8Array(capacity),
    phone: new Int32Array(capacity),
    abha: new Float64Array(capacity),
  };
}

/** Takes records as they stream out of the store, in ascending order of record id; only columns stay in memory. */
export class FeatureColumnsBuilder {
  private readonly names = new Dictionary();
  private readonly givenNames = new Dictionary();
  private readonly phones = new Dictionary();
  private arrays = emptyArrays(1_024);
  private size = 0;

  /** @throws when the record does not come after the one before: a record id stands for one record */
  add(record: RecordFeatures): void {
    const at = this.size;
    if (at > 0 && record.recordId <= (this.arrays.recordId[at - 1] ?? 0n)) {
      throw new Error("records must come in ascending order of their ids");
    }
    if (at === this.arrays.recordId.length) this.grow();
    this.size += 1;
    const { arrays } = this;
    const tokens = nameTokensForMatching(record);
    arrays.recordId[at] = record.recordId;
    arrays.name[at] = this.names.code(nameKey(tokens));
    arrays.givenName[at] = this.givenNames.code(tokens[0] ?? null);
    arrays.sex[at] = record.sex === null ? 0 : sexCodes[record.sex];
    arrays.birthDate[at] = dateNumber(record.birthDate);
    arrays.birthPrecision[at] =
      record.birthDate === null ? 0 : precisionCodes[record.birthDate.precision];
    arrays.phone[at] = this.phones.code(record.phones[0] ?? null);
    arrays.abha[at] = record.abhaNumbers.length === 1 ? Number(record.abhaNumbers[0]) : 0;
  }

  private grow(): void {
    const larger = emptyArrays(this.size * 2);
    larger.recordId.set(this.arrays.recordId);
    for (const column of numberColumns) larger[column].set(this.arrays[column]);
    this.arrays = larger;
  }

  build(): FeatureColumns {
    const { size, arrays } = this;
    return {
      size,
      recordId: arrays.recordId.subarray(0, size),
      name: arrays.name.subarray(0, size),
      givenName: arrays.givenName.subarray(0, size),
      sex: arrays.sex.subarray(0, size),
      birthDate: arrays.birthDate.subarray(0, size),
      birthPrecision: arrays.birthPrecision.subarray(0, size),
      phone: arrays.phone.subarray(0, size),
      abha: arrays.abha.subarray(0, size),
      names: this.names.values,
      givenNames: this.givenNames.values,
      phones: this.phones.values,
    };
  }
}

const numberColumns = [
  "name",
  "givenName",
  "sex",
  "birthDate",
  "birthPrecision",
  "phone",
  "abha",
] as const;

function dateNumber(birthDate: BirthDate | null): number {
  return birthDate === null ? -1 : Number(birthDate.date.replaceAll("-", ""));
}
