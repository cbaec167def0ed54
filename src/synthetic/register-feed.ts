/** Clinical registers, one for each kind of fact on the card: operations, medicines, health checks, vaccinations, follow-ups. */
import { ageOn, asDayMonthName, asDmy, dateOf } from "./calendar.ts";
import {
  adultVaccines,
  childVaccines,
  doctors,
  drugs,
  labs,
  operations,
  vitals,
} from "./code-list.ts";
import { type CsvLayout, csvText } from "./csv-table.ts";
import {
  nigamDispensary,
  rashtriyaCentral,
  type SyntheticFacility,
  sanjeevaniClinic,
  yamunaGeneral,
} from "./facility-list.ts";
import type { Feed } from "./feed.ts";
import { flagOf, measuredValue } from "./measured-value.ts";
import type { Random } from "./random.ts";
import { type RegisterFact, registerRows } from "./register-row.ts";
import { writtenRecord } from "./written-record.ts";

interface RegisterPlan {
  readonly pipeline: string;
  readonly facility: SyntheticFacility;
  readonly fileName: string;
  readonly description: string;
  readonly layout: Pick<CsvLayout, "delimiter" | "lineEnd" | "header" | "mrnColumn"> &
    Partial<CsvLayout>;
  readonly purpose: number;
  readonly mean: number;
  readonly cellsOf: (fact: RegisterFact) => readonly string[];
  /** `fields:` of the pipeline file, each line indented by two spaces. */
  readonly fields: string;
}

function registerFeed(plan: RegisterPlan): Feed {
  const layout: CsvLayout = {
    titles: [],
    pageRows: null,
    total: null,
    impossibleBirth: null,
    ...plan.layout,
  };
  const { pipeline, facility, fileName, description } = plan;
  return {
    pipeline,
    facility,
    fileName,
    description,
    encoding: "utf-8",
    authorities: [],
    rules: `source:\n  type: csv\n  at: $PATH\n  dateOrder: dmy\nrecord: event\nfields:\n${plan.fields}`,
    write: (options, tally) => csvText(layout, registerRows(options, plan), tally),
  };
}

const serialText = (prefix: string, serial: number) =>
  `${prefix}${String(serial).padStart(6, "0")}`;
const fullNameOf = (fact: RegisterFact) => writtenRecord(fact.seed, fact.registration).name.full;

function aVaccine({ registration, day, random }: RegisterFact): readonly [string, string] {
  const isChild = ageOn(registration.person.birthDay, day) < 12;
  return random.pick(isChild ? childVaccines : adultVaccines);
}

/** Follow-ups still to come are booked; past ones were mostly kept. */
function followUpStatus(dueDay: number, bookedDay: number, random: Random): string {
  if (dueDay - bookedDay > 60) return "Booked";
  return random.chance(0.75) ? "Attended" : "DNA";
}

export const operationFeed = registerFeed({
  pipeline: "ygh-operations",
  facility: yamunaGeneral,
  fileName: "ot-register.csv",
  description: "Operation theatre register",
  purpose: 20,
  mean: 0.09,
  layout: {
    delimiter: ",",
    lineEnd: "\r\n",
    header: [
      "OT No",
      "Date of Surgery",
      "CR No",
      "Patient Name",
      "Procedure Code",
      "Procedure",
      "Surgeon",
      "Anaesthesia",
      "Remarks",
    ],
    mrnColumn: "CR No",
    titles: ["YAMUNA GENERAL HOSPITAL (SYNTHETIC)", "Operation Theatre Register"],
  },
  cellsOf: (fact) => [
    serialText("OT/", fact.serial),
    asDmy(dateOf(fact.day), "/"),
    fact.registration.mrn,
    fullNameOf(fact),
    ...fact.random.pick(operations),
    fact.random.pick(doctors),
    fact.random.pick(["GA", "SA", "LA"]),
    fact.random.chance(0.1) ? "Shifted to ICU, stable" : "",
  ],
  fields: `  mrn: CR No
  name: Patient Name
  eventKind: { value: procedure }
  eventId: OT No
  at: Date of Surgery
  code: Procedure Code
  codeSystem: { value: "urn:hims:local:YGH" }
  display: Procedure
  status: { value: completed }
  performer: Surgeon
  note: Remarks
`,
});

