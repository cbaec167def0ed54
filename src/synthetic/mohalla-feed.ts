/** The mohalla clinic's tablet register: tab-separated, one visit a row with the health check beside the patient. */
import { ageOn, asIso, dateOf } from "./calendar.ts";
import { type Measurement, vitals } from "./code-list.ts";
import { type CsvLayout, type CsvRow, csvText } from "./csv-table.ts";
import { mohallaClinic } from "./facility-list.ts";
import type { Feed } from "./feed.ts";
import { measuredValue } from "./measured-value.ts";
import { patientBreakage } from "./patient-breakage.ts";
import { type Registration, registrationsAt } from "./population.ts";
import { keyOf, Random } from "./random.ts";
import type { SynthOptions } from "./synth-options.ts";
import { writtenRecord } from "./written-record.ts";

const layout: CsvLayout = {
  delimiter: "\t",
  lineEnd: "\n",
  header: [
    "Sl No",
    "Patient ID",
    "Name",
    "F/H Name",
    "M/F",
    "DOB",
    "Age (Yrs)",
    "Phone",
    "ABHA Number",
    "Locality",
    "Visit Date",
    "BP Sys",
    "BP Dia",
    "Pulse",
    "Wt (kg)",
    "SpO2",
  ],
  titles: [],
  pageRows: null,
  total: null,
  mrnColumn: "Patient ID",
  impossibleBirth: { column: "DOB", value: "1990-02-31" },
};

const sexes = { male: "M", female: "F", other: "O" } as const;

function vitalCell(measurement: Measurement, age: number, random: Random): string {
  return random.chance(0.12) ? "" : measuredValue(measurement, age, random);
}

function cellsOf(options: SynthOptions, registration: Registration, serial: number) {
  const record = writtenRecord(options.seed, registration);
  const { person, ordinal } = registration;
  const random = new Random(options.seed, keyOf(10, person.index, ordinal));
  const { birth } = record;
  const age = ageOn(person.birthDay, registration.seenDay);
  return [
    String(serial),
    record.mrn,
    record.name.full,
    record.relationName,
    sexes[record.sex],
    birth.kind === "date" ? asIso(birth.date) : "",
    birth.kind === "age" ? String(birth.years) : "",
    record.phone,
    record.abha,
    record.home.place.locality,
    asIso(dateOf(record.seenDay)),
    ...vitals.map((vital) => vitalCell(vital, age, random)),
  ];
}

/** The tablet lost power while it wrote the last row: its quote is never closed. */
function unfinishedRow(serial: number): CsvRow {
  const cells = layout.header.map((_, index) => (index === 0 ? String(serial) : ""));
  return { cells, breakage: "unclosed_quote" };
}

function* rowsOf(options: SynthOptions): Generator<CsvRow> {
  let serial = 0;
  for (const registration of registrationsAt(options, mohallaClinic)) {
    serial++;
    const cells = cellsOf(options, registration, serial);
    yield { cells, breakage: patientBreakage(options.seed, registration) };
  }
  yield unfinishedRow(serial + 1);
}

const columns = ["BP Sys", "BP Dia", "Pulse", "Wt (kg)", "SpO2"];

/** One health check of the row, in the words of a field map. */
function vitalRules(measurement: Measurement, column: string, lead: string): string {
  const rest = " ".repeat(lead.length);
  return `${lead}code: { value: "${measurement.code}" }
${rest}display: { value: ${measurement.display} }
${rest}value: ${column}
${rest}unit: { value: "${measurement.unit}" }
`;
}

const [firstVital, ...otherVitals] = vitals;

export const mohallaVisitFeed: Feed = {
  pipeline: "mc12-visits",
  facility: mohallaClinic,
  fileName: "visits.tsv",
  encoding: "utf-8",
  authorities: [],
  description: "Visits with health checks, from the clinic's tablet",
  rules: `source:
  type: csv
  at: $PATH
  delimiter: "\\t"
  dateOrder: ymd
record: patient
fields:
  mrn: Patient ID
  name: Name
  relationName: F/H Name
  sex:
    column: M/F
    values: { M: male, F: female, O: other }
  birthDate: { column: DOB, bad: quarantine }
  age: Age (Yrs)
  phone: Phone
  abhaNumber: { column: ABHA Number, bad: ignore }
  locality: Locality
  seenAt: Visit Date
  eventKind: { value: observation }
  codeSystem: { value: "http://loinc.org" }
  at: Visit Date
${vitalRules(firstVital, columns[0] ?? "", "  ")}events:
${otherVitals.map((vital, index) => vitalRules(vital, columns[index + 1] ?? "", "  - ")).join("")}`,
  write: (options, tally) => csvText(layout, rowsOf(options), tally),
};
