import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClinicalEvent } from "../clinical/clinical-event.ts";
import { toClinicalResource } from "./clinical-resource.ts";

const base = {
  eventKey: "k1",
  code: null,
  codeSystem: null,
  display: null,
  time: null,
  endAt: null,
  status: null,
  encounterId: null,
  performer: null,
  note: null,
};

/** One of each kind of which its source said nothing but that it happened. */
const bareEvents: readonly ClinicalEvent[] = [
  { ...base, kind: "encounter", encounterClass: null, location: null },
  {
    ...base,
    kind: "observation",
    value: null,
    unit: null,
    range: null,
    flag: null,
    reportKey: null,
  },
  { ...base, kind: "appointment", dueAt: null },
  { ...base, kind: "procedure" },
  { ...base, kind: "medication", dose: null, route: null, frequency: null, quantity: null },
  {
    ...base,
    kind: "immunization",
    lot: null,
    doseNumber: null,
    dose: null,
    route: null,
    dueAt: null,
  },
  { ...base, kind: "condition" },
  { ...base, kind: "allergy", reaction: null, severity: null },
  { ...base, kind: "report" },
];

function resourceOf(event: ClinicalEvent, results: readonly string[] = []) {
  const recorded = {
    event,
    recordId: "1",
    eventId: "2",
    facility: "f1",
    facilityName: "One",
    source: { file: "a b#c.csv", line: 7 },
    encounterEventId: null,
  };
  return toClinicalResource(recorded, "p1", results);
}

/** Elements FHIR R4 requires (cardinality 1..), and those its invariants require of what we say. */
const required: Readonly<Record<string, readonly string[]>> = {
  Encounter: ["status", "class"],
  Observation: ["status", "code"],
  Appointment: ["status", "participant"],
  Procedure: ["status", "subject"],
  MedicationStatement: ["status", "medicationCodeableConcept", "subject"],
  Immunization: ["status", "vaccineCode", "patient"],
  Condition: ["subject"],
  AllergyIntolerance: ["patient", "clinicalStatus"],
  DiagnosticReport: ["status", "code"],
};

test.each(bareEvents.map((event) => [event.kind, event] as const))(
  "a bare %s has every required element, its patient and its source line",
  (_, event) => {
    const resource = resourceOf(event);

    expect(Object.keys(resource)).toEqual(
      expect.arrayContaining([...(required[resource.resourceType] ?? ["missing from the table"])]),
    );
    expect(JSON.stringify(resource)).toContain('"Patient/p1"');
    expect(resource["meta"]).toEqual({ source: "a%20b%23c.csv#7" });
  },
);

test("no resource holds null, an empty text or an empty list, whatever the source left out", () => {
  const text = fc.option(fc.constantFrom("", "x", "2026-03-01", "final", "12.5", "1"), {
    nil: null,
  });
  const said = fc.dictionary(
    fc.constantFrom("code", "display", "status", "value", "dose", "note", "performer", "endAt"),
    text,
  );

  fc.assert(
    fc.property(fc.constantFrom(...bareEvents), said, (event, more) => {
      const known = Object.fromEntries(Object.entries(more).filter(([name]) => name in event));
      const json = JSON.stringify(resourceOf({ ...event, ...known }));
      expect(json).not.toMatch(/null|:""|\[\]|\{\}/);
    }),
  );
});

test("a vaccination without a date has an occurrence that says so", () => {
  const [event] = bareEvents.filter(({ kind }) => kind === "immunization");

  expect(event && resourceOf(event)["occurrenceString"]).toBe("not stated");
});

test("a follow-up on a mere day is proposed for that day and keeps the source's word", () => {
  const resource = resourceOf({
    ...base,
    kind: "appointment",
    status: "booked",
    dueAt: "2026-04-01",
  });

  expect(resource).toMatchObject({
    status: "proposed",
    requestedPeriod: [{ start: "2026-04-01" }],
    comment: "status: booked",
  });
  expect(resource).not.toHaveProperty("start");
});

test("an appointment with start and end is booked from then to then", () => {
  const resource = resourceOf({
    ...base,
    kind: "appointment",
    dueAt: null,
    time: { at: "2026-04-01T10:00+05:30", precision: "minute" },
    endAt: "2026-04-01T10:15:00+05:30",
  });

  expect(resource).toMatchObject({
    status: "booked",
    start: "2026-04-01T10:00:00+05:30",
    end: "2026-04-01T10:15:00+05:30",
  });
});

test.each([
  ["11.2", { valueQuantity: { value: 11.2, unit: "g" } }],
  ["<0.5", { valueQuantity: { value: 0.5, comparator: "<", unit: "g" } }],
  ["120/80", { valueString: "120/80 g" }],
  ["positive", { valueString: "positive g" }],
])("the value %j is a quantity where it is a number", (value, expected) => {
  const observed = {
    ...base,
    kind: "observation",
    unit: "g",
    range: null,
    flag: null,
    reportKey: null,
  } as const;

  expect(resourceOf({ ...observed, value })).toMatchObject(expected);
});

test("a status FHIR does not know is unknown, not passed on", () => {
  expect(resourceOf({ ...base, kind: "procedure", status: "planned-ish" })["status"]).toBe(
    "unknown",
  );
});

test("a report names the observations it consists of", () => {
  expect(resourceOf({ ...base, kind: "report" }, ["1-3"])["result"]).toEqual([
    { reference: "Observation/1-3" },
  ]);
});
