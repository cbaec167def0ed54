/** What every connector promises, whatever it reads. A new connector joins the list of subjects. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Connector, RawBatch, SourceFile } from "../../src/connectors/connector.ts";
import { csvFile } from "../../src/connectors/csv-file.ts";
import { hl7File } from "../../src/connectors/hl7-file.ts";
import type { RawRecord } from "../../src/records/raw-record.ts";

const folder = mkdtempSync(join(tmpdir(), "hims-contract-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Stands in every record, good or broken: it must not get into any problem or error. */
const secret = "Sunita-Secret";

interface Subject {
  readonly name: string;
  /** Reads a file with options that suit the subject. */
  read(file: SourceFile, batchSize: number, signal: AbortSignal): AsyncIterable<RawBatch>;
  readonly connector: Connector<never>;
  readonly good: (id: number) => string;
  readonly broken: (id: number) => string;
  /** Begins and ends a file. */
  readonly head: string;
  readonly tail: string;
  readonly encoding: BufferEncoding;
}

const csvBase = {
  connector: csvFile as unknown as Connector<never>,
  read: (file: SourceFile, batchSize: number, signal: AbortSignal) =>
    csvFile.read(
      file,
      { encoding: "auto", delimiter: "auto", header: "auto" },
      { expectedColumns: ["MRN", "Name"], batchSize, signal },
    ),
  good: (id: number) =>
    id % 3 === 0
      ? `${id},"${secret}\nsecond line",F,1984,Delhi\n`
      : `${id},${secret},F,1984,Delhi\n`,
  broken: (id: number) => (id % 2 === 0 ? `${id},"${secret},F,1984,Delhi\n` : `${id},${secret}\n`),
  head: "Report\n\nMRN,Name,Sex,Born,City\n",
  tail: "Total,,,,\n",
};
const hl7Base = {
  connector: hl7File as unknown as Connector<never>,
  read: (file: SourceFile, batchSize: number, signal: AbortSignal) =>
    hl7File.read(file, {}, { expectedColumns: [], batchSize, signal }),
  good: (id: number) => `MSH|^~\\&|A|B|||20260301||ADT^A28|${id}|P|2.5\rPID|1||${id}||${secret}\r`,
  broken: (id: number) => `MSH|||${secret}|${id}\rPID|1||${id}||${secret}\r`,
  head: "FHS|^~\\&|A\rBHS|^~\\&|A\r",
  tail: "BTS|2\rFTS|1\r",
};
const subjects: readonly Subject[] = [
  { ...csvBase, name: "csv", encoding: "utf8" },
  { ...csvBase, name: "csv in UTF-16", encoding: "utf16le" },
  { ...hl7Base, name: "hl7", encoding: "utf8" },
  { ...hl7Base, name: "hl7 in UTF-16", encoding: "utf16le" },
];

function write({ encoding, head, tail }: Subject, records: readonly string[]): SourceFile {
  const path = join(folder, "export");
  const mark = encoding === "utf16le" ? "\ufeff" : "";
  const bytes = Buffer.from(mark + head + records.join("") + tail, encoding);
  writeFileSync(path, bytes);
  return { path, name: "export", bytes: bytes.length, modifiedAt: new Date(0) };
}

async function collect(
  subject: Subject,
  file: SourceFile,
  batchSize: number,
): Promise<readonly RawBatch[]> {
  const batches: RawBatch[] = [];
  for await (const batch of subject.read(file, batchSize, new AbortController().signal))
    batches.push(batch);
  return batches;
}

const recordsOf = (batches: readonly RawBatch[]) => batches.flatMap((batch) => batch.records);
const bytesOf = (batches: readonly RawBatch[]) =>
  Buffer.concat(batches.map((batch) => batch.bytes));

/** A record as it can be compared: its place, and what was read. */
function told(record: RawRecord): unknown {
  switch (record.kind) {
    case "row":
      return [record.place, record.cells];
    case "message":
      return [record.place, record.message.text];
    case "unreadable":
      return [record.place, record.problem];
  }
}

function linesOf(batches: readonly RawBatch[]): number {
  return batches.reduce(
    (sum, { lines }) =>
      sum + lines.headerLines + lines.blankLines + lines.layoutLines.length + lines.recordLines,
    0,
  );
}

