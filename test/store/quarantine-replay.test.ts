/** Quarantined records given out and read again, on a real store: what a clerk's file may do, and what it may not. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exportQuarantine } from "../../src/pipelines/export-quarantine.ts";
import { type ReplayRequest, replayQuarantine } from "../../src/pipelines/replay-quarantine.ts";
import { listQuarantine } from "../../src/store/quarantine.ts";
import { withDatabase } from "../support/database.ts";
import { aFeed, contentOf } from "../support/ingest-run.ts";
import { type GivenSheet, workbookBytes } from "../support/workbook-bytes.ts";
import { zipBytes } from "../support/zip-bytes.ts";

const yaml = `version: 1
name: opd
facility: { id: ddu, name: Test Hospital, authorities: [DDU] }
source: { type: csv, at: "../*.csv" }
fields: { mrn: MRN, name: Name, sex: Sex, birthDate: DOB }
`;
const hl7Yaml = `version: 1
name: adt
facility: { id: ddu, name: Test Hospital, authorities: [DDU] }
source: { type: hl7, at: "../*.hl7" }
`;

async function aWard(pipelineYaml = yaml) {
  const { database, reader } = await withDatabase();
  const feed = aFeed(database);
  const name = pipelineYaml === hl7Yaml ? "adt" : "opd";
  feed.write(`pipelines/${name}.yaml`, pipelineYaml);
  const pipeline = { ...feed.pipeline(pipelineYaml.replace("../", "")), folder: feed.folder };
  const out = (file: string) => join(feed.folder, file);
  return {
    database,
    reader,
    feed,
    pipeline,
    async exported(file = "mend.txt") {
      const given = await exportQuarantine(
        { pipeline: null, run: null, out: out(file) },
        feed.context,
      );
      return { ...given, text: readFileSync(given.file, "utf8") };
    },
    async replay(request: Partial<ReplayRequest>) {
      const nothing = { file: null, pipeline: null, id: null, dryRun: false };
      const { report } = await replayQuarantine({ ...nothing, ...request }, feed.context);
      return report;
    },
    returned(file: string, content: string | Buffer) {
      feed.write(file, content);
      return out(file);
    },
    open: async () =>
      (await listQuarantine(reader, { pipeline: null, run: null, limit: 100 })).items.map(
        ({ id, rule, file, line }) => ({ id, rule, file, line }),
      ),
  };
}

describe("a clerk's file", () => {
  test("with a row that is still wrong keeps its item, as it is now", async () => {
    const ward = await aWard();
    ward.feed.write("a.csv", "MRN,Name,Sex,DOB\n1,Ram,Q,31/02/1980\n");
    await ward.feed.run(ward.pipeline);
    const [before] = await ward.open();
    const { text } = await ward.exported();

    const report = await ward.replay({
      file: ward.returned("half.txt", text.replace(",Q,", ",M,")),
    });

    expect(report).toMatchObject({ cleared: 0, stillOpen: 1 });
    expect(await ward.open()).toEqual([{ ...before, rule: "birth_date_invalid" }]);
    const next = await ward.exported("again.txt");
    expect(next.text).toContain("1,Ram,M,'31/02/1980");
    expect(next.items.map(({ row }) => text.includes(row))).toEqual([true]);
  });

  test("that has one id twice loads the row once, or not at all where the two differ", async () => {
    const ward = await aWard();
    ward.feed.write("a.csv", "MRN,Name,Sex,DOB\n1,Ram,M,x\n2,Sita,F,x\n");
    await ward.feed.run(ward.pipeline);
    const { text } = await ward.exported();
    const [head = "", first = "", second = ""] = text.split("\r\n");
    const mended = (row: string, date: string) => row.replace(",x,", `,${date},`);
    const lines = [
      head,
      mended(first, "01/02/1980"),
      mended(first, "01/02/1980"),
      mended(second, "01/02/1981"),
      mended(second, "01/02/1982"),
    ];

    const report = await ward.replay({ file: ward.returned("twice.txt", lines.join("\n")) });

    expect(report).toMatchObject({ cleared: 1, stillOpen: 1 });
    expect(report.notReplayed.map(({ line, reason }) => [line, reason])).toEqual([
      [3, "repeated"],
      [4, "repeated"],
      [5, "repeated"],
    ]);
  });

  test("mends rows of several exports, each read at the date and in the columns of its own", async () => {
    const ward = await aWard(yaml.replace("birthDate: DOB", "age: Age"));
    ward.feed.write("a.csv", "MRN,Name,Sex,Age\n1,Ram,M,old\n");
    ward.feed.write("b.csv", "Ward,Age,Sex,Name,MRN\nEast,old,F,Sita,2\n");
    await ward.feed.run(
      ward.feed.pipeline(yaml.replace("../", "").replace("birthDate: DOB", "age: Age")),
    );
    ward.feed.write("pipelines/opd.yaml", yaml.replace("birthDate: DOB", "age: Age"));
    const { text } = await ward.exported();
    expect(text).toContain("MRN,Name,Sex,Age,Ward,hims_raw");

    const report = await ward.replay({
      file: ward.returned("mended.txt", text.replaceAll(",old,", ",40,")),
    });

    expect(report.runs[0]).toMatchObject({ files: 2, read: 2, loaded: 2 });
    expect(
      await ward.reader.rows(
        "select id_value, birth_date, line::int, s.name from patient_record join source_file s using (file_id) order by 1",
      ),
    ).toEqual([
      { id_value: "1", birth_date: "1986-01-01", line: 2, name: "mended.txt" },
      { id_value: "2", birth_date: "1986-01-01", line: 3, name: "mended.txt" },
    ]);
  });

  test("tried out counts items that another row of it supersedes, as the replay does", async () => {
    const ward = await aWard();
    ward.feed.write("a.csv", "MRN,Name,Sex,DOB\n1,Ram,M,31/31/1985\n1,Ram,M,30/30/1985\n");
    await ward.feed.run(ward.pipeline);
    const { text } = await ward.exported();
    const file = ward.returned("back.txt", text.replace("30/30", "30/12"));

    const tried = await ward.replay({ file, dryRun: true });

    expect(tried).toMatchObject({ cleared: 2, stillOpen: 0 });
    expect(await ward.replay({ file })).toMatchObject({ cleared: 2, stillOpen: 0 });
  });

  test("comes back as a workbook, with its dates typed, and a number that was taken for a date waits on", async () => {
    const ward = await aWard();
    ward.feed.write("a.csv", "MRN,Name,Sex,DOB\n1,Ram,M,x\n2,सीता,F,x\n,Gita,F,x\n");
    await ward.feed.run(ward.pipeline);
    const { text } = await ward.exported();
    const [, ...rows] = text.trimEnd().split("\r\n");
    const ids = rows.map((row) => row.slice(row.lastIndexOf(",") + 1));
    const day = (number: number) => ({ number, format: "dd/mm/yyyy" });
    const mended: GivenSheet = {
      name: "Mended",
      rows: [
        ["Rows of March"],
        [],
        ["DOB", "hims_row", "Name", "MRN"],
        [day(29_659), ids[2] ?? "", "Gita", day(46_093)],
        ["'14/03/1981", ids[1] ?? "", "सीता", 2],
        [day(29_659), ids[0] ?? "", "Ram", 1],
      ],
    };
    const book = workbookBytes({ sheets: [{ name: "Notes", rows: [["by Asha"]] }, mended] });

    const report = await ward.replay({ file: ward.returned("mended.xlsx", book) });

    expect(report).toMatchObject({ cleared: 2, stillOpen: 1, notReplayed: [] });
    expect(
      await ward.reader.rows(
        "select id_value, name, sex, birth_date, line::int from patient_record order by 1",
      ),
    ).toEqual([
      { id_value: "1", name: "Ram", sex: "male", birth_date: "1981-03-14", line: 6 },
      { id_value: "2", name: "सीता", sex: "female", birth_date: "1981-03-14", line: 5 },
    ]);
    expect(await ward.open()).toMatchObject([{ rule: "excel_date" }]);
  });

  test("in an archive with other files is not guessed at", async () => {
    const ward = await aWard();
    const two = zipBytes([
      { name: "a.csv", content: "hims_row\n" },
      { name: "b.csv", content: "hims_row\n" },
    ]);
    await expect(ward.replay({ file: ward.returned("two.zip", two) })).rejects.toMatchObject({
      code: "HIMS_REPLAY_FILE",
    });
  });

  test("is tried out without a trace", async () => {
    const ward = await aWard();
    ward.feed.write("a.csv", "MRN,Name,Sex,DOB\n1,Ram,M,x\n");
    await ward.feed.run(ward.pipeline);
    const { text } = await ward.exported();
    const before = await contentOf(ward.database);
    const file = ward.returned("mended.txt", text.replace(",x,", ",01/02/1980,"));

    const dry = await ward.replay({ file, dryRun: true });

    expect(dry).toMatchObject({ cleared: 1, stillOpen: 0 });
    expect(await contentOf(ward.database)).toEqual(before);
    expect(await ward.replay({ file })).toMatchObject({ cleared: 1, stillOpen: 0 });
  });

  test("does not gate, and is no measure for what the hospital sends next", async () => {
    const ward = await aWard();
    const gated = { ...ward.pipeline, gate: { max_quarantine: 10, min_rows: 5, max_drop: 0 } };
    ward.feed.write(
      "a.csv",
      `MRN,Name,Sex,DOB\n${Array.from({ length: 20 }, (_, index) => `${index},P,M,${index === 0 ? "x" : "01/02/1980"}`).join("\n")}\n`,
    );
    await ward.feed.run(gated);
    ward.feed.write("pipelines/opd.yaml", `${yaml}gate: { min_rows: 5, max_drop: 0 }\n`);
    const { text } = await ward.exported();
    const file = ward.returned("a.txt", text.replace(",x,", ",01/02/1981,"));
    expect(await ward.replay({ file })).toMatchObject({ cleared: 1 });
  });
});

describe("records of the archive", () => {
  test("load when the map has been mended, and new ones open again when it is not", async () => {
    const ward = await aWard();
    ward.feed.write(
      "a.csv",
      'MRN,Name,Sex,DOB\n1,Ram,MC,01/02/1980\n2,Sita,FC,01/02/1981\n3,"Gita,F,x\n',
    );
    await ward.feed.run(ward.pipeline);
    expect(await ward.replay({ pipeline: "opd" })).toMatchObject({ cleared: 0, stillOpen: 3 });
    const values = "sex: { column: Sex, values: { MC: male, FC: female } }";
    ward.feed.write("pipelines/opd.yaml", yaml.replace("sex: Sex", values));
    const [first] = await ward.open();

    expect(await ward.replay({ id: first?.id ?? "" })).toMatchObject({ cleared: 1, stillOpen: 0 });
    expect(await ward.replay({ pipeline: "opd" })).toMatchObject({ cleared: 1, stillOpen: 1 });

    expect(await ward.open()).toMatchObject([{ rule: "unclosed_quote", line: 4 }]);
    ward.feed.write("b.csv", "MRN,Name,Sex,DOB\n1,Ram,MC,01/02/1980\n");
    await ward.feed.run(ward.pipeline);
    expect(await ward.open()).toMatchObject([{ rule: "unclosed_quote" }, { file: "b.csv" }]);
  });

  test("of none that waits are an error", async () => {
    const ward = await aWard();
    await expect(ward.replay({ pipeline: "opd" })).rejects.toMatchObject({
      code: "HIMS_QUARANTINE_UNKNOWN",
    });
  });
});

describe("HL7 messages", () => {
  const message = (type: string, number: string) =>
    [
      `MSH|^~\\&|HIS|DDU|HIMS|X|20261101080000||${type}|1|P|2.5`,
      `PID|1||${number}^^^DDU^MR||Devi^Sunita||19850201|F`,
      "",
    ].join("\r");

  test("are given out whole, each with its id, and clear when they come back mended", async () => {
    const ward = await aWard(hl7Yaml);
    ward.feed.write("a.hl7", message("ADT^A01", "") + message("ADT^A01", "7") + message("", "8"));
    await ward.feed.run(ward.pipeline);
    expect(await ward.open()).toHaveLength(2);

    const { text, list } = await ward.exported("mend.hl7");
    expect(text).toContain("BHS|^~\\&|||||||||Q1-");
    expect(existsSync(list ?? "")).toBe(true);
    const lines = text.split("\r").map((line) => line.replace("PID|1||^^^DDU", "PID|1||6^^^DDU"));
    const report = await ward.replay({ file: ward.returned("mended.hl7", lines.join("\r\n")) });

    expect(report).toMatchObject({ cleared: 1, stillOpen: 1, unknown: 0 });
    expect(await ward.open()).toMatchObject([{ rule: "message_type_missing", file: "a.hl7" }]);
    expect(await ward.reader.rows("select id_value from patient_record order by id_value")).toEqual(
      [{ id_value: "6" }, { id_value: "7" }],
    );
    expect(await ward.replay({ pipeline: "adt" })).toMatchObject({ cleared: 0, stillOpen: 1 });
  });

  test("that were made two of are not guessed at", async () => {
    const ward = await aWard(hl7Yaml);
    ward.feed.write("a.hl7", message("ADT^A01", ""));
    await ward.feed.run(ward.pipeline);
    const { text } = await ward.exported("mend.hl7");
    const two = text.replace("BTS|1", `${message("ADT^A01", "9")}BTS|1`);
    const report = await ward.replay({ file: ward.returned("two.hl7", two) });
    expect(report).toMatchObject({ cleared: 0, stillOpen: 1 });
    expect(report.notReplayed).toMatchObject([{ reason: "not_one_message" }]);
  });
});

test("a file that was given to a clerk is not taken for an export of the hospital", async () => {
  const ward = await aWard();
  ward.feed.write("a.csv", "MRN,Name,Sex,DOB\n1,Ram,M\n");
  await ward.feed.run(ward.pipeline);
  await ward.exported("b.csv");
  const run = await ward.feed.run(ward.pipeline);
  expect(run.error).toMatchObject({ code: "HIMS_SOURCE_GIVEN_OUT" });
  expect(await ward.reader.rows("select 1 from patient_record")).toEqual([]);
});

test("an Aadhaar number is masked in what is given out, and in what comes back", async () => {
  const ward = await aWard(yaml.replace("sex: Sex", "sex: Sex, addressLine: Address"));
  const aadhaar = "2345 6789 0124";
  ward.feed.write(
    "a.csv",
    `MRN,Name,Sex,DOB,Address\n1,Ram,M,x,${aadhaar}\n2,"Sita ${aadhaar},F\n`,
  );
  const own = yaml.replace("sex: Sex", "sex: Sex, addressLine: Address").replace("../", "");
  await ward.feed.run(ward.feed.pipeline(own));
  const { text } = await ward.exported();
  expect(text).not.toContain(aadhaar);

  const mended = text
    .replace("'x", "x")
    .replace(",x,", ",01/02/1980,")
    .replace(/,X[^,]+,/, `,${aadhaar},`);
  expect(mended).toContain(aadhaar);
  expect(await ward.replay({ file: ward.returned("m.txt", mended) })).toMatchObject({ cleared: 1 });
  const [row] = await ward.reader.rows<{ address_line: string }>(
    "select address_line from patient_record",
  );
  expect(row?.address_line).toMatch(/^X+ X+ X+$/);
});

test("an export without a header goes out under numbers and comes back", async () => {
  const numbered = yaml
    .replace("type: csv,", "type: csv, header: none,")
    .replace("MRN, name: Name, sex: Sex, birthDate: DOB", "'1', name: '2', birthDate: '3'");
  const ward = await aWard(numbered);
  ward.feed.write("a.csv", "1|Ram|x\n2|Sita|01/02/1980\n3|Gita|y\n");
  await ward.feed.run(ward.feed.pipeline(numbered.replace("../", "")));
  const { text } = await ward.exported();
  expect(text).toMatch(/^\ufeff1\|2\|3\|hims_raw/);
  const file = ward.returned(
    "m.txt",
    text.replace("|x|", "|02/02/1980|").replace("|y|", "|03/02/1980|"),
  );
  expect(await ward.replay({ file })).toMatchObject({ cleared: 2, stillOpen: 0 });
  const names = await ward.reader.rows(
    "select id_value as number, name from patient_record order by 1",
  );
  expect(names).toEqual([
    { number: "1", name: "Ram" },
    { number: "2", name: "Sita" },
    { number: "3", name: "Gita" },
  ]);
});
