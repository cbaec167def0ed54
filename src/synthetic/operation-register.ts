/** The operation theatre register of the Delhi government hospital. */
import { ageOn, asDmy, dateOf } from "./calendar.ts";
import { type Coded, doctors, obstetricOperations, operations } from "./code-list.ts";
import { yamunaGeneral } from "./facility-list.ts";
import { registeredName, registerFeed, serialText } from "./register-feed.ts";
import type { RegisterFact } from "./register-row.ts";

function anOperation({ registration, day, random }: RegisterFact): Coded {
  const { sex, birthDay } = registration.person;
  const isWoman = sex === "female" && ageOn(birthDay, day) >= 18;
  return random.pick(isWoman && random.chance(0.4) ? obstetricOperations : operations);
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
    registeredName(fact),
    ...anOperation(fact),
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
