/** Aadhaar numbers in files that are broken in every way the fuzzer knows: what is archived and staged holds none of them. */
import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { findAadhaar } from "../../src/records/aadhaar.ts";
import { asciiDigits } from "../../src/records/digits.ts";
import { byteOperators } from "../fuzz/byte-operators.ts";
import { drawing, mutate } from "../fuzz/mutation.ts";
import { rowOperators } from "../fuzz/row-operators.ts";
import { pipelineOf, type Seed, seedOf } from "../fuzz/seeds.ts";
import {
  everyReadingOf,
  seeded,
  survivorsOf,
  withCheckDigit,
  written,
} from "../support/aadhaar-numbers.ts";
import { readWhole } from "../support/file-reading.ts";

const random = seeded(20_261_123);
const digits = (count: number) =>
  Array.from({ length: count }, () => String(Math.floor(random() * 10))).join("");
/** First digit 3 to 8: none is a time or a mobile. */
const anAadhaar = () => withCheckDigit(`${3 + Math.floor(random() * 6)}${digits(10)}`);

const csv = pipelineOf(
  `version: 1
name: sweep
facility: { id: ddu, name: Test Hospital }
source: { type: csv, at: . }
fields: { mrn: MRN, name: Name, phone: Phone, addressLine: Address, aadhaar: Aadhaar }
`,
  "/nowhere",
);
const hl7 = pipelineOf(
  "version: 1\nname: sweep\nfacility: { id: ddu, name: Test Hospital, authorities: [DDU] }\nsource: { type: hl7, at: . }\n",
  "/nowhere",
);

interface Sown {
  readonly seed: Seed;
  readonly numbers: readonly string[];
}

async function csvWith(encoding: string, ways: readonly number[]): Promise<Sown> {
  const numbers: string[] = [];
  const next = (way: number) => {
    const number = anAadhaar();
    numbers.push(number);
    // Between words, so that what joins two cells does not join two numbers.
    return `no ${written(number, ways[way % ways.length] ?? 0)} ok`;
  };
  const rows = Array.from({ length: 8 }, (_, row) =>
    [
      `M${row}`,
      `Ram ${next(row)}`,
      next(row),
      `"Plot 7, ${next(row)}"`,
      next(row + 1),
      `"a ""${next(row)}"""`,
    ].join(","),
  );
  const text = `OPD ${next(0)}\nMRN,Name,Phone,Address,Aadhaar,Remarks\n${rows.join("\n")}\nTotal ${next(1)},,,,,\n`;
  const bytes = iconv.encode(text, encoding, { addBOM: encoding.startsWith("utf-16") });
  return { seed: await seedOf(encoding, csv, bytes), numbers };
}

async function hl7With(): Promise<Sown> {
  const numbers: string[] = [];
  const next = (way: number) => {
    const number = anAadhaar();
    numbers.push(number);
    return written(number, way);
  };
  const messages = Array.from({ length: 4 }, (_, index) =>
    [
      `MSH|^~\\&|HIS|DDU|||20260301100000||ORU^R01|${index}|P|2.5`,
      `PID|1||M${index}^^^DDU^MR||Lal^Ram ${next(index)}||19850201|M|||Plot ${next(index)}^^Delhi`,
      `OBX|1|TX|1^Note^L||card ${next(index)} shown~${next(index + 1)}||||||F`,
      `NTE|1||${next(index)}`,
      `ZUI|${next(index)}|a^${next(index)}`,
    ].join("\r"),
  );
  return { seed: await seedOf("hl7", hl7, Buffer.from(`${messages.join("\r")}\r`)), numbers };
}

/** These may carry a number into the place of an identifier, where numbers that look like it are let off. */
const intoIdentifiers = new Set(["swap cells", "delete bytes", "fill with one byte"]);

/** Positions of the numbers that stand in the text as such: what has become a part of a longer number is none. */
function keptOf(numbers: readonly string[], kept: string): readonly number[] {
  const candidates = findAadhaar(kept).map((text) => asciiDigits(text).replace(/\D/g, ""));
  return survivorsOf(numbers, candidates.join(" "));
}

async function survivorsOfMutants(
  { seed, numbers }: Sown,
  mutants: number,
): Promise<readonly string[]> {
  const operators = { ...rowOperators, ...byteOperators };
  const kinds = Object.keys(operators).filter((kind) => !intoIdentifiers.has(kind));
  const survivors: string[] = [];
  for (let number = 0; number < mutants; number += 1) {
    const draw = drawing(number);
    const place = seed.whole.outcomes[draw(seed.whole.outcomes.length)]?.place;
    if (place === undefined) throw new Error("the file has records");
    const { encoding } = seed.whole;
    const site = { bytes: seed.bytes, encoding, delimiter: seed.delimiter, ...place, draw };
    const mutant = mutate(site, operators, kinds[draw(kinds.length)] ?? "");
    if (mutant === null) continue;
    const { archived, outcomes, refusedBy } = await readWhole(seed.pipeline, mutant.bytes);
    if (refusedBy !== null) continue;
    const kept = everyReadingOf(archived) + outcomes.map(({ staged }) => staged).join("\n");
    const found = keptOf(numbers, kept);
    if (found.length > 0)
      survivors.push(`${seed.name}, mutant ${number}: ${mutant.kind}, ${found.join()}`);
  }
  return survivors;
}

test.each([
  ["utf-8", [0, 1, 2, 3, 4, 5, 6]],
  ["utf-16le", [0, 1, 2, 3, 4, 5, 6]],
  ["utf-16be", [0, 1, 2, 3, 4, 5, 6]],
  ["windows-1252", [0, 1, 2, 5, 6]],
])("CSV in %s keeps no number, whole or broken", async (encoding, ways) => {
  const sown = await csvWith(encoding, ways);
  expect(survivorsOf(sown.numbers, everyReadingOf(sown.seed.whole.archived))).toEqual([]);
  expect(await survivorsOfMutants(sown, 400)).toEqual([]);
});

test("HL7 keeps no number, whole or broken", async () => {
  const sown = await hl7With();
  expect(survivorsOf(sown.numbers, everyReadingOf(sown.seed.whole.archived))).toEqual([]);
  expect(await survivorsOfMutants(sown, 400)).toEqual([]);
});
