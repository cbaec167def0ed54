/** The synthetic hospitals, read by the real connectors and normalizers: everything expected.json claims must come true. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { normalizeMessage } from "../../src/clinical/normalize-message.ts";
import { type BoundRowMap, normalizeRow } from "../../src/clinical/normalize-row.ts";
import type { SourceFacts } from "../../src/clinical/source-facts.ts";
import type { RawBatch, SourceFile } from "../../src/connectors/connector.ts";
import { csvFile } from "../../src/connectors/csv-file.ts";
import { hl7File } from "../../src/connectors/hl7-file.ts";
import { type CsvPipeline, pipelineSchema } from "../../src/pipelines/pipeline-file.ts";
import type { FacilityId, IsoDate } from "../../src/platform/ids.ts";
import type { Parsed } from "../../src/platform/parsed.ts";
import { mappedColumns } from "../../src/records/field-map.ts";
import type { Problem } from "../../src/records/problem.ts";
import type { RawRecord } from "../../src/records/raw-record.ts";
import { bindFieldMap } from "../../src/records/row-reader.ts";
import { type Expected, feeds, synthesize } from "../../src/synthetic/synthesize.ts";

const folder = mkdtempSync(join(tmpdir(), "hims-synthetic-"));
const texts = new Map<string, string>();

beforeAll(() => {
  const options = { people: 3000, seed: 7, today: "2026-11-01" as IsoDate };
  for (const { path, chunks } of synthesize(options)) {
    const bytes = Buffer.concat([...chunks]);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
    texts.set(path, bytes.toString("utf8"));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Pipeline = ReturnType<typeof pipelineSchema.parse>;
type Reading = Parsed<SourceFacts, Problem>;

function facilityIdOf(pipeline: Pipeline): FacilityId {
  const { facility } = pipeline;
  return (typeof facility === "string" ? facility : facility.id) as FacilityId;
}

function boundMap(pipeline: CsvPipeline, columns: readonly string[]): BoundRowMap {
  const [fields, ...events] = [pipeline.fields, ...pipeline.events].map((map) => {
    const bound = bindFieldMap(map, columns);
    if (!bound.ok) throw new Error(`columns missing: ${bound.reasons.join(", ")}`);
    return bound.value;
  });
  if (fields === undefined) throw new Error("a CSV pipeline has a field map");
  return { record: pipeline.record, fields, events };
}

function batchesOf(pipeline: Pipeline): AsyncIterable<RawBatch> {
  const path = resolve(folder, "pipelines", pipeline.source.at);
  const file: SourceFile = {
    path,
    name: path,
    bytes: statSync(path).size,
    modifiedAt: new Date("2026-11-01T00:00:00Z"),
  };
  const signal = new AbortController().signal;
  if (!("fields" in pipeline)) {
    return hl7File.read(file, {}, { expectedColumns: [], signal, batchSize: 5000 });
  }
  const { encoding, delimiter, header } = pipeline.source;
  const expectedColumns = mappedColumns([pipeline.fields, ...pipeline.events]);
  return csvFile.read(
    file,
    { encoding, delimiter, header },
    { expectedColumns, signal, batchSize: 5000 },
  );
}

function readerOf(pipeline: Pipeline, batch: RawBatch): (raw: RawRecord) => Reading {
  const facilityId = facilityIdOf(pipeline);
  const zone = "Asia/Kolkata";
  const map = "fields" in pipeline ? boundMap(pipeline, batch.columns ?? []) : null;
  const dateOrder = "fields" in pipeline ? pipeline.source.dateOrder : "dmy";
  const fileDate = "2026-11-01" as IsoDate;
  return (raw) => {
    if (raw.kind === "unreadable") return { ok: false, reasons: [raw.problem] };
    if (raw.kind === "message")
      return normalizeMessage(raw.message, { facilityId, ownAuthorities: [facilityId], zone });
    if (map === null) throw new Error("a row without a field map");
    return normalizeRow(raw.cells, map, { facilityId, dateOrder, fileDate, today: fileDate, zone });
  };
}

interface Counted {
  records: number;
  layoutLines: number;
  readonly broken: Record<string, number>;
  readonly keys: Set<string>;
  readonly kinds: Set<string>;
}

function count(counted: Counted, reading: Reading): void {
  counted.records++;
  if (!reading.ok) {
    const rule = reading.reasons[0]?.rule ?? "no reason";
    counted.broken[rule] = (counted.broken[rule] ?? 0) + 1;
    return;
  }
  for (const { key, events } of reading.value.patients) {
    counted.keys.add(`${key.system}/${key.value}`);
    for (const { kind } of events) counted.kinds.add(kind);
  }
}

async function countedOf(pipeline: Pipeline): Promise<Counted> {
  const counted: Counted = {
    records: 0,
    layoutLines: 0,
    broken: {},
    keys: new Set(),
    kinds: new Set(),
  };
  for await (const batch of batchesOf(pipeline)) {
    counted.layoutLines += batch.lines.layoutLines.length;
    const read = readerOf(pipeline, batch);
    for (const raw of batch.records) count(counted, read(raw));
  }
  return counted;
}

const kinds: Readonly<Record<string, string>> = {
  "ygh-operations": "procedure",
  "rci-pharmacy": "medication",
  "rci-health-checks": "observation",
  "mc12-visits": "observation",
  "ndn-immunization": "immunization",
  "spc-follow-ups": "appointment",
  "ygh-hl7": "encounter",
};

describe.each(feeds.map(({ pipeline }) => [pipeline]))("pipeline %s", (name) => {
  test("is a valid pipeline, and a run counts what is expected, refusing only what is broken", async () => {
    const pipeline = pipelineSchema.parse(parseYaml(texts.get(`pipelines/${name}.yaml`) ?? ""));
    const expected: Expected = JSON.parse(texts.get("expected.json") ?? "");
    const truth = new Set(
      (texts.get("truth.csv") ?? "").split("\n").map((line) => line.split(",")[0]),
    );

    const counted = await countedOf(pipeline);
    const { records, layoutLines, broken } = counted;

    expect({ records, layoutLines, broken }).toEqual({
      records: expected.pipelines[name]?.records,
      layoutLines: expected.pipelines[name]?.layoutLines,
      broken: expected.pipelines[name]?.broken,
    });
    expect([...counted.keys].filter((key) => !truth.has(key)).length).toBe(0);
    expect(kinds[name] === undefined || counted.kinds.has(kinds[name])).toBe(true);
  });
});
