/** Seeded numbers over every column, field and broken place: none is kept anywhere, and what only looks like one survives. */
import iconv from "iconv-lite";
import { expect, test } from "vitest";
import type { SourceFileId } from "../../src/platform/ids.ts";
import type { Database } from "../../src/store/database.ts";
import { openChunk, unwrapFileKey } from "../../src/store/raw-archive.ts";
import {
  everyReadingOf,
  seeded,
  survivorsOf,
  withCheckDigit,
  written,
} from "../support/aadhaar-numbers.ts";
import { withDatabase } from "../support/database.ts";
import { testStoreKey } from "../support/ingest-context.ts";
import { aFeed } from "../support/ingest-run.ts";

const random = seeded(20_261_122);
const digits = (count: number) =>
  Array.from({ length: count }, () => String(Math.floor(random() * 10))).join("");

/** First digit 3 to 8: none is a time or a mobile. */
const anAadhaar = () => withCheckDigit(`${3 + Math.floor(random() * 6)}${digits(10)}`);
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
    kept += everyReadingOf(raw);
  }
  return kept;
}

/** A row that cannot be read: an open quote, cells too many or too few, a NUL. */
function brokenRow(row: number, next: (way: number) => string): string {
  const broken = [
    `"broken ${next(row)},${next(row)}`,
    `M1,${next(row)}`,
    `M1,a,b,c,d,e,f,g,h,${next(row)},${next(row + 1)}`,
    `M1,a\u0000,${next(row)},,,,,`,
  ];
  return broken[(row >> 3) % broken.length] ?? "";
}

test.each(["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const)(
  "CSV in %s: no name, title, header, column, total line or broken row keeps a number",
  async (encoding) => {
    const { database } = await withDatabase();
    const feed = aFeed(database);
    const numbers: string[] = [];
    const look: string[] = [];
    const next = (way: number) => {
      const number = anAadhaar();
      numbers.push(number);
      // That code page has no Hindi digits.
      const isLatin = encoding === "windows-1252";
      return written(number, isLatin ? ([0, 1, 2, 5, 6][way % 5] ?? 0) : way);
    };
    const lookalike = () => {
      const number = anAadhaar();
      look.push(number);
      return number;
    };
    const rows = Array.from({ length: 60 }, (_, row) => {
      if (row % 10 === 9) return brokenRow(row, next);
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
        `"said ""${next(row + 3)}"", twice ${next(row)}\n${next(row + 4)}"`,
        next(row + 5),
      ];
      return cells.join(",");
    });
    const header = `MRN,Name,Phone,ABHA,Address,Aadhaar,Remarks,Card ${next(1)}`;
    const text = `OPD ${next(1)}\n${header}\n${rows.join("\n")}\nTotal ${next(0)},,,,,,,\n`;
    const name = `a ${next(0)} ${next(1)}.csv`;
    feed.write(name, iconv.encode(text, encoding, { addBOM: encoding.startsWith("utf-16") }));
    const result = await feed.run(
      feed.pipeline(`
version: 1
name: sweep
facility: { id: ddu, name: Test Hospital }
source: { type: csv, at: "*.csv" }
fields: { mrn: MRN, name: Name, phone: Phone, abhaNumber: ABHA, addressLine: Address, aadhaar: Aadhaar,
  eventKind: { value: condition }, display: Remarks, note: Remarks }
`),
    );
    expect([result.error, result.read, result.quarantined]).toEqual([null, 60, 6]);
    const kept = await everythingKept(database);
    const told = JSON.stringify([feed.logged, result.refusedFiles, result.warnings]);
    expect(survivorsOf(numbers, kept + told)).toEqual([]);
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
