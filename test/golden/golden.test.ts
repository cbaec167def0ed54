/** Each folder here is one odd export: what was given, the pipeline that reads it, and what must then be true. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readContent } from "../../src/connectors/connector.ts";
import type { PipelineFile } from "../../src/pipelines/pipeline-file.ts";
import { listSourceFiles } from "../../src/pipelines/source-listing.ts";
import { unwrapped } from "../../src/pipelines/source-wrapping.ts";
import type { Reader } from "../../src/store/database.ts";
import { withDatabase } from "../support/database.ts";
import { aFeed } from "../support/ingest-run.ts";

type Row = Readonly<Record<string, unknown>>;

interface Then {
  /** Of each given file, in their order. */
  readonly runs: readonly Row[];
  readonly quarantine: readonly Row[];
  /** Only the fields that are named are compared; null and empty fields may be left out. */
  readonly records: readonly Row[];
  readonly events?: readonly Row[];
  readonly decisions?: number;
}

const cases = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test.each(cases)("%s", async (name) => {
  const folder = join(import.meta.dirname, name);
  const then = JSON.parse(readFileSync(join(folder, "then.json"), "utf8")) as Then;
  const { database, reader } = await withDatabase();
  const feed = aFeed(database);
  const pipeline = feed.pipeline(readFileSync(join(folder, "pipeline.yaml"), "utf8"));
  const runs = [];
  for (const file of givenFiles(folder)) {
    feed.write(file, readFileSync(join(folder, file)));
    runs.push(await runOf(feed.run(only(pipeline, file)), then.runs[runs.length] ?? {}));
  }
  expect(runs).toEqual(then.runs);
  expect(await quarantineOf(reader)).toEqual(then.quarantine);
  expect(await rowsOf(reader, recordQuery, then.records)).toEqual(then.records);
  const events = then.events ?? [];
  expect(await rowsOf(reader, eventQuery, events)).toEqual(events);
  expect(await decisionsOf(reader)).toBe(then.decisions ?? 0);
  expect(await unreconciledFiles(reader, feed.folder, pipeline)).toEqual([]);
});

/** `given.csv`, or `given-1.csv`, `given-2.csv` one after the other. */
function givenFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith("given"))
    .sort();
}

function only(pipeline: PipelineFile, file: string): PipelineFile {
  return { ...pipeline, source: { ...pipeline.source, at: file } } as PipelineFile;
}

async function runOf(run: Promise<object>, then: Row): Promise<Row> {
  return picked((await run) as Row, Object.keys(then));
}

function picked(row: Row, fields: readonly string[]): Row {
  return Object.fromEntries(fields.map((field) => [field, row[field]]));
}

async function quarantineOf(reader: Reader): Promise<readonly Row[]> {
  return reader.rows(`
    select q.line::int as line, p.rule, p.field from quarantine q, jsonb_to_recordset(q.problems) as p(rule text, field text)
    where q.state = 'open' order by q.line, p.rule`);
}

const recordQuery = `
  select to_jsonb(p) || jsonb_build_object('mrn', p.id_value, 'versions',
    1 + (select count(*) from patient_record_version v where v.record_id = p.record_id)) as row
  from patient_record p order by p.id_value`;
const eventQuery = `
  select (to_jsonb(e) || e.detail) || jsonb_build_object('mrn', p.id_value) as row
  from clinical_event e join patient_record p using (record_id) order by p.id_value, e.kind, e.at, e.event_key, e.code`;

/** All rows, each with the fields that its counterpart names. */
async function rowsOf(
  reader: Reader,
  query: string,
  then: readonly Row[],
): Promise<readonly Row[]> {
  const rows = await reader.rows<{ row: Row }>(query);
  return rows.map(({ row }, index) => picked(row, Object.keys(then[index] ?? { mrn: 1, kind: 1 })));
}

async function decisionsOf(reader: Reader): Promise<number> {
  const [row] = await reader.rows<{ number: number }>(
    "select count(*)::int as number from decision",
  );
  return row?.number ?? 0;
}

/** Files whose header, layout, blank and record lines are not all the lines of the text that was read of them. */
async function unreconciledFiles(
  reader: Reader,
  folder: string,
  pipeline: PipelineFile,
): Promise<readonly string[]> {
  const files = await reader.rows<{ name: string; lines: number; encoding: string }>(`
    select name, encoding, (header_lines + blank_lines + record_lines + jsonb_array_length(layout_lines))::int as lines
    from source_file where columns is not null`);
  const { signal } = new AbortController();
  const read = await unwrapped(await listSourceFiles(folder, folder), pipeline, signal);
  const unreconciled: string[] = [];
  for (const { name, lines, encoding } of files) {
    const file = read.find((candidate) => candidate.name === name);
    if (file === undefined) throw new Error("a file was read that was not given");
    const chunks: Uint8Array[] = [];
    for await (const chunk of readContent(file, signal)) chunks.push(chunk);
    if (lines !== physicalLines(Buffer.concat(chunks), encoding)) unreconciled.push(name);
  }
  return unreconciled;
}

function physicalLines(bytes: Buffer, encoding: string): number {
  const text = new TextDecoder(encoding).decode(bytes);
  const end = text.includes("\n") ? "\n" : "\r";
  const lines = text.split(end);
  return lines.at(-1) === "" ? lines.length - 1 : lines.length;
}
