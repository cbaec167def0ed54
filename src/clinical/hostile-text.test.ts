import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unescapeText } from "../hl7/escape.ts";
import { parseMessage } from "../hl7/message.ts";
import type { FacilityId, IsoDate } from "../platform/ids.ts";
import type { Parsed } from "../platform/parsed.ts";
import { findAadhaar, isVerhoeffValid } from "../records/aadhaar.ts";
import { fieldMapSchema, type MapField } from "../records/field-map.ts";
import { maskMessage } from "../records/hl7-mask.ts";
import { maskPlan, maskRow } from "../records/mask-row.ts";
import { normalizeName, squeeze } from "../records/normalize-name.ts";
import type { RowContext } from "../records/normalize-patient.ts";
import type { Problem } from "../records/problem.ts";
import { bindFieldMap } from "../records/row-reader.ts";
import { normalizeMessage } from "./normalize-message.ts";
import { type BoundRowMap, normalizeRow } from "./normalize-row.ts";
import type { SourceFacts } from "./source-facts.ts";

function withCheckDigit(start: string): string {
  return start + ([..."0123456789"].find((digit) => isVerhoeffValid(start + digit)) ?? "");
}
const number = withCheckDigit("23456789012");
const fours = number.match(/.{4}/g) ?? [];

const freeFields = [
  "name",
  "nameLocal",
  "givenName",
  "familyName",
  "email",
  "relationName",
  "addressLine",
  "city",
  "postalCode",
  "display",
  "codeSystem",
  "status",
  "value",
  "unit",
  "note",
  "performer",
] as const satisfies readonly MapField[];
const columns = [
  "mrn",
  ...freeFields,
  "identifier",
  "birthDate",
  "age",
  "sex",
  "bloodGroup",
  "phone",
];
const fields = bindFieldMap(
  fieldMapSchema.parse({
    ...Object.fromEntries(columns.map((column) => [column, column])),
    eventKind: { value: "observation" },
  }),
  columns,
);
if (!fields.ok) throw new Error("the columns are there");
const map: BoundRowMap = { record: "patient", fields: fields.value, events: [] };
const plan = maskPlan([fields.value]);
const rowContext: RowContext = {
  facilityId: "DDU" as FacilityId,
  dateOrder: "dmy",
  fileDate: "2026-03-01" as IsoDate,
  today: "2026-03-01" as IsoDate,
  zone: "Asia/Kolkata",
};

/** A row as the pipeline reads it: masked, then normalized. */
function readRow(cells: { readonly [column: string]: string }): Parsed<SourceFacts, Problem> {
  const row = columns.map((column) => cells[column] ?? (column === "mrn" ? "M1" : ""));
  return normalizeRow(maskRow(row, plan).cells, map, rowContext);
}

function readMessage(...segments: readonly string[]): {
  readonly said: Parsed<SourceFacts, Problem>;
  readonly archived: string;
} {
  const header = "MSH|^~\\&|HIS|DDU|||20260301100000||ORU^R01|1|P|2.5";
  const text = [segments[0]?.startsWith("MSH") ? [] : [header], ...segments].flat().join("\r");
  const message = parseMessage({ text, charset: "utf-8", defect: null });
  if (!message.ok) throw new Error("the message is one");
  const masked = maskMessage(message.value).message;
  const context = { facilityId: rowContext.facilityId, zone: rowContext.zone, ownAuthorities: [] };
  return { said: normalizeMessage(masked, context), archived: masked.text };
}

function textsOf(said: Parsed<SourceFacts, Problem>): readonly string[] {
  if (!said.ok) throw new Error(`refused: ${said.reasons.map(({ rule }) => rule).join()}`);
  const texts: string[] = [];
  JSON.stringify(said.value, (_, value: unknown) => {
    if (typeof value === "string") texts.push(value);
    return value;
  });
  return texts;
}
const rulesOf = (said: Parsed<SourceFacts, Problem>) =>
  said.ok ? said.value.warnings.map(({ rule }) => rule) : said.reasons.map(({ rule }) => rule);

const separator = fc.string({
  unit: fc.constantFrom(" ", "\t", "\n", "\u00a0", "\u200b", "\u0007", "\u2013", "-", ".", "/"),
  maxLength: 3,
});
/** ASCII, Devanagari, Bengali, Arabic-Indic, full-width, and digits of two code units each. */
const zero = fc.constantFrom(0x30, 0x0966, 0x09e6, 0x0660, 0xff10, 0x1d7ce);
const aadhaar = fc
  .tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 0, max: 9_999_999_999 }))
  .map(([first, rest]) => withCheckDigit(`${first}${String(rest).padStart(10, "0")}`));
