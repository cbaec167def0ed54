/** The civic dispensary's OPD register: Windows-1252, title lines, a header on every page, a total below. */
import { asDmy, dateOf } from "./calendar.ts";
import { type CsvLayout, type CsvRow, csvText } from "./csv-table.ts";
import { nigamDispensary } from "./facility-list.ts";
import type { Feed } from "./feed.ts";
import { patientBreakage } from "./patient-breakage.ts";
import { type Registration, registrationsAt } from "./population.ts";
import { keyOf, Random } from "./random.ts";
import type { SynthOptions } from "./synth-options.ts";
import { writtenRecord } from "./written-record.ts";

const layout: CsvLayout = {
  delimiter: ",",
  lineEnd: "\r\n",
  header: [
    "S.No",
    "UHID",
    "Patient Name",
    "Guardian Name",
    "Rel",
    "Gender",
    "DOB",
    "Age",
    "Mobile No",
    "ABHA No",
    "Address",
    "Area",
    "PIN Code",
    "Regn Date",
  ],
  titles: ["NIGAM DISPENSARY – NARELA ZONE", "OPD Register of the Medical Officer’s Room, 2024–26"],
  pageRows: 250,
  total: (rows) => `Total,,${rows} patients,,,,,,,,,,,`,
  mrnColumn: "UHID",
  impossibleBirth: { column: "DOB", value: "31-02-1990" },
};

const relations = { father: "F", husband: "H", mother: "M" } as const;
const sexes = { male: "Male", female: "Female", other: "Transgender" } as const;

function rowOf(options: SynthOptions, registration: Registration, serial: number): CsvRow {
  const record = writtenRecord(options.seed, registration);
  const { person, ordinal } = registration;
  const random = new Random(options.seed, keyOf(8, person.index, ordinal));
  const { birth, home } = record;
  return {
    breakage: patientBreakage(options.seed, registration),
    cells: [
      String(serial),
      record.mrn,
      record.name.full,
      record.relationName,
      relations[record.relationType],
      sexes[record.sex],
      birth.kind === "date" ? asDmy(birth.date, "-") : "",
      birth.kind === "age" ? `${birth.years}${random.chance(0.5) ? " Y" : ""}` : "",
      record.phone,
      record.abha,
      `H.No ${home.house}${random.chance(0.3) ? " – " : ", "}${home.street}`,
      home.place.locality,
      random.chance(0.15) ? "" : home.place.pinCode,
      asDmy(dateOf(record.seenDay), "-"),
    ],
  };
}

function* rowsOf(options: SynthOptions): Generator<CsvRow> {
  let serial = 0;
  for (const registration of registrationsAt(options, nigamDispensary)) {
    serial++;
    yield rowOf(options, registration, serial);
  }
}

export const civicOpdFeed: Feed = {
  pipeline: "ndn-opd",
  facility: nigamDispensary,
  fileName: "opd-register.csv",
  encoding: "windows-1252",
  authorities: [],
  description: "OPD register of the dispensary, as its desk prints it",
  rules: `source:
  type: csv
  at: $PATH
  encoding: windows-1252
  delimiter: ","
  dateOrder: dmy
record: patient
fields:
  mrn: UHID
  name: Patient Name
  relationName: Guardian Name
  relationType:
    column: Rel
    values: { F: father, H: husband, M: mother }
  sex:
    column: Gender
    values: { Male: male, Female: female, Transgender: other }
  birthDate: { column: DOB, bad: quarantine }
  age: Age
  phone: Mobile No
  abhaNumber: { column: ABHA No, bad: ignore }
  addressLine: Address
  locality: Area
  postalCode: PIN Code
  seenAt: Regn Date
`,
  write: (options, tally) => csvText(layout, rowsOf(options), tally),
};
