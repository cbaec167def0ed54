import { describe, expect, test } from "vitest";
import { parseMessage } from "../hl7/message.ts";
import type { FacilityId } from "../platform/ids.ts";
import type { Hl7Context } from "../records/hl7-reading.ts";
import { normalizeMessage } from "./normalize-message.ts";
import type { PatientClaim, SourceFacts } from "./source-facts.ts";

const context: Hl7Context = {
  facilityId: "lnh" as FacilityId,
  zone: "Asia/Kolkata",
  ownAuthorities: [],
};

function result(type: string, segments: readonly string[], settings: Partial<Hl7Context> = {}) {
  const header = `MSH|^~\\&|HIS|LNH|||20260301103000||${type}|C1|P|2.5`;
  const read = parseMessage({
    text: [header, ...segments].join("\r"),
    charset: "utf-8",
    defect: null,
  });
  if (!read.ok) throw new Error("not a message");
  return normalizeMessage(read.value, { ...context, ...settings });
}

function facts(
  type: string,
  segments: readonly string[],
  settings: Partial<Hl7Context> = {},
): SourceFacts {
  const read = result(type, segments, settings);
  if (!read.ok) throw new Error(`refused: ${read.reasons[0]?.rule}`);
  return read.value;
}

function patient(segments: readonly string[], type = "ADT^A01"): PatientClaim {
  const [claim] = facts(type, segments).patients;
  if (claim === undefined) throw new Error("no patient");
  return claim;
}

/** A segment from its fields' positions. */
function segment(name: string, fields: Readonly<Record<number, string>>): string {
  const last = Math.max(...Object.keys(fields).map(Number));
  const texts = Array.from({ length: last }, (_, index) => fields[index + 1] ?? "");
  return [name, ...texts].join("|");
}

const rulesOf = (said: SourceFacts) =>
  said.warnings.map(({ rule, segment }) => `${rule} ${segment}`);
const pid = (number: string, rest = "") => `PID|1||${number}||${rest}`;

describe("the key of the record", () => {
  test.each([
    ["MR before PI, PT and untyped", "U1~T1^^^X^PT~P1^^^X^PI~M1^^^HOSP^MR", "HOSP", "M1"],
    ["PI before PT and untyped", "U1~T1^^^X^PT~P1^^^X^PI", "X", "P1"],
    ["PT before untyped", "U1~T1^^^X^PT", "X", "T1"],
    ["an untyped number", "91-1234-5678-9012~U1", "LNH", "U1"],
    ["a type outside table 0203 counts as none", "C1^^^HOSP^CNN", "HOSP", "C1"],
    ["an untyped number that looks like Aadhaar is passed over", "234123412346~U1", "LNH", "U1"],
    ["an empty repetition is passed over", "~^^^X^MR~M2^^^X^MR", "X", "M2"],
    ["the authority's universal id stands in for its name", "M1^^^&1.2.3&ISO^MR", "1.2.3", "M1"],
    ["leading zeros stay", "000123456789012345678901^^^X^MR", "X", "000123456789012345678901"],
  ])("%s", (_name, numbers, system, value) => {
    expect(patient([pid(numbers)]).key).toEqual({ facilityId: "lnh", system, value });
  });

  test("is PID-2, then PID-4, only where PID-3 is empty", () => {
    expect(patient(["PID|1|OLD2||OLD4|KUMAR^RAVI"]).key.value).toBe("OLD2");
    expect(patient(["PID|1|||OLD4|KUMAR^RAVI"]).key.value).toBe("OLD4");
  });

  test.each([
    ["no number", ["PID|1||||KUMAR^RAVI"], "PID[1]-3"],
    ["a deleted number", ['PID|1||""||KUMAR^RAVI'], "PID[1]-3"],
    ["only an ABHA number", [pid("91-1234-5678-9012")], "PID[1]-3"],
    ["no PID", ["PV1|1|I"], "PID[1]-3"],
    [
      "one of two patients without number",
      [pid("M1^^^X^MR", "A^B"), "OBR|1|||X", "PID|2||||C^D"],
      "PID[2]-3",
    ],
  ])("with %s is a problem", (_name, segments, segment) => {
    expect(result("ORU^R01", segments)).toMatchObject({
      ok: false,
      reasons: [{ rule: "identifier_missing", field: "mrn", segment }],
    });
  });
});

