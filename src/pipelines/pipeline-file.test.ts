import { expect, test } from "vitest";
import { pipelineSchema } from "./pipeline-file.ts";

const base = {
  version: 1,
  name: "opd",
  facility: "ddu",
  source: { type: "csv", at: "opd.csv" },
};
const complaints = (fields: object, events: readonly object[] = []) => {
  const read = pipelineSchema.safeParse({ ...base, fields: { mrn: "No", ...fields }, events });
  return read.success ? [] : read.error.issues.map((issue) => JSON.stringify(issue));
};

test("words of the map itself are checked: kinds of events, sexes and date formats", () => {
  expect(
    complaints({
      sex: { column: "Sex", values: { L: "male", S: "F", "?": "unknown" } },
      birthDate: { column: "Born", format: "DD/MM/YYYY" },
      eventKind: { value: "Vaccination" },
    }),
  ).toEqual([]);
  expect(complaints({ eventKind: { value: "visitation" } }).join()).toContain(
    "not a kind of event",
  );
  expect(complaints({ sex: { column: "Sex", values: { L: "malee" } } }).join()).toContain(
    "not a sex",
  );
  expect(complaints({ birthDate: { column: "Born", format: "QQ-ZZ" } }).join()).toContain(
    "not a date format",
  );
  expect(complaints({}, [{ eventKind: { value: "visitation" } }]).join()).toContain(
    "not a kind of event",
  );
});
