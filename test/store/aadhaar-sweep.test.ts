/** Seeded numbers over every column, field and broken place: none is kept anywhere, and what only looks like one survives. */
import { expect, test } from "vitest";
import type { SourceFileId } from "../../src/platform/ids.ts";
import { isVerhoeffValid } from "../../src/records/aadhaar.ts";
import type { Database } from "../../src/store/database.ts";
import { openChunk, unwrapFileKey } from "../../src/store/raw-archive.ts";
import { withDatabase } from "../support/database.ts";
import { testStoreKey } from "../support/ingest-context.ts";
import { aFeed } from "../support/ingest-run.ts";

/** mulberry32: the same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = seeded(20_261_122);
const digits = (count: number) =>
  Array.from({ length: count }, () => String(Math.floor(random() * 10))).join("");

function withCheckDigit(start: string): string {
  return start + ([..."0123456789"].find((digit) => isVerhoeffValid(start + digit)) ?? "");
}

/** First digit 3 to 8: none is a time or a mobile. */
const anAadhaar = () => withCheckDigit(`${3 + Math.floor(random() * 6)}${digits(10)}`);
const devanagari = (text: string) =>
  text.replace(/\d/g, (digit) => String.fromCharCode(0x0966 + Number(digit)));

/** A number in one of the ways people write it. */
function written(number: string, way: number): string {
  const groups = number.match(/.{4}/g) ?? [];
  const ways = [
    number,
    groups.join(" "),
    groups.join("-"),
    devanagari(number),
    devanagari(groups.join(" ")),
  ];
  return ways[way % ways.length] ?? number;
}

/** Everything the store holds as text, and every raw byte it can open. */
async function everythingKept(database: Database): Promise<string> {
  const tables = await database.writer.rows<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'raw_chunk'",
  );
  let kept = "";
  for (const { name } of tables) {
    const rows = await database.writer.rows<{ row: string }>(
      `select to_jsonb(t)::text as row from ${name} t`,
    );
    kept += rows.map(({ row }) => row).join("\n");
  }
  const chunks = await database.writer.rows<{
    file_id: SourceFileId;
    seq: number;
    bytes: Buffer;
    data_key: Buffer;
  }>(
    "select file_id, seq, c.bytes, data_key from raw_chunk c join source_file using (file_id) order by file_id, seq",
  );
  for (const { file_id, seq, bytes, data_key } of chunks) {
    const raw = openChunk(bytes, unwrapFileKey(data_key, testStoreKey, file_id), file_id, seq);
    kept += raw.toString(raw[0] === 0xff ? "utf16le" : "utf8");
  }
  return kept;
}

function survivorsOf(numbers: readonly string[], kept: string): readonly number[] {
  return numbers.flatMap((number, index) =>
    [0, 1, 2, 3, 4].some((way) => kept.includes(written(number, way))) ? [index] : [],
  );
}

test.each(["utf8", "utf16le"] as const)(
  "CSV in %s: no column, total line or broken row keeps a number",
  async (encoding) => {
    const { database } = await withDatabase();
    const feed = aFeed(database);
    const numbers: string[] = [];
    const look: string[] = [];
    const next = (way: number) => {
      const number = anAadhaar();
      numbers.push(number);
      return written(number, way);
    };
    const lookalike = () => {
      const number = anAadhaar();
      look.push(number);
      return number;
    };
    const rows = Array.from({ length: 60 }, (_, row) => {
      if (row % 10 === 9) return `"broken ${next(row)},${next(row)}`;
      const mrn = row % 4 === 0 ? lookalike() : `M${row}`;
      const mobile = withCheckDigit(`919${digits(8)}`);
      const abha = digits(14);
      look.push(mobile, abha);
      const cells = [
        mrn,
        `Ram ${next(row)}`,
        mobile,
        abha,
        `Plot 7 ${next(row + 1)}`,
        next(row + 2),
        `"said ""${next(row + 3)}"", twice ${next(row)}"`,
      ];
      return cells.join(",");
    });
    const text = `OPD ${next(1)}\nMRN,Name,Phone,ABHA,Address,Aadhaar,Remarks\n${rows.join("\n")}\nTotal ${next(0)},,,,,,\n`;
    feed.write("a.csv", Buffer.from((encoding === "utf16le" ? "\ufeff" : "") + text, encoding));
    const result = await feed.run(
      feed.pipeline(`
version: 1
name: sweep
facility: { id: ddu, name: Test Hospital }
source: { type: csv, at: a.csv }
fields: { mrn: MRN, name: Name, phone: Phone, abhaNumber: ABHA, addressLine: Address, aadhaar: Aadhaar,
  eventKind: { value: condition }, display: Remarks, note: Remarks }
`),
    );
    expect([result.error, result.read, result.quarantined]).toEqual([null, 60, 6]);
    const kept = await everythingKept(database);
    expect(survivorsOf(numbers, kept + JSON.stringify(feed.logged))).toEqual([]);
    expect(look.filter((number) => !kept.includes(number))).toEqual([]);
  },
);

test("HL7: no field, segment or stretch between messages keeps a number", async () => {
  const { database } = await withDatabase();
  const feed = aFeed(database);
  const numbers: string[] = [];
  const next = (way: number) => {
    const number = anAadhaar();
    numbers.push(number);
    return written(number, way);
  };
  const survivors: string[] = [];
  const keep = (number: string) => {
    survivors.push(number);
    return number;
  };
  const messages = Array.from({ length: 40 }, (_, index) => {
    const mrn = index % 5 === 0 ? keep(anAadhaar()) : keep(`M${index}`);
    return [
      `MSH|^~\\&|HIS|DDU|||20260301100000||ORU^R01|${keep(anAadhaar())}|P|2.5`,
      `PID|1||${mrn}^^^DDU^MR~${next(0)}^^^UIDAI^AADHAAR~${next(index)}^^^X^NI||Lal^Ram ${next(index)}||19850201|M|||Plot ${next(index)}^^Delhi||${keep(withCheckDigit(`919${digits(8)}`))}||||||${next(index)}`,
      `NK1|1|Devi^${next(index)}|FTH||${next(0)}`,
      `OBR|1||${keep(anAadhaar())}|1^Note ${next(index)}^L|||${keep("20260301103000")}`,
      `OBX|1|TX|1^Note^L||card ${next(index)} shown~${next(index + 1)}||||||F`,
      `NTE|1||${next(index)}`,
      `ZUI|${next(index)}|a^${next(index)}`,
      ...(index % 8 === 0 ? ["", `between messages ${next(index)}`] : []),
    ].join("\r");
  });
  feed.write("a.hl7", `${messages.join("\r")}\r`);
  const result = await feed.run(
    feed.pipeline(`
version: 1
name: sweep
facility: { id: ddu, name: Test Hospital, authorities: [DDU] }
source: { type: hl7, at: a.hl7 }
`),
  );
  expect([result.error, result.loaded]).toEqual([null, 40]);
  const kept = await everythingKept(database);
  expect(survivorsOf(numbers, kept + JSON.stringify(feed.logged))).toEqual([]);
  expect(survivors.filter((number) => !kept.includes(number))).toEqual([]);
});
