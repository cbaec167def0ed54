/** The private polyclinic's patient list: semicolons, other column names, month first, addresses over several lines. */
import { asMdy, dateOf } from "./calendar.ts";
import { type CsvLayout, type CsvRow, csvText } from "./csv-table.ts";
import { sanjeevaniClinic } from "./facility-list.ts";
import type { Feed } from "./feed.ts";
import { patientBreakage } from "./patient-breakage.ts";
import { type Registration, registrationsAt } from "./population.ts";
import { keyOf, Random } from "./random.ts";
import type { SynthOptions } from "./synth-options.ts";
import { type WrittenRecord, writtenRecord } from "./written-record.ts";

const layout: CsvLayout = {
  delimiter: ";",
  lineEnd: "\n",
  header: [
    "Reg_ID",
    "Salutation",
    "First Name",
    "Last Name",
    "Sex Code",
    "Birth Dt",
    "Contact",
    "E-mail",
    "ABHA",
    "Residence",
    "City",
    "Zip",
    "First Visit",
  ],
  titles: [],
  pageRows: null,
  total: null,
  mrnColumn: "Reg_ID",
  impossibleBirth: { column: "Birth Dt", value: "02/31/1990" },
};

const sexes = { male: "1", female: "2", other: "3" } as const;

function emailOf(record: WrittenRecord, random: Random): string {
  if (!random.chance(0.2)) return "";
  const user = record.name.given.toLowerCase().replaceAll(/[^a-z]/g, "");
  return `${user}.${random.digits(3)}@example.com`;
}

function residenceOf({ home }: WrittenRecord, random: Random): string {
  const lines = [`${home.house}, ${home.street}`, home.place.locality];
  if (random.chance(0.2)) lines.splice(1, 0, `Near "${random.pick(["Metro", "Shiv"])}" Store`);
  return lines.join(random.chance(0.4) ? "\n" : ", ");
}

function rowOf(options: SynthOptions, registration: Registration): CsvRow {
  const record = writtenRecord(options.seed, registration);
  const { person, ordinal } = registration;
  const random = new Random(options.seed, keyOf(9, person.index, ordinal));
  const { birth, name } = record;
  return {
    breakage: patientBreakage(options.seed, registration),
    cells: [
      record.mrn,
      name.title,
      name.middle === "" ? name.given : `${name.given} ${name.middle}`,
      name.family,
      sexes[record.sex],
      birth.kind === "date" ? asMdy(birth.date) : "",
      record.phone,
      emailOf(record, random),
      record.abha,
      residenceOf(record, random),
      "Delhi",
      record.home.place.pinCode,
      asMdy(dateOf(record.seenDay)),
    ],
  };
}

function* rowsOf(options: SynthOptions): Generator<CsvRow> {
  for (const registration of registrationsAt(options, sanjeevaniClinic))
    yield rowOf(options, registration);
}

export const clinicPatientFeed: Feed = {
  pipeline: "spc-patients",
  facility: sanjeevaniClinic,
  fileName: "patients.csv",
  encoding: "utf-8",
  authorities: [],
  description: "Patient list of the polyclinic's billing software",
  rules: `source:
  type: csv
  at: $PATH
  delimiter: ";"
  dateOrder: mdy
record: patient
fields:
  mrn: Reg_ID
  givenName: First Name
  familyName: Last Name
  sex:
    column: Sex Code
    values: { "1": male, "2": female, "3": other }
  birthDate: { column: Birth Dt, bad: quarantine }
  phone: Contact
  email: E-mail
  abhaNumber: { column: ABHA, bad: ignore }
  addressLine: Residence
  city: City
  postalCode: Zip
  seenAt: First Visit
`,
  write: (options, tally) => csvText(layout, rowsOf(options), tally),
};
