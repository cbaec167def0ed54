import { parse as parseCsv } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { HimsError } from "../platform/errors.ts";
import type { IsoDate } from "../platform/ids.ts";
import { eventMapSchema, fieldMapSchema, mappedColumns } from "../records/field-map.ts";
import { verhoeffDigit } from "./check-digit.ts";
import type { SynthOptions } from "./synth-options.ts";
import { type Expected, synthesize } from "./synthesize.ts";

const options: SynthOptions = { people: 2500, seed: 5, today: "2026-11-01" as IsoDate };

function filesOf(given: SynthOptions): Map<string, Buffer> {
  return new Map(
    [...synthesize(given)].map(({ path, chunks }) => [path, Buffer.concat([...chunks])]),
  );
}

const files = filesOf(options);
const textOf = (path: string, encoding = "utf-8") =>
  new TextDecoder(encoding, { fatal: true }).decode(files.get(path));
const expected: Expected = JSON.parse(textOf("expected.json"));
const truth = new Map(
  textOf("truth.csv")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => [line.split(",")[0] ?? "", line.split(",")[1] ?? ""]),
);
const encodingOf = (path: string) => (path.includes("/NDN/opd") ? "windows-1252" : "utf-8");
const csvPipelines = Object.entries(expected.pipelines).filter(([name]) => name !== "ygh-hl7");

interface Table {
  readonly header: readonly string[];
  /** Records below the header, repeated headers and totals taken out. */
  readonly records: readonly (readonly string[])[];
  readonly layoutLines: number;
}

/** Reads an export with csv-parse, which the generator does not know; the one quote that is never closed is taken out first. */
function tableOf(path: string, headerHas: string): Table {
  const delimiter = path.endsWith(".tsv") ? "\t" : path.includes("/SPC/") ? ";" : ",";
  const lines = textOf(path, encodingOf(path));
  const closed = path.endsWith(".tsv") ? lines.replace(/"(?=[^"\n]*\n$)/, "") : lines;
  const rows: string[][] = parseCsv(closed, { delimiter, relax_column_count: true, bom: true });
  const at = rows.findIndex((row) => row.includes(headerHas));
  const header = rows[at] ?? [];
  const below = rows.slice(at + 1);
  const records = below.filter((row) => row[0] !== header[0] && row[0] !== "Total");
  return { header, records, layoutLines: at + below.length - records.length };
}

interface PipelineYaml {
  readonly name: string;
  readonly facility: { readonly id: string };
  readonly source: { readonly type: string; readonly at: string };
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly events?: readonly unknown[];
}
const pipelineOf = (name: string): PipelineYaml => parseYaml(textOf(`pipelines/${name}.yaml`));

test("the same options give the same bytes, another seed gives others", () => {
  const small = { ...options, people: 300 };

  expect(filesOf(small)).toEqual(filesOf(small));
  expect(filesOf({ ...small, seed: 6 }).get("truth.csv")).not.toEqual(
    filesOf(small).get("truth.csv"),
  );
});

test("a file can be read twice, and the expectations do not depend on having read the exports", () => {
  const last = [...synthesize(options)].at(-1);

  expect(last?.path).toBe("expected.json");
  expect(Buffer.concat([...(last?.chunks ?? [])])).toEqual(files.get("expected.json"));
});

test("one human is enough, none is refused", () => {
  expect(filesOf({ ...options, people: 1 }).size).toBe(files.size);
  expect(() => [...synthesize({ ...options, people: 0 })]).toThrow(HimsError);
});

describe.each(csvPipelines)("pipeline %s", (name, counts) => {
  const pipeline = pipelineOf(name);
  const fields = fieldMapSchema.parse(pipeline.fields);
  const events = (pipeline.events ?? []).map((event) => eventMapSchema.parse(event));
  const mrnColumn = fields.mrn.column ?? "";
  const table = tableOf(counts.file, mrnColumn);

  test("names its own file and only columns that its export has", () => {
    expect(pipeline.source.at).toBe(`../${counts.file}`);
    expect(table.header).toEqual(expect.arrayContaining([...mappedColumns([fields, ...events])]));
  });

  test("holds the records and layout lines that are expected", () => {
    expect(table.records.length).toBe(counts.records);
    expect(table.layoutLines).toBe(counts.layoutLines);
  });

  test("is broken where and only where that is expected", () => {
    const mrnAt = table.header.indexOf(mrnColumn);
    const birthAt = table.header.indexOf(fields.birthDate?.column ?? "");
    const found = {
      identifier_missing: table.records.filter((row) => row[mrnAt] === "").length,
      birth_date_invalid: table.records.filter((row) =>
        /^(31\D02\D1990|02\D31\D1990|1990\D02\D31)$/.test(row[birthAt] ?? ""),
      ).length,
      cells_extra: table.records.filter((row) => row.length > table.header.length).length,
      unclosed_quote: name === "mc12-visits" ? 1 : 0,
    };
    // The unfinished last row of the tablet has no patient number either.
    found.identifier_missing -= found.unclosed_quote;
    const reasons = Object.fromEntries(Object.entries(found).filter(([, count]) => count > 0));

    expect(reasons).toEqual(counts.broken);
  });

  test("has every readable patient number in the truth", () => {
    const mrnAt = table.header.indexOf(mrnColumn);
    const birthAt = table.header.indexOf(fields.birthDate?.column ?? "");
    const readable = table.records.filter(
      (row) => row[mrnAt] !== "" && row.length === table.header.length,
    );
    const unknown = readable.filter((row) => !truth.has(`${counts.facility}/${row[mrnAt]}`));

    expect(readable.length).toBeGreaterThan(0);
    expect(unknown.every((row) => /31|1990/.test(row[birthAt] ?? ""))).toBe(true);
    expect(unknown.length).toBe(counts.broken.birth_date_invalid ?? 0);
  });
});

