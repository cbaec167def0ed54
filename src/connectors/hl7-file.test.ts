import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RawBatch } from "./connector.ts";
import { type Hl7FileOptions, hl7File } from "./hl7-file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hims-hl7-"));
});
afterAll(() => rm(folder, { recursive: true }));

const message = (id: string) => `MSH|^~\\&|A|B|||20260301||ADT^A01|${id}|P|2.5\rPID|1||${id}\r`;

async function read(
  content: string | Uint8Array,
  batchSize = 2,
  options: Hl7FileOptions = {},
): Promise<readonly RawBatch[]> {
  const path = join(folder, "export.hl7");
  await writeFile(path, content);
  const file = { path, name: "export.hl7", bytes: content.length, modifiedAt: new Date(0) };
  const context = { expectedColumns: [], signal: new AbortController().signal, batchSize };
  return collect(hl7File.read(file, options, context));
}

async function collect(batches: AsyncIterable<RawBatch>): Promise<readonly RawBatch[]> {
  const all: RawBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

const bytesOf = (batches: readonly RawBatch[]) =>
  Buffer.concat(batches.map((batch) => batch.bytes));
const recordsOf = (batches: readonly RawBatch[]) => batches.flatMap((batch) => batch.records);

describe("batches", () => {
  test("hold at most the records asked for, and joined they are the file", async () => {
    const text = `\ufeffFHS|^~\\&\r\n${[1, 2, 3, 4, 5].map((id) => message(`P${id}`)).join("\r")}FTS|1\r`;

    const batches = await read(text);

    expect(batches.map((batch) => batch.records.length)).toEqual([2, 2, 1]);
    expect(bytesOf(batches).equals(Buffer.from(text))).toBe(true);
    expect(batches.map((batch) => batch.offset)).toEqual(
      batches.map((_, index) => bytesOf(batches.slice(0, index)).length),
    );
  });

  test("hold the very bytes each of their records was read from", async () => {
    for (const batch of await read(`\n\n${message("P1")}log line\r${message("P2")}`, 1)) {
      for (const { place } of batch.records) {
        expect(place.offset).toBeGreaterThanOrEqual(batch.offset);
        expect(place.offset + place.length).toBeLessThanOrEqual(batch.offset + batch.bytes.length);
      }
    }
  });

  test("account for every line of the file", async () => {
    const batches = await read(`FHS|^~\\&\r\r${message("P1")}\r\r${message("P2")}FTS|1`, 1);

    const layout = batches.flatMap((batch) => batch.lines.layoutLines);
    const sum = (count: (batch: RawBatch) => number) =>
      batches.reduce((total, batch) => total + count(batch), 0);
    expect(layout).toEqual([1, 9]);
    expect(sum((batch) => batch.lines.recordLines)).toBe(4);
    expect(sum((batch) => batch.lines.blankLines)).toBe(3);
    expect(sum((batch) => batch.lines.headerLines)).toBe(0);
  });

  test("of an empty file are none", async () => {
    expect(await read("")).toEqual([]);
  });
});

describe("records", () => {
  test("carry the message, opened", async () => {
    const [record] = recordsOf(await read(message("P1")));

    expect(record?.kind === "message" && record.message.controlId).toBe("P1");
  });

  test.each([
    ["a binary file", Uint8Array.from({ length: 5000 }, (_, index) => (index * 197) % 256)],
    ["segments without header", "PID|1||P1\rPV1|1\r"],
    ["some other text", "a,b\n1,2\n"],
  ])("of %s are one that is unreadable", async (_name, content) => {
    const records = recordsOf(await read(content));

    expect(records).toMatchObject([{ kind: "unreadable", problem: { rule: "not_hl7" } }]);
  });

  test("with unusable delimiters are unreadable, and the next message is read", async () => {
    const records = recordsOf(await read(`MSH|&&&&|A\rPID|1\r${message("P2")}`));

    expect(records).toMatchObject([
      { kind: "unreadable", problem: { rule: "delimiters_invalid", field: null } },
      { kind: "message" },
    ]);
  });

  test("are decoded as the source says when it says so", async () => {
    const bytes = Buffer.concat([Buffer.from(message("P1").slice(0, -1)), Uint8Array.of(0xbf)]);
    const [batch] = await read(bytes, 2, { encoding: "windows-1251" });
    const [record] = batch?.records ?? [];

    expect(batch?.encoding).toBe("windows-1251");
    expect(record?.kind === "message" && record.message.first("PID")?.text(3)).toBe("P1ї");
  });
});

describe("the connector", () => {
  test.each([{ encodng: "utf-8" }, { encoding: "no-such" }])(
    "refuses the options %j",
    (options) => {
      expect(hl7File.optionsSchema.safeParse(options).success).toBe(false);
    },
  );

  test("ends with the signal's reason when it is aborted", async () => {
    const path = join(folder, "aborted.hl7");
    await writeFile(path, message("P1"));
    const abort = new AbortController();
    abort.abort(new Error("stop"));
    const file = { path, name: "aborted.hl7", bytes: 1, modifiedAt: new Date(0) };
    const context = { expectedColumns: [], signal: abort.signal, batchSize: 2 };

    await expect(collect(hl7File.read(file, {}, context))).rejects.toThrow("stop");
  });

  test("names a file that is gone, with a hint", async () => {
    const file = {
      path: join(folder, "gone.hl7"),
      name: "gone.hl7",
      bytes: 1,
      modifiedAt: new Date(0),
    };
    const context = { expectedColumns: [], signal: new AbortController().signal, batchSize: 2 };

    await expect(collect(hl7File.read(file, {}, context))).rejects.toMatchObject({
      code: "HIMS_SOURCE_UNREADABLE",
      at: { file: "gone.hl7" },
    });
  });
});
