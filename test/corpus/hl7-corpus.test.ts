import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { normalizeMessage } from "../../src/clinical/normalize-message.ts";
import type { SourceFacts } from "../../src/clinical/source-facts.ts";
import type { RawBatch } from "../../src/connectors/connector.ts";
import { encodeText } from "../../src/hl7/charset.ts";
import type { Hl7Message } from "../../src/hl7/message.ts";
import type { FacilityId } from "../../src/platform/ids.ts";
import {
  corpusFiles,
  corpusMessages,
  corpusNotice,
  hasHl7Corpus,
  readCorpusFile,
} from "./hl7-corpus-files.ts";

const context = { facilityId: "corpus" as FacilityId, zone: "Asia/Kolkata", ownAuthorities: [] };

/** Headers counted without any code of ours: MSH and a sign at the start of a line. None of the corpus is UTF-16. */
function countHeaders(bytes: Buffer): number {
  return (
    bytes.toString("latin1").match(/(?:^|[\r\n\u000b]|\xef\xbb\xbf)MSH[^A-Za-z0-9\s]/g)?.length ?? 0
  );
}

function countLines(bytes: Buffer): number {
  const lines = bytes.toString("latin1").split(/\r\n|\r|\n/);
  return lines.at(-1) === "" ? lines.length - 1 : lines.length;
}

/**
 * Whether a message names its patient, judged from the raw text: PID-3 with a number typed MR, PI, PT or untyped
 * (local types count as none), or a PID-2 or PID-4 where PID-3 is empty.
 */
function namesItsPatient(message: Hl7Message): boolean {
  const separator = message.text.charAt(3);
  const component = message.text.charAt(4);
  const pids = message.text.split(/[\r\n]+/).filter((line) => line.startsWith(`PID${separator}`));
  return (
    pids.length > 0 &&
    pids.every((line) => {
      const fields = line.split(separator);
      const listed = fields[3] ?? "";
      if (/^[\W_]*$/.test(listed)) return /\w/.test(`${fields[2] ?? ""}${fields[4] ?? ""}`);
      return listed.split("~").some((number) => {
        const parts = number.split(component);
        return (parts[0] ?? "") !== "" && !/^(SR|SS|AN|VN|DL|NI|AADHAAR)$/.test(parts[4] ?? "");
      });
    })
  );
}

const mapped =
  /^(ADT\W(A0[1-8]|A1[123]|A18|A28|A30|A31|A34|A36|A40|A47)|ORU\W(R01|R30|\WORU_R01)|ORU$|OUL\WR2[234]|VXU\WV04)/;

const messagesOf = (batches: readonly RawBatch[]) =>
  batches.flatMap(({ records }) =>
    records.flatMap((record) => (record.kind === "message" ? [record.message] : [])),
  );

function factsOf(message: Hl7Message): SourceFacts | string {
  const read = normalizeMessage(message, context);
  return read.ok ? read.value : (read.reasons[0]?.rule ?? "no reason");
}

function outcomeOf(message: Hl7Message): string {
  const said = factsOf(message);
  if (typeof said === "string") return said;
  return said.landedOnly === null ? "loaded" : "landed";
}

function expectedOutcome(message: Hl7Message): string {
  if (!mapped.test(message.header.field(9))) return "landed";
  return namesItsPatient(message) ? "loaded" : "identifier_missing";
}

describe.skipIf(!hasHl7Corpus)(`the HL7 corpus${corpusNotice}`, () => {
  const files = corpusFiles();

  test("is the one the other numbers were counted on", () => {
    expect(files).toHaveLength(684);
  });

  test("is framed without loss: bytes, lines and messages", async () => {
    for (const file of files) {
      const bytes = readFileSync(file.path);
      const batches = await readCorpusFile(file, 3);
      const lines = batches.map((batch) => batch.lines);
      const accounted = lines.map(
        (line) => line.blankLines + line.layoutLines.length + line.recordLines,
      );

      expect(Buffer.concat(batches.map((batch) => batch.bytes)).equals(bytes), file.name).toBe(
        true,
      );
      expect(messagesOf(batches).length, file.name).toBe(countHeaders(bytes));
      expect(
        accounted.reduce((sum, count) => sum + count, 0),
        file.name,
      ).toBe(countLines(bytes));
      expect(
        lines.every((line) => line.blankLines >= 0),
        file.name,
      ).toBe(true);
    }
  });

  test("has its messages' bytes again when they are written untouched", async () => {
    for await (const { file, record } of corpusMessages()) {
      const { place, message } = record;
      const read = readFileSync(file.path).subarray(place.offset, place.offset + place.length);
      const written = encodeText(message.text, message.charset);
      expect(written !== null && read.equals(written), file.name).toBe(true);
    }
  });

  test("loads every message of a mapped type that names its patient, and lands every other type", async () => {
    const outcomes = new Map<string, number>();
    for await (const { file, record } of corpusMessages()) {
      const type = record.message.header.field(9);
      const outcome = outcomeOf(record.message);
      expect(`${type} ${outcome}`, file.name).toBe(`${type} ${expectedOutcome(record.message)}`);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(Object.fromEntries(outcomes)).toEqual({
      loaded: 330,
      landed: 147,
      identifier_missing: 252,
    });
  });

  test("gives events whose keys are unique in their message and the same each time", async () => {
    for await (const { file, record } of corpusMessages()) {
      const said = factsOf(record.message);
      if (typeof said === "string") continue;
      const keys = said.patients.flatMap(({ events }) =>
        events.map(({ kind, eventKey }) => `${kind} ${eventKey}`),
      );
      expect(new Set(keys).size, file.name).toBe(keys.length);
      expect(factsOf(record.message), file.name).toEqual(said);
    }
  });
});