describe("the HL7 file", () => {
  const counts = expected.pipelines["ygh-hl7"];
  const lines = textOf("exports/YGH/nightly.hl7").split("\r");
  const of = (name: string) => lines.filter((line) => line.startsWith(`${name}|`));
  const garbage = lines.filter((line) => line.startsWith("--"));
  const patients = of("PID").map((line) => line.split("|")[3] ?? "");

  test("counts its messages, its garbage and its broken messages right", () => {
    expect(of("MSH").length + garbage.length).toBe(counts?.records);
    expect(counts?.broken).toEqual({
      not_hl7: garbage.length,
      identifier_missing: patients.filter((field) => field === "").length,
    });
    expect(["FHS", "BHS", "BTS", "FTS"].flatMap(of).length).toBe(counts?.layoutLines);
  });

  test("says in each BTS how many messages the batch has, and in FTS how many batches", () => {
    const perBatch: number[] = [];
    for (const line of lines) {
      if (line.startsWith("BHS|")) perBatch.push(0);
      if (line.startsWith("MSH|")) perBatch[perBatch.length - 1] = (perBatch.at(-1) ?? 0) + 1;
    }

    expect(of("BTS").map((line) => Number(line.split("|")[1]))).toEqual(perBatch);
    expect(of("FTS")).toEqual([`FTS|${perBatch.length}`]);
  });

  test("has all message types, each with a control number of its own", () => {
    const types = new Set(of("MSH").map((line) => line.split("|")[8]));
    const controlIds = of("MSH").map((line) => line.split("|")[9]);

    expect([...types].sort()).toEqual([
      "ADT^A01^ADT_A01",
      "ADT^A03^ADT_A03",
      "ADT^A04^ADT_A01",
      "ADT^A08^ADT_A01",
      "ORU^R01^ORU_R01",
      "VXU^V04^VXU_V04",
    ]);
    expect(new Set(controlIds).size).toBe(controlIds.length);
  });

  test("has every patient number in the truth, and ABHA numbers as second repetition", () => {
    const numbers = patients.filter((field) => field !== "").map((field) => field.split("^")[0]);

    expect(numbers.filter((mrn) => !truth.has(`YGH/${mrn}`))).toEqual([]);
    expect(patients.some((field) => /~[\d-]{14,17}\^\^\^ABDM\^HIN$/.test(field))).toBe(true);
  });
});

test("the truth names every registration once and every human at least once", () => {
  const lines = textOf("truth.csv").trimEnd().split("\n");

  expect(truth.size).toBe(lines.length - 1);
  expect(new Set(truth.values()).size).toBe(options.people);
});

test("every number of the truth occurs in a patient export of its facility", () => {
  const exports = Map.groupBy(
    Object.values(expected.pipelines).map(({ file, facility }) => ({
      facility,
      text: textOf(file, encodingOf(file)),
    })),
    ({ facility }) => facility,
  );
  const missing = [...truth.keys()].filter((id) => {
    const [facility = "", mrn = ""] = id.split("/");
    return !exports.get(facility)?.some(({ text }) => text.includes(mrn));
  });

  expect(missing).toEqual([]);
});

test("the dispensary's register is no UTF-8", () => {
  expect(() => textOf("exports/NDN/opd-register.csv", "utf-8")).toThrow(TypeError);
});

test("numbers that clerks typed into remarks pass Aadhaar's check digit", () => {
  const numbers = textOf("exports/RCI/opd-registration.csv").match(/Aadhaar [\d ]{14}/g) ?? [];

  expect(numbers.length).toBeGreaterThan(5);
  for (const text of numbers) {
    const digits = text.replaceAll(/\D/g, "");
    expect(digits).toMatch(/^[2-9]\d{11}$/);
    expect(digits.at(-1)).toBe(verhoeffDigit(digits.slice(0, 11)));
  }
});

test("some people are known to the institute in Devanagari only", () => {
  const { header, records } = tableOf("exports/RCI/opd-registration.csv", "CR No");
  const latinAt = header.indexOf("Patient Name");
  const localAt = header.indexOf("मरीज का नाम");

  expect(records.every((row) => row[latinAt] !== "" || row[localAt] !== "")).toBe(true);
  expect(records.some((row) => row[latinAt] === "")).toBe(true);
});

test("no export carries the person key of the truth", () => {
  const texts = Object.values(expected.pipelines).map(({ file }) => textOf(file, encodingOf(file)));

  expect(texts.filter((text) => /\bp\d+\b/.test(text)).length).toBe(0);
});
