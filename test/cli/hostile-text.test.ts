/** Names that would paint over a terminal, run in a spreadsheet or a browser, or begin a line of their own: in everything a facility gives us. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runHims } from "../support/cli.ts";
import { type CsvWorkspace, csvWorkspace } from "../support/csv-workspace.ts";

const sequence = "\u001b[2J\u001b]0;owned\u0007";
const hostile = `=cmd|x${sequence}\u009b31m\u202e<script>alert(1)</script>`;
const injected = `${hostile}\nINJECTED`;
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

let workspace: CsvWorkspace;

beforeAll(async () => {
  workspace = await csvWorkspace();
  const facility = JSON.stringify({
    id: "ddu",
    name: injected,
    ownership: "civic",
    kind: "hospital",
  });
  const columns = ["MRN", "Name", "Sex", "DOB", "Visit", "Complaint", "Town", `Sex ${hostile}`];
  workspace.write(
    "pipelines/opd.yaml",
    `version: 1
name: opd
description: ${JSON.stringify(injected)}
facility: ${facility}
source: { type: csv, at: ../exports/*.csv }
expect: { columns: [MRN, Other], extra: warn, missing: warn }
fields:
  mrn: MRN
  name: Name
  sex: ${JSON.stringify(columns[7])}
  birthDate: DOB
  city: Town
  eventKind: { value: encounter }
  at: Visit
  display: Complaint
`,
  );
  const row = (mrn: string, sex: string) =>
    [mrn, `Sita ${injected}`, "", "01/02/1980", "01/02/2026", injected, injected, sex].map(quoted);
  const rows = [columns.map(quoted), row("1", "F"), row(`2${hostile}`, "F"), row("3", injected)];
  const name = `exports/opd ${sequence}\u202e\nINJECTED.csv`;
  workspace.write(name, rows.map((cells) => cells.join(",")).join("\n"));
});
afterAll(async () => {
  await workspace.remove();
});

function expectHarmless(text: string): void {
  expect(text).not.toMatch(/[^\P{Cc}\n]|[\p{Bidi_Control}\u2028\u2029]/u);
  expect(text).not.toMatch(/^\s*INJECTED/m);
}

test("do no harm in what any command prints", async () => {
  const run = await workspace.hims(["run", "opd"]);
  expect(run.json?.data.runs[0]).toMatchObject({ read: 3, loaded: 2, quarantined: 1 });
  const { id } = run.json?.data.runs[0] ?? {};
  const found = await workspace.hims(["person", "find", "--identifier", "1"]);
  const healthId = String(found.json?.data.persons[0].healthId);
  const commands = [
    ["run", "opd", "--full"],
    ["run", "opd", "--full", "--max-quarantine", "0"],
    ["history", "list"],
    ["history", "show", String(id)],
    ["quarantine", "list"],
    ["quarantine", "show", "1"],
    ["quarantine", "export", "--out", `mend ${sequence}.csv`],
    ["quarantine", "replay", `mend ${sequence}.csv`],
    ["quarantine", "replay", "--pipeline", hostile],
    ["person", "find", "--name", "Sita"],
    ["person", "show", healthId],
    ["person", "timeline", healthId],
    ["facility", "list"],
    ["facility", "show", "ddu"],
    ["facility", "show", hostile],
    ["pipeline", "list"],
    ["pipeline", "check", "opd"],
    ["pipeline", "show", "opd"],
    ["schedule", "next"],
    ["doctor"],
    ["db", "status"],
    ["card", "make", "--all", "--layout", "a4", "--out", `cards ${sequence}`],
    ["card", "verify", hostile],
    [hostile],
  ];
  for (const command of commands) {
    const text = await runHims(command, { cwd: workspace.path });
    expectHarmless(text.stdout);
    expectHarmless(text.stderr);
    expect([0, 2, 3, 7], command.join(" ")).toContain(text.exitCode);
    if (command.includes("--out")) continue;
    const json = await workspace.hims(command);
    expect(json.json, command.join(" ")).not.toBeNull();
    expectHarmless(json.stdout.replace(/\n$/, ""));
  }
});

test("run in no table that people open", () => {
  const tables = readdirSync(workspace.path, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".csv") && !name.startsWith("exports"),
  );
  expect(tables.some((name) => name.includes("mend"))).toBe(true);
  expect(tables.some((name) => name.includes("manifest"))).toBe(true);
  for (const name of tables) {
    const text = readFileSync(join(workspace.path, name), "utf8");
    expect(text, name).not.toMatch(/(?:^|[,"])\s*=cmd/m);
  }
});
