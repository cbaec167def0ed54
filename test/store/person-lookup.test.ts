import { expect, test } from "vitest";
import {
  atTerminal,
  type Desk,
  findPeople,
  showOne,
  tellTimeline,
} from "../../src/pipelines/person-lookup.ts";
import { withDatabase } from "../support/database.ts";
import { openReaderRole } from "../support/reader-role.ts";
import { healthIds, loadSmallHospital, sunita } from "../support/small-hospital.ts";

async function openDesk(): Promise<Desk> {
  const { address, database } = await withDatabase();
  await loadSmallHospital(database.writer);
  return { reader: openReaderRole(address), actor: { who: "cli:clerk", purpose: "operations" } };
}

async function accesses(desk: Desk): Promise<readonly object[]> {
  return await desk.reader.rows(
    "select action, resource, person_id, outcome from access_log order by entry_id",
  );
}

test("people are found by what is typed, and the log names the criteria without their values", async () => {
  const desk = await openDesk();

  const found = await findPeople(desk, { name: "Devi", phone: "98222 22222" }, 10);

  expect(found).toMatchObject({
    total: 1,
    persons: [
      { healthId: healthIds.sunita, name: "SUNITA DEVI", sex: "female", birthDate: "1984-05-02" },
    ],
  });
  expect(await accesses(desk)).toEqual([
    { action: "find", resource: "Patient?nameTokens,phone", person_id: sunita, outcome: "ok" },
  ]);
});

test.each([
  [{}],
  [{ name: "--" }],
  [{ "birth-date": "yesterday" }],
  [{ phone: "1" }],
  [{ "health-id": "1000000000011" }],
])(
  "a search that cannot be understood is a mistake of usage and finds nobody (%#)",
  async (query) => {
    const desk = await openDesk();

    await expect(findPeople(desk, query, 10)).rejects.toMatchObject({ code: "HIMS_USAGE" });
    expect(await accesses(desk)).toEqual([]);
  },
);

test("a person is shown with conflicting blood groups and allergy entries, never with the hash of an Aadhaar number", async () => {
  const desk = await openDesk();

  const person = await showOne(desk, healthIds.sunitaOld);

  expect(person).toMatchObject({
    healthId: healthIds.sunita,
    status: "merged",
    mergedInto: healthIds.sunita,
    golden: {
      name: "SUNITA DEVI",
      bloodGroup: [
        { value: "A+", facility: "lnjp" },
        { value: "O+", facility: "mcd_7" },
      ],
      allergies: [{ display: "Penicillin" }, { display: "No known allergies" }],
      conflicts: ["bloodGroup", "allergies"],
    },
  });
  expect(JSON.stringify(person)).not.toContain("aadhaar");
});

test("the timeline tells kind, time, facility and line, and what the kind has of its own", async () => {
  const desk = await openDesk();

  const { events } = await tellTimeline(desk, healthIds.sunita);

  expect(events).toHaveLength(10);
  expect(events[0]).toMatchObject({ kind: "appointment", at: "2026-04-01", display: "Review" });
  expect(events[1]).toMatchObject({
    kind: "observation",
    code: "718-7",
    value: "11.2",
    facility: "lnjp",
    source: { file: "opd march#1.csv", line: 102 },
  });
});

test("a look at nobody is written down too", async () => {
  const desk = await openDesk();

  await expect(showOne(desk, "12")).rejects.toMatchObject({ code: "HIMS_PERSON_UNKNOWN" });
  expect(await accesses(desk)).toEqual([
    { action: "show", resource: "Patient", person_id: null, outcome: "not_found" },
  ]);
});

test("an unknown purpose is refused before the store is opened", async () => {
  const nowhere = { stateRoot: "/nowhere", databaseUrl: null };

  await expect(atTerminal(nowhere, "curiosity", async () => 1)).rejects.toMatchObject({
    code: "HIMS_USAGE",
  });
});
