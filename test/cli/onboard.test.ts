import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runHims } from "../support/cli.ts";
import { type CsvWorkspace, csvWorkspace } from "../support/csv-workspace.ts";

let workspace: CsvWorkspace;
beforeAll(async () => {
  workspace = await csvWorkspace();
});
afterAll(() => workspace.remove());

/** 24 made-up patients under titles, with a total line below. */
function register(): string {
  const rows = Array.from({ length: 24 }, (_, index) => {
    const isWoman = index % 2 === 0;
    const name = isWoman ? "SUNITA DEVI" : "MOHD ARIF";
    return `${index + 1};2026${index + 100};${name};S/O OM PRAKASH;${isWoman ? "F" : "M"};${13 + (index % 15)}/03/1980;98110${10000 + index};"H.No ${index}; Gali 3";${13 + (index % 15)}/11/2026`;
  });
  const header = "S.No.;Regn No;Pt Name;F/H Name;Sex;DOB;Mob;Address;Regn Date";
  return `DDU HOSPITAL;;;;;;;;\nOPD register;;;;;;;;\n\n${header}\n${rows.join("\n")}\nTotal: 24;;;;;;;;\n`;
}

const facility = ["--facility", "DDU", "--ownership", "delhi_govt", "--kind", "hospital"];
const onboard = (file: string, name: string, ...rest: readonly string[]) =>
  workspace.hims(["onboard", file, ...facility, "--name", name, ...rest]);

test("onboarding writes a pipeline that checks clean and runs at once", async () => {
  const file = workspace.write("drop/register.csv", register());

  const onboarded = await onboard(file, "ddu-opd", "--yes");
  const check = await workspace.hims(["pipeline", "check", "ddu-opd"]);
  const run = await workspace.hims(["run", "ddu-opd"]);
  const facilities = await workspace.hims(["facility", "list"]);

  expect(onboarded.exitCode).toBe(0);
  expect(onboarded.json?.data).toMatchObject({
    pipeline: "ddu-opd",
    format: "csv",
    encoding: "utf-8",
    delimiter: ";",
    headerRow: 4,
    unmapped: ["S.No."],
    dryRun: { read: 24, loaded: 24, quarantined: 0 },
  });
  const fields = onboarded.json?.data.mapping.map((entry: { field: string }) => entry.field);
  expect(fields).toEqual([
    "mrn",
    "name",
    "relationName",
    "sex",
    "birthDate",
    "phone",
    "addressLine",
    "seenAt",
  ]);
  expect(check.exitCode).toBe(0);
  expect(run.json?.data.runs).toMatchObject([
    { read: 24, loaded: 24, quarantined: 0, layoutLines: 3 },
  ]);
  expect(facilities.json?.data.facilities).toContainEqual(
    expect.objectContaining({ id: "DDU", ownership: "delhi_govt", kind: "hospital" }),
  );
});

test("neither pipeline, report nor JSON hold a patient's value", async () => {
  const { stdout } = await onboard(workspace.write("drop/again.csv", register()), "again", "--yes");
  const { report } = JSON.parse(stdout).data;
  const written = readFileSync(join(workspace.path, "pipelines", "again.yaml"), "utf8");
  const texts = [stdout, written, readFileSync(report, "utf8")];

  for (const text of texts) expect(text).not.toMatch(/SUNITA|ARIF|PRAKASH|98110\d|Gali|1980/);
  expect(written).toContain("birthDate: DOB   # 0.99, e.g. NN/NN/NNNN");
  expect(written).toContain("# not mapped: S.No.");
  expect(written).toContain("gate: { max_quarantine: 10 }");
});

test("people see records as people, and without --yes nothing is written", async () => {
  const file = workspace.write("drop/look.csv", register());
  const run = await runHims(["onboard", file, ...facility, "--name", "look"], {
    cwd: workspace.path,
  });

  expect(run.exitCode).toBe(2);
  expect(run.stdout).toContain("SUNITA DEVI");
  expect(run.stdout).toContain("nothing was written");
  expect(run.stderr).toContain("--yes");
  expect(existsSync(join(workspace.path, "pipelines", "look.yaml"))).toBe(false);
});

test("as JSON the proposal comes with the refusal", async () => {
  const run = await onboard(workspace.write("drop/look.csv", register()), "look");

  expect(run.exitCode).toBe(2);
  expect(run.json).toMatchObject({ ok: false, error: { code: "HIMS_ONBOARD_UNCONFIRMED" } });
  expect(run.json?.data).toMatchObject({ headerRow: 4, report: null, dryRun: null });
});

