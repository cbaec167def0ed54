/** The central institute's OPD list: UTF-8 with a byte order mark, Hindi and Latin names, free-text remarks. */
import { asDmy, dateOf } from "./calendar.ts";
import { verhoeffDigit } from "./check-digit.ts";
import { departments } from "./code-list.ts";
import { type CsvLayout, type CsvRow, csvText } from "./csv-table.ts";
import { rashtriyaCentral } from "./facility-list.ts";
import type { Feed } from "./feed.ts";
import { patientBreakage } from "./patient-breakage.ts";
import { type Registration, registrationsAt } from "./population.ts";
import { keyOf, Random } from "./random.ts";
import type { SynthOptions } from "./synth-options.ts";
import { type WrittenRecord, writtenRecord } from "./written-record.ts";

const layout: CsvLayout = {
  delimiter: ",",
  lineEnd: "\r\n",
  header: [
    "CR No",
    "Regn Date",
    "Patient Name",
    "मरीज का नाम",
    "Relation",
    "Father/Husband Name",
    "Sex",
    "Date of Birth",
    "Age",
    "Mobile No",
    "ABHA No",
    "House No & Street",
    "Locality",
    "District",
    "PIN",
    "Blood Group",
    "Department",
    "Remarks",
  ],
  titles: [],
  pageRows: null,
  total: null,
  mrnColumn: "CR No",
  impossibleBirth: { column: "Date of Birth", value: "31/02/1990" },
};

const relations = { father: "S/o", husband: "W/o", mother: "C/o" } as const;
const sexes = { male: "M", female: "F", other: "T" } as const;

/** Clerks type identity numbers into free text; these are Aadhaar-shaped and belong to nobody. */
function remark(random: Random): string {
  const draw = random.between(1, 1000);
  if (draw <= 25) {
    const body = `${random.between(2, 9)}${random.digits(10)}`;
    const number = body + verhoeffDigit(body);
    return `Aadhaar ${number.slice(0, 4)} ${number.slice(4, 8)} ${number.slice(8)} seen`;
  }
  if (draw <= 80) return random.pick(["BPL card shown", "CGHS", "Referred, see slip", "DGEHS"]);
  return "";
}

function namesOf(record: WrittenRecord, random: Random): readonly [latin: string, local: string] {
  const draw = random.between(1, 100);
  if (draw <= 10) return ["", record.name.local];
  return [record.name.full, draw <= 88 ? record.name.local : ""];
}

function rowOf(options: SynthOptions, registration: Registration): CsvRow {
  const record = writtenRecord(options.seed, registration);
  const random = new Random(
    options.seed,
    keyOf(7, registration.person.index, registration.ordinal),
  );
  const { birth, home } = record;
  const daughter = record.relationType === "father" && record.sex === "female";
  return {
    breakage: patientBreakage(options.seed, registration),
    cells: [
      record.mrn,
      asDmy(dateOf(record.seenDay), "/"),
      ...namesOf(record, random),
      daughter ? "D/o" : relations[record.relationType],
      record.relationName,
      sexes[record.sex],
      birth.kind === "date" ? asDmy(birth.date, "/") : "",
      birth.kind === "age" ? String(birth.years) : "",
      record.phone,
      record.abha,
      `${home.house}, ${home.street}`,
      random.chance(0.3) ? home.place.local : home.place.locality,
      home.place.district,
      home.place.pinCode,
      record.bloodGroup,
      random.pick(departments),
      remark(random),
    ],
  };
}

function* rowsOf(options: SynthOptions): Generator<CsvRow> {
  for (const registration of registrationsAt(options, rashtriyaCentral))
    yield rowOf(options, registration);
}

export const centralOpdFeed: Feed = {
  pipeline: "rci-opd",
  facility: rashtriyaCentral,
  fileName: "opd-registration.csv",
  encoding: "utf-8",
  authorities: [],
  description: "OPD registrations with Hindi and Latin names",
  rules: `source:
  type: csv
  at: $PATH
record: patient
fields:
  mrn: CR No
  seenAt: Regn Date
  name: Patient Name
  nameLocal: मरीज का नाम
  relationType:
    column: Relation
    values: { S/o: father, D/o: father, W/o: husband, C/o: guardian }
  relationName: Father/Husband Name
  sex:
    column: Sex
    values: { M: male, F: female, T: other }
  birthDate: { column: Date of Birth, bad: quarantine }
  age: Age
  phone: Mobile No
  abhaNumber: { column: ABHA No, bad: ignore }
  addressLine: House No & Street
  locality: Locality
  district: District
  postalCode: PIN
  bloodGroup: Blood Group
`,
  *write(options, tally) {
    yield "\uFEFF";
    yield* csvText(layout, rowsOf(options), tally);
  },
};