const inScript = (digits: string, from: number) =>
  digits.replace(/\d/g, (digit) => String.fromCodePoint(from + Number(digit)));

describe("an Aadhaar number", () => {
  test("is in no free text of a row, whatever stands between its groups and in whatever script it is", () => {
    fc.assert(
      fc.property(
        fc.tuple(aadhaar, zero, separator, separator),
        fc.constantFrom(...freeFields),
        ([digits, from, left, right], field) => {
          const [a, b, c] = inScript(digits, from).match(/.{4}/gu) ?? [];
          const said = readRow({ [field]: `A ${a}${left}${b}${right}${c} B` });
          expect(textsOf(said).flatMap(findAadhaar)).toEqual([]);
        },
      ),
    );
  });

  test.each([
    ["sixes", `${number.slice(0, 6)} ${number.slice(6)}`],
    ["threes", (number.match(/.{3}/g) ?? []).join("-")],
    ["fours with two spaces", fours.join("  ")],
    ["fours with a direction mark", fours.join("\u202e")],
  ])("in %s is masked in a name", (_, text) => {
    expect(textsOf(readRow({ name: `RAM ${text}` })).join(" ")).not.toMatch(/\d{3}[^T]*\d{3}/);
  });

  test.each([
    ["a hex space", fours.join("\\X20\\")],
    ["a line break", fours.join("\\.br\\")],
    ["highlighting", fours.join("\\H\\")],
    ["a hex digit", `${number.slice(0, 4)}\\X3${number[4]}\\${number.slice(5)}`],
    ["hex digits alone", `\\X${[...number].map((digit) => `3${digit}`).join("")}\\`],
    ["two spaces", fours.join("  ")],
  ])("behind %s is masked in what a message says and in its archived text", (_, written) => {
    const { said, archived } = readMessage(
      `PID|1||M1^^^DDU^MR||${written}^RAM||19850101|M|||${written}||${written}^PRN^PH`,
      "OBR|1||R1|GLU",
      `OBX|1|ST|GLU||${written}`,
      `NTE|1||${written}`,
    );
    expect(textsOf(said).flatMap(findAadhaar)).toEqual([]);
    expect(textsOf(said).some((text) => text.includes(number))).toBe(false);
    const context = { delimiters: parsedDelimiters, charset: "utf-8" };
    expect(findAadhaar(unescapeText(archived, context))).toEqual([]);
  });

  test("in Devanagari hex is masked without its hex letters telling it", () => {
    const hex = Buffer.from(inScript(number, 0x0966)).toString("hex").toUpperCase();
    const { archived } = readMessage(
      "PID|1||M1^^^DDU^MR",
      "OBR|1||R1|GLU",
      `OBX|1|ST|GLU||\\X${hex}\\`,
    );
    expect(archived).toContain(`\\X${"X".repeat(72)}\\`);
  });

  test("spread over the lines of a note is masked", () => {
    const notes = fours.map((group, index) => `NTE|${index}||${group}`);
    const { said } = readMessage(
      "PID|1||M1^^^DDU^MR",
      "OBR|1||R1|GLU",
      "OBX|1|ST|GLU||5",
      ...notes,
    );
    expect(textsOf(said).flatMap(findAadhaar)).toEqual([]);
  });
});

const parsedDelimiters = {
  field: "|",
  component: "^",
  repetition: "~",
  escape: "\\",
  subcomponent: "&",
  truncation: null,
  doubledEscape: false,
};

