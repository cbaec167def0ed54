/** The civic dispensary's immunization register. */
import { ageOn, asDmy, dateOf } from "./calendar.ts";
import { vaccineFor } from "./code-list.ts";
import { nigamDispensary } from "./facility-list.ts";
import { registeredName, registerFeed, serialText } from "./register-feed.ts";

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
    const { day, random, registration } = fact;
    const age = ageOn(registration.person.birthDay, day);
    return [
      serialText("IM-", fact.serial),
      registration.mrn,
      registeredName(fact),
      ...vaccineFor(age, random),
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