test("a pipeline file that is there is not written over, unless --force says so", async () => {
  const file = workspace.write("drop/twice.csv", register());
  await onboard(file, "twice", "--yes");

  const again = await onboard(file, "twice", "--yes");
  const forced = await onboard(file, "twice", "--yes", "--force");

  expect(again.exitCode).toBe(2);
  expect(again.json?.error?.code).toBe("HIMS_ONBOARD_EXISTS");
  expect(forced.exitCode).toBe(0);
});

test("dates that may be either way are not guessed at: exit 2, until --date-order tells", async () => {
  const file = workspace.write(
    "drop/dates.csv",
    "MRN,Name,DOB\n1,Ram Lal,01/02/1980\n2,Sita Devi,03/04/1981\n",
  );

  const refused = await onboard(file, "dates", "--yes");
  const told = await onboard(file, "dates", "--yes", "--date-order", "mdy");

  expect(refused.exitCode).toBe(2);
  expect(refused.json?.error).toMatchObject({ code: "HIMS_ONBOARD_DATE_ORDER" });
  expect(refused.json?.error?.hint).toContain("--date-order");
  expect(told.json?.data.dateOrder).toBe("mdy");
  expect(existsSync(join(workspace.path, "pipelines", "dates.yaml"))).toBe(true);
});

test("without a patient number the columns are listed, and --column names one", async () => {
  const file = workspace.write(
    "drop/odd.csv",
    "Folio,Name,Sex\nRam 1,Ram Lal,M\nSita 2,Sita Devi,F\n",
  );

  const refused = await onboard(file, "odd", "--yes");
  const told = await onboard(file, "odd", "--yes", "--column", "mrn=Folio");

  expect(refused.json?.error).toMatchObject({ code: "HIMS_ONBOARD_PATIENT_NUMBER" });
  expect(refused.json?.error?.hint).toContain('"Folio"');
  expect(told.json?.data.dryRun).toEqual({ read: 2, loaded: 2, quarantined: 0 });
});

test("a new facility without --ownership and --kind has neither, with a warning", async () => {
  const file = workspace.write("drop/new.csv", register());
  const run = await workspace.hims([
    "onboard",
    file,
    "--facility",
    "NEW",
    "--name",
    "new",
    "--yes",
  ]);
  const facilities = await workspace.hims(["facility", "list"]);

  expect(run.json?.warnings).toEqual([expect.stringContaining("--ownership and --kind")]);
  expect(facilities.json?.data.facilities).toContainEqual(
    expect.objectContaining({ id: "NEW", ownership: null, kind: null }),
  );
});

test("HL7 files need no map; --yes makes the sender's own MSH-4 an authority of the facility", async () => {
  const message = [
    "MSH|^~\\&|ADT|LNJP|HIMS|DL|20261120101500||ADT^A04|1|P|2.5",
    "EVN|A04|20261120101500",
    "PID|1||7001^^^LNJP^MR||LAL^RAM||19800213|M",
    "PV1|1|O",
  ].join("\r");
  const file = workspace.write("drop/adt.hl7", `${message}\r`);

  const run = await workspace.hims([
    "onboard",
    file,
    "--facility",
    "LNJP",
    "--name",
    "lnjp",
    "--yes",
  ]);
  const loaded = await workspace.hims(["run", "lnjp"]);

  expect(run.json?.data).toMatchObject({
    format: "hl7",
    delimiter: null,
    headerRow: null,
    mapping: [],
    authorities: ["LNJP"],
    dryRun: { read: 1, loaded: 1, quarantined: 0 },
  });
  expect(loaded.json?.data.runs).toMatchObject([{ loaded: 1 }]);
});

test("a folder of one layout is one pipeline; one of several is refused by name", async () => {
  workspace.write("same/a.csv", "MRN,Name,Sex\n1,Ram Lal,M\n2,Sita Devi,F\n");
  const same = workspace.write("same/b.csv", "MRN,Name,Sex\n3,Mohan Lal,M\n4,Gita Devi,F\n");
  workspace.write("unlike/a.csv", "MRN,Name,Sex\n1,Ram Lal,M\n2,Sita Devi,F\n");
  const unlike = workspace.write("unlike/b.csv", "Reg No,Naam,Ling\n1,Ram Lal,M\n2,Sita Devi,F\n");

  const run = await onboard(join(same, ".."), "same", "--yes");
  const refused = await onboard(join(unlike, ".."), "unlike", "--yes");

  expect(run.json?.data.dryRun).toEqual({ read: 4, loaded: 4, quarantined: 0 });
  expect(refused.exitCode).toBe(2);
  expect(refused.json?.error).toMatchObject({ code: "HIMS_ONBOARD_LAYOUTS" });
  expect(refused.json?.error?.message).toContain("b.csv");
});
