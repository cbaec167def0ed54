/** Broken rows out to a clerk and back, through the command line, as they come back from a spreadsheet. */
import { readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import iconv from "iconv-lite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CsvWorkspace, csvWorkspace } from "../support/csv-workspace.ts";

const yaml = `version: 1
name: opd
facility: { id: ddu, name: Test Hospital, ownership: delhi_govt, kind: hospital }
source: { type: csv, at: ../exports/opd*.csv }
fields:
  mrn: Reg No
  name: Name
  nameLocal: Local
  sex: Sex
  birthDate: DOB
  age: Age
  phone: Phone
  seenAt: Visit
  addressLine: Address
`;
const head = "Reg No;Name;Local;Sex;DOB;Age;Phone;Visit;Address";
const good = "001;Ram Kumar;राम;M;01/02/1980;;9810012345;01/11/2026;12 Main Road";

/** What is wrong, the row, and its cells once they are right. */
const broken: readonly (readonly [
  rule: string,
  row: string,
  mended: Readonly<Record<string, string>>,
])[] = [
  [
    "birth_date_invalid",
    "002;Sita Devi;सीता;F;31/02/1981;;+91 98100 12346;;=1+1",
    { DOB: "28-02-1981" },
  ],
  ["identifier_missing", ";Gita Devi;गीता;F;03/04/1982;;9810012347;;Rohini", { "Reg No": "003" }],
  ["sex_unknown_code", "004;Mohan;मोहन;Q;03/04/1983;;;;@Rohini", { Sex: "M" }],
  ["unclosed_quote", '005;"Sohan;सोहन;M;03/04/1984;;;;Rohini', { hims_code: "" }],
  ["cells_missing", "006;Radha;राधा;F;03/04/1985", { Phone: "9810012350" }],
  ["cells_extra", "007;Uma;उमा;F;03/04/1986;;;;Flat 3;Dwarka", { Address: "Flat 3, Dwarka" }],
  ["age_invalid", "008;Asha;आशा;F;;old;;;-", { Age: "45" }],
  ["birth_date_in_future", "009;Hari;हरि;M;01/01/2150;;;;Rohini", { DOB: "01/01/1950" }],
  ["unclosed_quote", '010;Tara;तारा;F;03/04/1987;;;"02/11/2026;Rohini', { hims_code: "" }],
  ["identifier_masked", "XXXX XXXX XXXX;Nita;नीता;F;03/04/1988;;;;Rohini", { "Reg No": "011" }],
  ["value_too_long", `${"9".repeat(300)};Ravi;रवि;M;03/04/1989;;;;Rohini`, { "Reg No": "012" }],
  [
    "birth_date_invalid",
    '013;"Ila\nSen";इला;F;30/02/1990;;;;"14, B\nRohini"',
    { DOB: "28/02/1990" },
  ],
];

type Table = readonly Readonly<Record<string, string>>[];

let workspace: CsvWorkspace;
let other: CsvWorkspace;
const fileTime = new Date("2026-11-10T06:00:00Z");

beforeAll(async () => {
  [workspace, other] = await Promise.all([csvWorkspace(), csvWorkspace()]);
});
afterAll(async () => {
  await Promise.all([workspace.remove(), other.remove()]);
});

function writeExport(to: CsvWorkspace, rows: readonly string[]): void {
  to.write("pipelines/opd.yaml", yaml);
  const path = to.write("exports/opd.csv", ["OPD of the day", head, ...rows, ""].join("\r\n"));
  utimesSync(path, fileTime, fileTime);
}

function exported(path: string): Table {
  return parse(readFileSync(path), { bom: true, columns: true, delimiter: ";" });
}

/** What a clerk does: mends, takes columns out, turns rows and columns round, and saves in another form. */
function returned(table: Table, delimiter: string, mend: boolean): string {
  const byCode = [...broken];
  const rows = table.map((row) => {
    const at = byCode.findIndex(([rule]) => rule === row["hims_code"]);
    const [found] = at === -1 ? [] : byCode.splice(at, 1);
    return mend && found !== undefined ? { ...row, ...found[2] } : row;
  });
  const columns = Object.keys(table[0] ?? {})
    .filter((column) => !["hims_raw", "hims_message_hi"].includes(column))
    .reverse();
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const lines = rows.reverse().map((row) => columns.map((column) => quoted(row[column] ?? "")));
  return [columns, [], ...lines].map((line) => line.join(delimiter)).join("\r\n");
}

describe("a dozen kinds of broken rows", () => {
  test("are given out in the hospital's own columns, for the owner's eyes, and run nothing", async () => {
    writeExport(workspace, [good, ...broken.map(([, row]) => row)]);
    const run = await workspace.hims(["run", "opd"]);
    expect(run.json?.data.runs[0]).toMatchObject({ read: 13, loaded: 1, quarantined: 12 });

    const given = await workspace.hims(["quarantine", "export", "--out", "mend.csv"]);

    expect(given.json?.data).toMatchObject({ pipeline: "opd", rows: 12 });
    expect(given.json?.data.items).toHaveLength(12);
    const path = join(workspace.path, "mend.csv");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const text = readFileSync(path, "utf8");
    expect(text.startsWith(`\ufeff${head};hims_raw;hims_code;`)).toBe(true);
    const table = exported(path);
    expect(table.map((row) => row["hims_code"])).toEqual(broken.map(([rule]) => rule));
    for (const row of table) {
      for (const cell of Object.values(row)) expect(cell).not.toMatch(/^\s*[=+\-@\t\r]/);
      expect(row["hims_message_hi"]).toMatch(/\p{Script=Devanagari}/u);
    }
    const again = await workspace.hims(["quarantine", "export", "--out", "mend.csv"]);
    expect(again.json?.error?.code).toBe("HIMS_FILE_EXISTS");
  });

  test("come back untouched and stay where they were", async () => {
    const table = exported(join(workspace.path, "mend.csv"));
    workspace.write("untouched.csv", returned(table, ",", false));
    const before = await workspace.hash();

    const replay = await workspace.hims(["quarantine", "replay", "untouched.csv"]);

    expect(replay.exitCode).toBe(0);
    expect(replay.json?.data).toMatchObject({ cleared: 0, stillOpen: 12, unknown: 0 });
    expect(replay.json?.data.runs[0]).toMatchObject({ read: 8, loaded: 0, quarantined: 8 });
    expect(await workspace.hash()).toBe(before);
  });

  test("come back mended in Windows-1252, which lost their Hindi, and load as they should have at once", async () => {
    const table = exported(join(workspace.path, "mend.csv"));
    workspace.write("mended.csv", iconv.encode(returned(table, ";", true), "windows-1252"));

    const dry = await workspace.hims(["quarantine", "replay", "mended.csv", "--dry-run"]);
    const replay = await workspace.hims(["quarantine", "replay", "mended.csv"]);

    expect(dry.json?.data).toMatchObject({ cleared: 12, stillOpen: 0 });
    expect(replay.json?.data).toMatchObject({ cleared: 12, stillOpen: 0, unknown: 0 });
    expect(replay.json?.data.runs[0]).toMatchObject({ read: 12, loaded: 12, quarantined: 0 });
    expect(replay.json?.data.persons.total).toBe(13);
    expect((await workspace.hims(["quarantine", "list"])).json?.data.total).toBe(0);

    writeExport(other, [
      good,
      "002;Sita Devi;सीता;F;28-02-1981;;+91 98100 12346;;=1+1",
      "003;Gita Devi;गीता;F;03/04/1982;;9810012347;;Rohini",
      "004;Mohan;मोहन;M;03/04/1983;;;;@Rohini",
      "005;Sohan;सोहन;M;03/04/1984;;;;Rohini",
      "006;Radha;राधा;F;03/04/1985;;9810012350;;",
      "007;Uma;उमा;F;03/04/1986;;;;Flat 3, Dwarka",
      "008;Asha;आशा;F;;45;;;-",
      "009;Hari;हरि;M;01/01/1950;;;;Rohini",
      "010;Tara;तारा;F;03/04/1987;;;02/11/2026;Rohini",
      "011;Nita;नीता;F;03/04/1988;;;;Rohini",
      "012;Ravi;रवि;M;03/04/1989;;;;Rohini",
      '013;"Ila\nSen";इला;F;28/02/1990;;;;"14, B\nRohini"',
    ]);
    await other.hims(["run", "opd"]);
    expect(await workspace.hash()).toBe(await other.hash());
  });

  test("are loaded once: the same file again, in UTF-16 with tabs, changes nothing", async () => {
    const table = exported(join(workspace.path, "mend.csv"));
    const before = await workspace.hash();
    workspace.write("again.txt", Buffer.from(`\ufeff${returned(table, "\t", true)}`, "utf16le"));

    const replay = await workspace.hims(["quarantine", "replay", "again.txt"]);

    expect(replay.json?.data).toMatchObject({ cleared: 0, stillOpen: 0, alreadyClosed: 12 });
    expect(replay.json?.data.runs[0]).toMatchObject({ status: "unchanged", read: 0 });
    expect(await workspace.hash()).toBe(before);
  });

  test("stay cleared when the hospital sends them once more", async () => {
    const rows = [...broken.map(([, row]) => row), good];
    workspace.write("exports/opd-2.csv", [head, ...rows, ""].join("\r\n"));

    const run = await workspace.hims(["run", "opd"]);

    expect(run.json?.data.runs[0]).toMatchObject({ read: 13, unchanged: 1, quarantined: 12 });
    expect((await workspace.hims(["quarantine", "list"])).json?.data.total).toBe(0);
  });
});

test("a file of another store, or with damaged ids, loads nothing and says so", async () => {
  workspace.write(
    "strange.csv",
    "Reg No,Name,hims_row\n1,Ram,Q1-ZZZZ\n2,Sita,Q999999-2345\n3,Gita,\n",
  );
  const replay = await workspace.hims(["quarantine", "replay", "strange.csv", "--pipeline", "opd"]);
  expect(replay.json?.data).toMatchObject({ cleared: 0, stillOpen: 0, unknown: 3 });
  expect(replay.json?.data.runs[0].read).toBe(0);

  workspace.write("none.csv", "Reg No,Name\n1,Ram\n");
  const refused = await workspace.hims(["quarantine", "replay", "none.csv"]);
  expect(refused).toMatchObject({ exitCode: 2, json: { error: { code: "HIMS_REPLAY_FILE" } } });
});