describe("other identifiers", () => {
  test("are kept with system and type, ABHA by shape", () => {
    const { identifiers } = patient([
      pid("M1^^^LNH^MR~91-1234-5678-9012~Ravi.K@abdm~DL-99^^^RTO^DL"),
    ]).facts;

    expect(identifiers).toEqual([
      { system: "RTO", value: "DL-99", type: "DL" },
      { system: "abha-address", value: "ravi.k@abdm", type: null },
      { system: "abha-number", value: "91123456789012", type: null },
    ]);
  });

  test("a visit number of fourteen digits is no ABHA number", () => {
    expect(patient([pid("M1^^^LNH^MR~20260301000123^^^LNH^AN")]).facts.identifiers).toEqual([
      { system: "LNH", value: "20260301000123", type: "AN" },
    ]);
  });

  test.each([
    "234123412346^^^UIDAI^NI",
    "234123412346^^^X^NNIND",
    "234123412346^^^AADHAAR",
    "2341 2341 2346^^^X^UIDAI",
    "234123412346",
    "999999999999^^^AADHAAR^NI",
  ])("national numbers never leave the message (%#)", (number) => {
    const said = facts("ADT^A01", [`PID|1||M1^^^LNH^MR~${number}||||||||||||||||234123412346`]);

    expect(JSON.stringify(said)).not.toMatch(/2341|9999/);
  });
});

describe("demographics", () => {
  test("are read from PID", () => {
    const fields =
      "KUMAR^RAVI^MOHAN^^SHRI~कुमार^रवि||19840602|M|||12 MG Rd^Karol Bagh^New Delhi^DL^110005^IND^H^^Central||9812345678^PRN^PH~^NET^Internet^r@x.in|011-23456789";

    expect(patient([pid("M1^^^LNH^MR", fields), "NK1|1|KUMAR^MOHAN|FTH"]).facts).toEqual({
      name: "RAVI MOHAN KUMAR",
      nameLocal: "रवि कुमार",
      givenName: "RAVI",
      middleName: "MOHAN",
      familyName: "KUMAR",
      relationName: "MOHAN KUMAR",
      relationType: "father",
      sex: "male",
      birthDate: { date: "1984-06-02", precision: "day" },
      phones: ["+919812345678", "+911123456789"],
      email: "r@x.in",
      addressLine: "12 MG Rd",
      locality: "Karol Bagh",
      city: "New Delhi",
      district: "Central",
      state: "DL",
      postalCode: "110005",
    });
  });

  test("that are empty say nothing, and those that are deleted say so", () => {
    const fields = '""||""|""|||""||""|||||||||||||||""';

    expect(patient([pid("M1", "")]).facts).toEqual({});
    expect(patient([pid("M1", fields)]).facts).toMatchObject({
      name: null,
      birthDate: null,
      sex: null,
      phones: [],
      city: null,
    });
  });

  test("keep the precision of a birth date", () => {
    expect(patient([pid("M1", "A^B||1984")]).facts.birthDate).toEqual({
      date: "1984-01-01",
      precision: "year",
    });
  });

  test.each([
    ["19800230", "birth_date_invalid"],
    ["20270101", "birth_date_in_future"],
    ["18500101", "birth_date_invalid"],
  ])("leave out the birth date %s with a warning, and the message loads", (date, rule) => {
    const said = facts("ADT^A01", [pid("M1", `A^B||${date}`)]);

    expect(said.patients[0]?.facts).not.toHaveProperty("birthDate");
    expect(rulesOf(said)).toEqual([`${rule} PID[1]-7`]);
  });

  test("leave out an unknown sex with a warning, and U without", () => {
    expect(rulesOf(facts("ADT^A01", [pid("M1", "A^B|||Q")]))).toEqual([
      "sex_unknown_code PID[1]-8",
    ]);
    expect(rulesOf(facts("ADT^A01", [pid("M1", "A^B|||U")]))).toEqual([]);
  });

  test("a spouse is husband or wife by the patient's sex", () => {
    const relation = (sex: string) =>
      patient([pid("M1", `A^B|||${sex}`), "NK1|1|C^D|SPO"]).facts.relationType;

    expect([relation("F"), relation("M"), relation("U")]).toEqual(["husband", "wife", undefined]);
  });

  test("are owned by patient messages and only lent by results and vaccinations", () => {
    const authority = (type: string) => patient([pid("M1", "A^B")], type).authority;

    expect(["ADT^A08", "ADT^A31", "ADT^A40", "ORU^R01", "VXU^V04"].map(authority)).toEqual([
      "patient",
      "patient",
      "patient",
      "event",
      "event",
    ]);
  });
});

