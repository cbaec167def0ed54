/** The central institute's pharmacy issues and laboratory results. */
import { ageOn, asDmy, dateOf } from "./calendar.ts";
import { doctors, drugs, labs, vitals } from "./code-list.ts";
import { rashtriyaCentral } from "./facility-list.ts";
import { flagOf, measuredValue } from "./measured-value.ts";
import { registerFeed, serialText } from "./register-feed.ts";

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
    const age = ageOn(registration.person.birthDay, day);
    const measurement = random.pick(random.chance(0.4) ? vitals : labs);
    const value = measuredValue(measurement, age, random);
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
