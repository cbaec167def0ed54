/** One hospital's patient list as CSV: 15 columns, one row a person, the same bytes for the same number of rows. */
import type { IsoDate } from "../../src/platform/ids.ts";
import { asDmy, asIso, dateOf } from "../../src/synthetic/calendar.ts";
import { peopleOf, registrationsOf } from "../../src/synthetic/population.ts";
import { writtenRecord } from "../../src/synthetic/written-record.ts";

const seed = 24;
/** The day the export was made. */
const today = "2026-11-01" as IsoDate;

export const exportColumns = [
  "mrn",
  "seen_at",
  "name",
  "name_local",
  "relation_name",
  "sex",
  "birth_date",
  "age",
  "phone",
  "abha",
  "address",
  "locality",
  "district",
  "pin",
  "blood_group",
] as const;

/** The pipeline file that reads it. */
export function exportPipeline(fileName: string): string {
  return `version: 1
name: bench
facility: { id: BENCH, name: Bench hospital }
source: { type: csv, at: ${JSON.stringify(fileName)}, dateOrder: dmy }
record: patient
fields:
  mrn: mrn
  seenAt: { column: seen_at, format: YYYY-MM-DD }
  name: name
  nameLocal: name_local
  relationName: relation_name
  sex: sex
  birthDate: birth_date
  age: age
  phone: phone
  abhaNumber: { column: abha, bad: ignore }
  addressLine: address
  locality: locality
  district: district
  postalCode: pin
  bloodGroup: blood_group
`;
}

/** The header and `rows` rows, none of them broken. Every so many rows (0: none) the patient has moved to another house. */
export function* exportText(rows: number, movedEvery = 0): Generator<string> {
  yield `${exportColumns.join(",")}\n`;
  const options = { people: rows, seed, duplicates: 0, today };
  let number = 0;
  for (const person of peopleOf(options, 0)) {
    const [registration] = registrationsOf(options, person);
    if (registration === undefined) throw new Error("a person is registered somewhere");
    const record = writtenRecord(seed, registration);
    const { birth, home } = record;
    number += 1;
    yield lineOf([
      `BH${String(number).padStart(8, "0")}`,
      asIso(dateOf(record.seenDay)),
      record.name.full,
      record.name.local,
      record.relationName,
      record.sex,
      birth.kind === "date" ? asDmy(birth.date, "/") : "",
      birth.kind === "age" ? String(birth.years) : "",
      record.phone,
      record.abha,
      movedEvery > 0 && number % movedEvery === 0
        ? `New ${home.house}, ${home.street}`
        : `${home.house}, ${home.street}`,
      home.place.locality,
      home.place.district,
      home.place.pinCode,
      record.bloodGroup,
    ]);
  }
}

function lineOf(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\n`;
}