describe("visits", () => {
  const visit = segment("PV1", { 2: "I", 3: "W3^12^A", 19: "V77", 44: "20260301090000" });
  const encounter = (type: string, pv1 = visit) => patient([pid("M1", "A^B"), pv1], type).events[0];

  test.each([
    ["A01", "in-progress", null],
    ["A03", "finished", "2026-03-01T10:30:00+05:30"],
    ["A05", "planned", null],
    ["A11", "cancelled", null],
    ["A13", "in-progress", null],
  ])("of ADT^%s are %s", (trigger, status, endAt) => {
    expect(encounter(`ADT^${trigger}`)).toMatchObject({
      kind: "encounter",
      eventKey: "V77",
      encounterClass: "IMP",
      location: "W3 12 A",
      time: { at: "2026-03-01T09:00:00+05:30", precision: "second" },
      status,
      endAt,
    });
  });

  test("without PV1-19 have a derived key, the same each time, and a warning", () => {
    const segments = [pid("M1", "A^B"), segment("PV1", { 2: "O", 3: "OPD", 44: "20260301" })];
    const first = facts("ADT^A04", segments);

    expect(first.patients[0]?.events[0]?.eventKey).toMatch(/^[0-9a-f]{32}$/);
    expect(facts("ADT^A08", segments).patients[0]?.events[0]?.eventKey).toBe(
      first.patients[0]?.events[0]?.eventKey,
    );
    expect(rulesOf(first)).toContain("visit_number_missing PV1[1]-19");
  });

  test.each(["ADT^A28", "ADT^A31", "ADT^A40"])("are none in %s", (type) => {
    expect(patient([pid("M1", "A^B"), visit], type).events).toEqual([]);
  });

  test("are none where PV1 says that there is none", () => {
    expect(patient([pid("M1", "A^B"), "PV1|1|N"]).events).toEqual([]);
  });
});