const many = (subject: Subject, count: number) =>
  Array.from({ length: count }, (_, index) =>
    index % 7 === 3 ? subject.broken(index) : subject.good(index),
  );

describe.each(subjects)("$name", (subject) => {
  test("gives every record once, a broken one as one reject, in the order of the file", async () => {
    const file = write(subject, many(subject, 50));
    const records = recordsOf(await collect(subject, file, 10));
    expect(records).toHaveLength(50);
    expect(
      records.flatMap((record, index) => (record.kind === "unreadable" ? [index] : [])),
    ).toEqual([3, 10, 17, 24, 31, 38, 45]);
    const lines = records.map((record) => record.place.line);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
  });

  test("its batches, joined, are the file, and a record's place is where its bytes are", async () => {
    const file = write(subject, many(subject, 50));
    const batches = await collect(subject, file, 3);
    const { readFileSync } = await import("node:fs");
    const whole = readFileSync(file.path);
    expect(bytesOf(batches).equals(whole)).toBe(true);
    let offset = 0;
    for (const batch of batches) {
      expect(batch.offset).toBe(offset);
      for (const { place } of batch.records) {
        expect(place.offset).toBeGreaterThanOrEqual(batch.offset);
        expect(place.offset + place.length).toBeLessThanOrEqual(batch.offset + batch.bytes.length);
        expect(
          whole.subarray(place.offset, place.offset + place.length).toString(subject.encoding),
        ).toContain(secret);
      }
      offset += batch.bytes.length;
    }
  });

  test("accounts for every physical line", async () => {
    const records = many(subject, 50);
    const batches = await collect(subject, write(subject, records), 7);
    const text = subject.head + records.join("") + subject.tail;
    const ends = text.split(text.includes("\n") ? "\n" : "\r").length - 1;
    expect(linesOf(batches)).toBe(ends);
  });

  test.each([1, 2, 1000])("gives the same records in batches of %i", async (batchSize) => {
    const file = write(subject, many(subject, 50));
    const whole = await collect(subject, file, 50);
    const parts = await collect(subject, file, batchSize);
    expect(recordsOf(parts).map(told)).toEqual(recordsOf(whole).map(told));
    expect(linesOf(parts)).toBe(linesOf(whole));
  });

  test("gives the same of a file larger than what is read at once", async () => {
    const records = many(subject, 30_000);
    const file = write(subject, records);
    const batches = await collect(subject, file, 1000);
    expect(batches.length).toBeGreaterThan(1);
    expect(recordsOf(batches)).toHaveLength(records.length);
    expect(bytesOf(batches)).toHaveLength(file.bytes);
  });

  test("puts no content into a problem", async () => {
    const records = recordsOf(await collect(subject, write(subject, many(subject, 50)), 10));
    const problems = records.flatMap((record) =>
      record.kind === "unreadable" ? [record.problem] : [],
    );
    expect(problems).toHaveLength(7);
    expect(JSON.stringify(problems)).not.toContain(secret);
  });

  test("ends with the signal's reason when aborted, before the first batch and between batches", async () => {
    const file = write(subject, many(subject, 30_000));
    for (const after of [0, 1]) {
      const stop = new AbortController();
      const reason = new Error("stop");
      let seen = 0;
      const reading = async () => {
        if (after === 0) stop.abort(reason);
        for await (const _ of subject.read(file, 100, stop.signal)) {
          seen += 1;
          if (seen === after) stop.abort(reason);
        }
      };
      await expect(reading()).rejects.toBe(reason);
      // What was read from the disk already may still be given out.
      expect(seen).toBeLessThan(after === 0 ? 1 : 200);
    }
  });

  test("refuses options that it does not know", () => {
    expect(subject.connector.optionsSchema.safeParse({}).success).toBe(true);
    expect(subject.connector.optionsSchema.safeParse({ encodng: "utf-8" }).success).toBe(false);
  });

  test("says of a missing file that it cannot be read, and nothing else", async () => {
    const file = {
      path: join(folder, "nothing"),
      name: "nothing",
      bytes: 0,
      modifiedAt: new Date(0),
    };
    await expect(collect(subject, file, 10)).rejects.toMatchObject({
      code: expect.stringMatching(/ENOENT|HIMS_SOURCE_UNREADABLE/),
    });
  });
});
