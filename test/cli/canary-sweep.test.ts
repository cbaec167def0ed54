/** Canary Aadhaar numbers and names: whatever happens to a load, no log, answer or complaint holds one, the database's own log included. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { numbersIn, seeded, withCheckDigit, written } from "../support/aadhaar-numbers.ts";
import { cancelStatement, killSession, terminateSession } from "../support/blows.ts";
import type { CliRun } from "../support/cli.ts";
import { type CrashWorkspace, crashWorkspace } from "../support/crash-workspace.ts";

const random = seeded(20_261_130);
const below = (limit: number) => Math.floor(random() * limit);
const digits = (count: number) => Array.from({ length: count }, () => below(10)).join("");
const letters = (count: number) =>
  Array.from({ length: count }, () => "bcdfghjklmnpqrstvwxz"[below(20)]).join("");

/** First digit 3 to 8: none is a time or a mobile. */
const anAadhaar = () => withCheckDigit(`${3 + below(6)}${digits(10)}`);

const numbers = new Set<string>();
const names: string[] = [];
const survivors: string[] = [];
const canary = (way: number) => {
  const number = anAadhaar();
  numbers.add(number);
  return written(number, way);
};
const surviving = (text: string) => {
  survivors.push(text);
  return text;
};

/** Every fourth row is broken; mapped fields hold what only looks like an Aadhaar number. */
function row(index: number): string {
  const name = `Z${letters(9)}`;
  names.push(name);
  const isBroken = index % 4 === 3;
  const keep = (text: string) => (index < 40 ? surviving(text) : text);
  return [
    keep(index % 3 === 0 ? anAadhaar() : `M${index}x${digits(6)}`),
    `${name} ${canary(index)}`,
    isBroken ? "31/02/1980" : "01/02/1980",
    keep(withCheckDigit(`919${digits(8)}`)),
    keep(digits(14)),
    `Plot 7 ${canary(index + 1)}`,
    canary(index + 2),
    keep(`2026-03-0${1 + below(9)} 10:${10 + below(50)}`),
    `"said ""${canary(index + 3)}"", twice\n${canary(index + 4)}"`,
  ].join(",");
}
const header = "MRN,Name,DOB,Phone,ABHA,Address,Aadhaar,Seen,Remarks";
const content = `${header}\n${Array.from({ length: 2_000 }, (_, index) => row(index)).join("\n")}\n`;
const yaml = `version: 1
name: opd
facility: { id: ddu, name: Test Hospital, ownership: delhi_govt, kind: hospital }
source: { type: csv, at: ../exports/opd.csv }
fields: { mrn: MRN, name: Name, birthDate: DOB, phone: Phone, abhaNumber: ABHA, addressLine: Address, aadhaar: Aadhaar,
  eventKind: { value: condition }, display: Remarks, note: Remarks, at: Seen }
`;
const loud = { env: { HIMS_LOG_LEVEL: "trace", HIMS_DEBUG: "1" } };
const copying = { statement: /copy stage_claim/i, afterMs: 0 };

let workspace: CrashWorkspace;
beforeAll(async () => {
  workspace = await crashWorkspace();
  workspace.write("pipelines/opd.yaml", yaml);
  workspace.write("exports/opd.csv", content);
});
afterAll(() => workspace.remove());

function serverLogs(): string {
  const home = join(workspace.path, ".hims", "postgres");
  const logs = readdirSync(join(home, "log")).map((name) => join(home, "log", name));
  return [...logs, join(home, "start.log")].map((path) => readFileSync(path, "utf8")).join("");
}

function expectNoCanary(text: string): void {
  expect(numbersIn(text, numbers)).toEqual([]);
  expect(names.filter((name) => text.includes(name))).toEqual([]);
}

async function expectSilence(runs: readonly CliRun[]): Promise<void> {
  const list = await workspace.hims(["history", "list"], loud);
  const shown = await Promise.all(
    list.json?.data.runs.map(({ id }: { id: string }) =>
      workspace.hims(["history", "show", id], loud),
    ),
  );
  const told = [...runs, list, ...shown].map(({ stdout, stderr }) => stdout + stderr).join("\n");
  expectNoCanary(told);
  expectNoCanary(serverLogs());
}

test("the sweep finds every number in the export itself", () => {
  expect(new Set(numbersIn(content, numbers))).toEqual(numbers);
});

test("a row that the database refuses is told by a code alone", async () => {
  await workspace.rows("alter table patient_record add constraint refused check (name is null)");
  const run = await workspace.hims(["run", "opd"], loud);
  await workspace.rows("alter table patient_record drop constraint refused");

  expect(run.exitCode).toBe(1);
  expect(run.json?.data.runs[0].error.code).toBe("HIMS_BUG");
  await expectSilence([run]);
});

test.each([
  { what: "cancelled", blow: cancelStatement, code: "HIMS_DATABASE_CANCELED", log: null },
  {
    what: "ended",
    blow: terminateSession,
    code: "HIMS_DATABASE_UNREACHABLE",
    log: "terminating connection",
  },
  {
    what: "killed",
    blow: killSession,
    code: "HIMS_DATABASE_UNREACHABLE",
    log: "terminated by signal 9",
  },
])(
  "a session that is $what in the middle of a COPY leaves no trace of a row",
  async ({ blow, code, log }) => {
    const run = await workspace.struck(["run", "opd"], copying, blow, loud);

    expect([run.exitCode, run.json?.data?.runs[0].error.code]).toEqual([4, code]);
    if (log !== null) expect(serverLogs()).toContain(log);
    await expectSilence([run]);
  },
);

test("a load that comes to its end, its quarantine and what is given out of it hold no number, and keep what only looks like one", async () => {
  const run = await workspace.hims(["run", "opd"], loud);
  expect(run.json?.data.runs[0]).toMatchObject({ read: 2_000, loaded: 1_500, quarantined: 500 });

  const list = await workspace.hims(["quarantine", "list", "--limit", "500"], loud);
  const item = list.json?.data.items[0].id;
  const show = await workspace.hims(["quarantine", "show", item], loud);
  const given = await workspace.hims(["quarantine", "export", "--out", "given.csv"], loud);
  const again = await workspace.hims(["quarantine", "replay", "given.csv"], loud);
  expect(again.json?.data).toMatchObject({ cleared: 0, stillOpen: 500 });

  await expectSilence([run, list, show, given, again]);
  const file = readFileSync(join(workspace.path, "given.csv"), "utf8");
  expect(numbersIn(file, numbers)).toEqual([]);
  const rows = await workspace.rows(`select to_jsonb(r)::text as kept from patient_record r
    union all select to_jsonb(e)::text from clinical_event e`);
  const store = rows.map(({ kept }) => kept).join("\n");
  expect(numbersIn(store, numbers)).toEqual([]);
  // The store writes a time as ISO does.
  const kept = `${store}\n${file}`;
  const isKept = (text: string) => kept.includes(text) || kept.includes(text.replace(" ", "T"));
  expect(survivors.filter((text) => !isKept(text))).toEqual([]);
});