test("allergies, conditions and procedures are read with the visit they belong to", () => {
  const { events } = patient([
    pid("M1", "A^B"),
    segment("PV1", { 2: "E", 19: "V1" }),
    "AL1|1|DA|7980^Penicillin^RXNORM|SV|RASH~HIVES",
    "DG1|1||J45^Asthma^I10|||F",
    "PR1|1||80146002^Appendectomy^SCT||20260301",
    "DG1|2||J45^Asthma^I10|||F",
  ]);

  expect(events.slice(1)).toMatchObject([
    { kind: "allergy", code: "7980", severity: "severe", reaction: "RASH; HIVES" },
    {
      kind: "condition",
      codeSystem: "http://hl7.org/fhir/sid/icd-10",
      status: "confirmed",
      encounterId: "V1",
    },
    {
      kind: "procedure",
      codeSystem: "http://snomed.info/sct",
      time: { at: "2026-03-01", precision: "day" },
    },
    { kind: "condition", eventKey: expect.stringMatching(/#2$/) },
  ]);
});

describe("results", () => {
  const said = patient(
    [
      pid("M1", "A^B"),
      segment("PV1", { 2: "O", 19: "V9" }),
      "ORC|RE",
      segment("OBR", { 2: "P1", 3: "F1", 4: "CBC^Blood count^L", 7: "20260301080000", 25: "F" }),
      "NTE|1||report note",
      "OBX|1|NM|718-7^Hemoglobin^LN||013.50|g/dL|12-16|H|||F",
      "NTE|1||first\\.br\\second",
      "NTE|2||third",
      "OBX|2|SN|X1^Titer^L||^1^:^128||||||P",
      "OBX|3|CWE|X2^Organism^L||66543000^Campylobacter^SCT||||||C|||20260301090000",
      "OBX|4|ST|X3^Dip^L||++|%|||||F",
      "OBX|5|ST|X3^Dip^L||-||||||F",
      segment("OBR", { 2: "P1", 3: "F1", 4: "LFT^Liver^L", 7: "20260301", 25: "P" }),
      "OBX|1|NM|718-7^Hemoglobin^LN||9||||||F",
    ],
    "ORU^R01",
  );
  const values = said.events.filter((event) => event.kind === "observation");

  test("are one report for each OBR and one observation for each OBX", () => {
    expect(said.events.map(({ kind, eventKey }) => `${kind} ${eventKey}`)).toEqual([
      "report F1/CBC",
      "observation F1/CBC/718-7",
      "observation F1/CBC/X1",
      "observation F1/CBC/X2",
      "observation F1/CBC/X3",
      "observation F1/CBC/X3#2",
      "report F1/LFT",
      "observation F1/LFT/718-7",
    ]);
  });

  test("keep values as they were written", () => {
    expect(values.map(({ value }) => value)).toEqual([
      "013.50",
      "1:128",
      "Campylobacter",
      "++",
      "-",
      "9",
    ]);
  });

  test("have code, unit, range, flag, status, time and visit", () => {
    expect(values[0]).toMatchObject({
      code: "718-7",
      codeSystem: "http://loinc.org",
      unit: "g/dL",
      range: "12-16",
      flag: "H",
      status: "final",
      time: { at: "2026-03-01T08:00:00+05:30" },
      encounterId: "V9",
      reportKey: "F1/CBC",
    });
    expect(values[2]).toMatchObject({
      status: "corrected",
      time: { at: "2026-03-01T09:00:00+05:30" },
    });
  });

  test("give a note to the segment just before it", () => {
    expect(said.events.slice(0, 3).map(({ note }) => note)).toEqual([
      "report note",
      "first\nsecond\nthird",
      null,
    ]);
  });

  test("belong to the patient of the PID before them", () => {
    const { patients } = facts("ORU^R01", [
      pid("M1"),
      "OBR|1||F1|A",
      "OBX|1|NM|X||1",
      pid("M2"),
      "OBR|1||F2|A",
      "OBX|1|NM|X||2",
    ]);

    expect(patients.map(({ key, events }) => [key.value, events.length])).toEqual([
      ["M1", 2],
      ["M2", 2],
    ]);
  });

  test("leave embedded documents in the raw message, with a warning", () => {
    const { warnings } = facts("ORU^R01", [
      pid("M1"),
      "OBR|1||F1|A",
      "OBX|1|ED|PDF||^AP^PDF^Base64^JVBERi0",
    ]);

    expect(warnings.map(({ rule }) => rule)).toEqual(["document_not_mapped"]);
  });

  test("mask Aadhaar in free text", () => {
    const said = facts("ORU^R01", [
      pid("M1"),
      "OBR|1||F1|A",
      "OBX|1|TX|N||card 2341 2341 2346 seen",
    ]);

    expect(JSON.stringify(said)).not.toContain("2341 2341");
  });
});

describe("vaccinations", () => {
  const hepB = { 3: "20260301", 5: "08^HepB^CVX" };
  const given = (rxa: Readonly<Record<number, string>>, order = "ORC|RE||9001") =>
    patient(
      [
        pid("M1", "A^B"),
        order,
        segment("RXA", rxa),
        "RXR|IM^Intramuscular",
        "OBX|1|NM|30973-2^Dose^LN||2",
        "OBX|2|DT|30980-7^Due^LN||20260901",
      ],
      "VXU^V04",
    ).events[0];

  test("are read from RXA, RXR and the OBX below", () => {
    expect(
      given({ ...hepB, 6: "0.5", 7: "mL^mL^UCUM", 15: "LOT7", 20: "CP", 21: "A" }),
    ).toMatchObject({
      kind: "immunization",
      eventKey: "9001",
      code: "08",
      codeSystem: "http://hl7.org/fhir/sid/cvx",
      time: { at: "2026-03-01", precision: "day" },
      dose: "0.5 mL",
      lot: "LOT7",
      route: "Intramuscular",
      doseNumber: "2",
      dueAt: "2026-09-01",
      status: "completed",
    });
  });

  test("that were refused are not done, with the reason as note", () => {
    expect(given({ ...hepB, 6: "999", 18: "00^Parental decision", 20: "RE" })).toMatchObject({
      status: "not-done",
      note: "Parental decision",
      dose: null,
    });
  });

  test("that were taken back are entered in error", () => {
    expect(given({ ...hepB, 20: "CP", 21: "D" })?.status).toBe("entered-in-error");
  });

  test("with the placeholder order number 9999 have a derived key", () => {
    expect(given(hepB, "ORC|RE||9999")?.eventKey).toMatch(/^[0-9a-f]{32}$/);
  });

  test("are none where no vaccine was administered", () => {
    expect(given({ ...hepB, 5: "998^none^CVX" })).toBeUndefined();
  });
});

describe("merges", () => {
  const key = (value: string, system = "LNH") => ({ facilityId: "lnh", system, value });

  test.each(["A18", "A30", "A34", "A36", "A40", "A47"])(
    "of ADT^%s name survivor and prior",
    (trigger) => {
      const said = facts(`ADT^${trigger}`, [pid("NEW^^^LNH^MR", "A^B"), "MRG|OLD^^^LNH^MR"]);

      expect(said.merges).toEqual([{ survivor: key("NEW"), prior: key("OLD") }]);
    },
  );

  test("repeat in one message", () => {
    const segments = [
      pid("N1^^^LNH^MR", "A^B"),
      "MRG|O1^^^LNH^MR",
      pid("N2^^^LNH^MR"),
      "MRG|O2^^^LNH^MR",
    ];

    expect(facts("ADT^A40", segments).merges).toEqual([
      { survivor: key("N1"), prior: key("O1") },
      { survivor: key("N2"), prior: key("O2") },
    ]);
  });

  test("take a prior number without authority to be of the survivor's", () => {
    const said = facts("ADT^A40", [pid("NEW^^^MAIN^MR", "A^B"), "MRG|OLD"], {
      ownAuthorities: ["MAIN"],
    });

    expect(said.merges[0]?.prior).toEqual(key("OLD", "MAIN"));
  });

  test.each([
    ["a number into itself", "MRG|NEW^^^LNH^MR", "merge_with_itself"],
    ["a foreign number", "MRG|OLD^^^OTHER^MR", "merge_foreign_authority"],
    ["no number", "MRG|", "merge_prior_missing"],
  ])("of %s are left out with a warning", (_name, merge, rule) => {
    const said = facts("ADT^A40", [pid("NEW^^^LNH^MR", "A^B"), merge]);

    expect(said.merges).toEqual([]);
    expect(rulesOf(said)).toEqual([`${rule} MRG[1]-1`]);
  });
});

describe("messages", () => {
  test("of a type that is not mapped are landed only", () => {
    expect(facts("ORM^O01", [pid("M1", "A^B")])).toMatchObject({
      landedOnly: "ORM^O01",
      patients: [],
    });
  });

  test("without a type are a problem", () => {
    expect(result("", [pid("M1")])).toMatchObject({ reasons: [{ rule: "message_type_missing" }] });
  });

  test("of a mapped type that say nothing are a problem", () => {
    expect(result("ORU^R01", [pid("M1")])).toMatchObject({
      reasons: [{ rule: "message_says_nothing" }],
    });
  });

  test("warn of a segment that a lone line feed hides in another", () => {
    const said = facts("ADT^A01", [pid("M1", "A^B"), "NTE|1||text\nPV1|1|I"]);

    expect(rulesOf(said)).toEqual(["segment_after_line_feed null"]);
    expect(rulesOf(facts("ADT^A01", [pid("M1", "A^B"), "NTE|1||text\nmore"]))).toEqual([]);
  });

  test("carry the time they were sent, in the facility's zone", () => {
    expect(facts("ADT^A01", [pid("M1", "A^B")]).messageTime).toBe("2026-03-01T10:30:00+05:30");
  });
});