export const medicationFeed = registerFeed({
  pipeline: "rci-pharmacy",
  facility: rashtriyaCentral,
  fileName: "pharmacy-issue.csv",
  description: "Medicines issued by the pharmacy counter",
  purpose: 21,
  mean: 0.7,
  layout: {
    delimiter: ",",
    lineEnd: "\n",
    header: [
      "Issue No",
      "Issue Date",
      "CR No",
      "Drug Name",
      "Strength",
      "Frequency",
      "Qty",
      "Prescribed By",
    ],
    mrnColumn: "CR No",
  },
  cellsOf: ({ serial, day, registration, random }) => [
    serialText("PH", serial),
    asDmy(dateOf(day), "/"),
    registration.mrn,
    ...random.pick(drugs),
    String(random.pick([5, 10, 15, 30, 60])),
    random.pick(doctors),
  ],
  fields: `  mrn: CR No
  eventKind: { value: medication }
  eventId: Issue No
  at: Issue Date
  display: Drug Name
  dose: Strength
  frequency: Frequency
  quantity: Qty
  performer: Prescribed By
`,
});

export const healthCheckFeed = registerFeed({
  pipeline: "rci-health-checks",
  facility: rashtriyaCentral,
  fileName: "lab-results.csv",
  description: "Health checks and laboratory results, one value a row",
  purpose: 22,
  mean: 0.8,
  layout: {
    delimiter: ",",
    lineEnd: "\n",
    header: [
      "Lab No",
      "CR No",
      "Sample Date",
      "LOINC",
      "Test Name",
      "Result",
      "Unit",
      "Ref Range",
      "Flag",
    ],
    mrnColumn: "CR No",
  },
  cellsOf: ({ serial, day, registration, random }) => {
    const measurement = random.pick(random.chance(0.4) ? vitals : labs);
    const value = measuredValue(measurement, random);
    const { code, display, unit, range } = measurement;
    const flag = flagOf(measurement, value);
    return [
      serialText("L", serial),
      registration.mrn,
      asDmy(dateOf(day), "/"),
      code,
      display,
      value,
      unit,
      range,
      flag,
    ];
  },
  fields: `  mrn: CR No
  eventKind: { value: observation }
  eventId: Lab No
  at: Sample Date
  code: LOINC
  codeSystem: { value: "http://loinc.org" }
  display: Test Name
  value: Result
  unit: Unit
  range: Ref Range
  flag: Flag
  status: { value: final }
`,
});

export const vaccinationFeed = registerFeed({
  pipeline: "ndn-immunization",
  facility: nigamDispensary,
  fileName: "immunization-register.csv",
  description: "Immunization register",
  purpose: 23,
  mean: 0.4,
  layout: {
    delimiter: ",",
    lineEnd: "\r\n",
    header: [
      "Entry No",
      "UHID",
      "Beneficiary Name",
      "CVX",
      "Vaccine",
      "Dose No",
      "Date Given",
      "Batch No",
      "Site/Route",
      "Next Due",
    ],
    mrnColumn: "UHID",
  },
  cellsOf: (fact) => {
    const { day, random } = fact;
    return [
      serialText("IM-", fact.serial),
      fact.registration.mrn,
      fullNameOf(fact),
      ...aVaccine(fact),
      String(random.between(1, 3)),
      asDmy(dateOf(day), "-"),
      `B${random.digits(5)}`,
      random.pick(["IM", "IM", "SC", "PO", "ID"]),
      random.chance(0.4) ? asDmy(dateOf(day + 28), "-") : "",
    ];
  },
  fields: `  mrn: UHID
  name: Beneficiary Name
  eventKind: { value: immunization }
  eventId: Entry No
  at: Date Given
  code: CVX
  codeSystem: { value: "http://hl7.org/fhir/sid/cvx" }
  display: Vaccine
  doseNumber: Dose No
  lot: Batch No
  route: Site/Route
  dueAt: Next Due
  status: { value: completed }
`,
});

export const followUpFeed = registerFeed({
  pipeline: "spc-follow-ups",
  facility: sanjeevaniClinic,
  fileName: "follow-ups.csv",
  description: "Follow-up appointments of the polyclinic",
  purpose: 24,
  mean: 0.8,
  layout: {
    delimiter: ";",
    lineEnd: "\n",
    header: [
      "Appt_ID",
      "Reg_ID",
      "Booked On",
      "Review Date",
      "Consultant",
      "Reason",
      "Appt Status",
    ],
    mrnColumn: "Reg_ID",
  },
  cellsOf: ({ serial, registration, day, random }) => {
    const dueDay = day + random.pick([7, 14, 30, 90, 180]);
    return [
      serialText("A", serial),
      registration.mrn,
      asDayMonthName(dateOf(day)),
      asDayMonthName(dateOf(dueDay)),
      random.pick(doctors),
      random.pick(["Review; reports", "Suture removal", "BP check", "Diabetes follow-up"]),
      followUpStatus(dueDay, day, random),
    ];
  },
  fields: `  mrn: Reg_ID
  eventKind: { value: appointment }
  eventId: Appt_ID
  at: Booked On
  dueAt: Review Date
  performer: Consultant
  display: Reason
  status:
    column: Appt Status
    values: { Booked: booked, Attended: fulfilled, DNA: noshow }
`,
});
