/** Pipelines that feed the same records, tried out together: each counts on what those before it would have left. */
import { expect, test } from "vitest";
import { runPipelines } from "../../src/pipelines/run-pipelines.ts";
import { withDatabase } from "../support/database.ts";
import { everyDefault } from "../support/ingest-context.ts";
import { aFeed, contentOf } from "../support/ingest-run.ts";

const yaml = (name: string, gate = "") => `version: 1
name: ${name}
facility: { id: ddu, name: Test Hospital, authorities: [DDU] }
source: { type: csv, at: "${name}-*.csv" }
fields: { mrn: MRN, name: Name, birthDate: DOB }
${gate}
`;
const header = "MRN,Name,DOB\n";
const [ram, sita, gita] = ["1,Ram,05/02/1985\n", "2,Sita,05/02/1985\n", "3,Gita,05/02/1985\n"];

test("pipelines tried out together count what they count when they run, also beside a gated file", async () => {
  const { database } = await withDatabase();
  const feed = aFeed(database);
  feed.write("reg-1.csv", header + ram);
  feed.write("reg-2.csv", `${header}9,Nobody,31/31/1985\n`);
  feed.write("reg-3.csv", header + sita);
  feed.write("opd-1.csv", header + ram + sita + gita);
  const requested = [yaml("reg", "gate: { max_quarantine: 10 }"), yaml("opd")].map((text) => {
    const file = feed.pipeline(text);
    return { name: file.name, file };
  });
  const run = async (dryRun: boolean) => {
    const options = { ...everyDefault, dryRun };
    const { report, failures } = await runPipelines(requested, options, feed.context);
    const counts = report.runs.map(({ pipeline, status, loaded, unchanged, quarantined }) => ({
      pipeline,
      status,
      loaded,
      unchanged,
      quarantined,
    }));
    return { counts, failures: failures.map(({ code }) => code) };
  };
  const before = await contentOf(database);

  const predicted = await run(true);

  expect(await contentOf(database)).toEqual(before);
  const tried = await database.writer.rows(
    "select pipeline, status, read::int from pipeline_run where (detail->>'dryRun')::boolean order by pipeline desc",
  );
  expect(tried).toEqual([
    { pipeline: "reg", status: "gated", read: 0 },
    { pipeline: "opd", status: "succeeded", read: 0 },
  ]);
  const counts = [
    { pipeline: "reg", status: "gated", loaded: 2, unchanged: 0, quarantined: 0 },
    { pipeline: "opd", status: "succeeded", loaded: 1, unchanged: 2, quarantined: 0 },
  ];
  expect(predicted).toEqual({ counts, failures: ["HIMS_GATE_QUARANTINE"] });
  expect(await run(false)).toEqual(predicted);
});