describe("a text that is too long", () => {
  test.each([
    ["mrn", 201],
    ["identifier", 201],
    ["name", 501],
    ["addressLine", 501],
    ["unit", 501],
    ["birthDate", 65],
    ["age", 65],
    ["sex", 65],
    ["bloodGroup", 65],
    ["phone", 201],
    ["note", 100_001],
  ])("refuses the row: %s of %i signs", (column, length) => {
    expect(rulesOf(readRow({ [column]: "7".repeat(length), value: "5" }))).toEqual([
      "value_too_long",
    ]);
  });

  test("is not a long note or value", () => {
    expect(readRow({ note: "a".repeat(100_000), value: "b".repeat(100_000) }).ok).toBe(true);
  });

  test("refuses a message as its key, and is left out of it elsewhere", () => {
    const long = "L".repeat(12_000);
    expect(rulesOf(readMessage(`PID|1||${long}^^^DDU^MR`).said)).toEqual(["identifier_too_long"]);
    expect(rulesOf(readMessage(`PID|1||M1^^^${long}^MR`).said)).toEqual(["identifier_too_long"]);
    const { said } = readMessage(
      "MSH|^~\\&|HIS|DDU|||20260301100000||ADT^A01|1|P|2.5",
      `PID|1||M1^^^DDU^MR~${long}^^^X^DL||${long}^RAM||19850101|M|||${long}`,
      `PV1|1|I|||||||||||||||||${long}`,
      `DG1|1||${long}^FEVER||||||||||||||||||${long}`,
    );
    expect(textsOf(said).filter((text) => text.length > 500)).toEqual([]);
    expect(new Set(rulesOf(said))).toContain("value_too_long");
  });
});

test("terminal escapes and bidi controls are in no number and no name", () => {
  const hostile = "M\u001b[31m\u202e2";
  const texts = textsOf(readRow({ mrn: hostile, identifier: hostile, name: `RAM ${hostile}` }));
  const sent = textsOf(
    readMessage(`PID|1||${hostile}^^^DDU^MR~${hostile}^^^X^DL||${hostile}`).said,
  );
  for (const text of [...texts, ...sent]) expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
});

test.each([
  ["ORM^O01", "ORM^O01"],
  ["ORM", "ORM"],
  ["SUNITA DEVI^CANARY", "other"],
  ["ORM^CANARY", "other"],
])("a message of type %s is landed as %s", (type, shown) => {
  const { said } = readMessage(`MSH|^~\\&|HIS|DDU|||20260301100000||${type}|1|P|2.5`);
  expect(said.ok && said.value.landedOnly).toBe(shown);
});

const size = 100_000;
const spread = (start: string, middle: string, end = start) => start + middle.repeat(size) + end;
const pathological = [
  spread("1", " "),
  spread("1", "1", "x"),
  spread("T", "T,"),
  spread("1 ", "y ", "x"),
  spread("A", " ", "S/O"),
  spread("dr ", "dr ", "!"),
  spread("S", "/"),
  spread("a@", ".", " "),
  spread("X", "X", "\n"),
  spread("\\", "\\"),
  spread("\\X", "2\\X", "\\"),
  spread("(", ",("),
  spread("e", "\u0315\u0316"),
  spread("1234 ", "1234 ", "x"),
  spread(`${number} `, `${number} `.repeat(3).slice(0, 5)),
];

describe("pathological texts are read in well under a second", () => {
  const within = (work: () => unknown) => {
    const start = performance.now();
    work();
    expect(performance.now() - start).toBeLessThan(2_000);
  };

  test.each(pathological.map((text, index) => [index, text] as const))("text %i", (_, text) => {
    within(() => normalizeName(text));
    within(() => squeeze(text));
    within(() => readRow(Object.fromEntries(columns.map((column) => [column, text]))));
    const field = text.replace(/[\r\n]/g, "");
    within(() =>
      readMessage(
        `PID|1||M1^^^DDU^MR||${field}^RAM||${field}|${field}|||${field}||${field}~^NET^Internet^${field}|||||||||||||||||${field}`,
        `OBR|1||${field}|${field}`,
        `OBX|1|ST|${field}||${field}`,
      ),
    );
  });

  test("a field of 40,000 candidates, and 20,000 fields of one", () => {
    const pid = "PID|1||M1^^^DDU^MR";
    within(() => readMessage(pid, "OBR|1||R1|GLU", `OBX|1|ST|GLU||${`${number} `.repeat(40_000)}`));
    const observation = `OBX|1|ST|GLU||${number}`;
    within(() => readMessage(pid, "OBR|1||R1|GLU", ...Array<string>(20_000).fill(observation)));
  });

  test("20,000 segments continued by ADD, and 100,000 line feeds within a segment", () => {
    const pid = "PID|1||M1^^^DDU^MR";
    const continued = ["OBX|1|ST|GLU||5", "ADD|6"];
    within(() =>
      readMessage(pid, "OBR|1||R1|GLU", ...Array.from({ length: 20_000 }, () => continued).flat()),
    );
    within(() => readMessage(pid, "OBR|1||R1|GLU", `OBX|1|ST|GLU||5${"\n".repeat(size)}6`));
  });
});
