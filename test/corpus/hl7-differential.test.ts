import { Message } from "node-hl7-client";
import { describe, expect, test } from "vitest";
import type { Hl7Message } from "../../src/hl7/message.ts";
import { corpusMessages, corpusNotice, hasHl7Corpus } from "./hl7-corpus-files.ts";

interface Reading {
  readonly controlId: string;
  readonly segments: number;
  readonly number: string;
  readonly familyName: string;
}

function ours(message: Hl7Message): Reading {
  const pid = message.first("PID");
  return {
    controlId: message.controlId ?? "",
    segments: message.segments.length,
    number: pid?.text(3, 1) ?? "",
    familyName: pid?.text(5, 1) ?? "",
  };
}

/** The reference's reading, or the start of what it threw. It is given CR segment ends, as it reads no other mix. */
function theirs(message: Hl7Message): Reading | string {
  try {
    const text = message.text.replace(/\r\n|\n/g, "\r");
    const read = new Message({ text });
    const value = (path: string) => (read.exists(path) ? read.get(path).toString() : "");
    return {
      controlId: value("MSH.10"),
      segments: read.length,
      number: value("PID.3.1"),
      familyName: value("PID.5.1"),
    };
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 40) : "threw";
  }
}

/** Looked at one by one; ours is meant. */
const knownDifferences = [
  // `PIDX|` is a segment of its own for us; the reference cuts names to three letters and finds a PID.
  "rethinkhealth+hl7v2/qa/fixtures/invalid-segment-header-length.hl7",
  // A lone LF inside PID-16 of a message with CR segment ends: data for us, a segment end once it is made a CR.
  "ruby-hl7+ruby-hl7/test_data/realm/realm-lead-laboratory-result.hl7",
];

describe.skipIf(!hasHl7Corpus)(`node-hl7-client as reference${corpusNotice}`, () => {
  test("reads the corpus as we do, but for differences that were looked at", async () => {
    const differences: string[] = [];
    for await (const { file, record } of corpusMessages()) {
      const left = ours(record.message);
      const right = theirs(record.message);
      if (JSON.stringify(left) !== JSON.stringify(right)) differences.push(file.name);
    }
    expect(differences).toEqual(knownDifferences);
  });
});
