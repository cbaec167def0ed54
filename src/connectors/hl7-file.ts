/** Reads HL7 v2 files: single messages, many in one file, FHS/BHS batches, MLLP dumps. */
import { z } from "zod";
import { decodeMessage } from "../hl7/charset.ts";
import { type Hl7Frame, Hl7Framer } from "../hl7/frame.ts";
import { parseMessage } from "../hl7/message.ts";
import { HimsError } from "../platform/errors.ts";
import { problemOfDefect } from "../records/hl7-problem.ts";
import type { Problem } from "../records/problem.ts";
import type { RawRecord } from "../records/raw-record.ts";
import {
  type Connector,
  type ConnectorContext,
  type RawBatch,
  readContent,
  type SourceFile,
} from "./connector.ts";
import { Hl7Batcher } from "./hl7-batcher.ts";

export const hl7FileOptionsSchema = z.strictObject({
  encoding: z
    .string()
    .refine(isEncoding, "is not a known encoding label, such as utf-8 or windows-1252")
    .optional()
    .describe(
      "WHATWG label that overrides MSH-18; without it MSH-18 decides, else UTF-8, else Windows-1252.",
    ),
});

export type Hl7FileOptions = z.infer<typeof hl7FileOptionsSchema>;

export const hl7File: Connector<Hl7FileOptions> = {
  name: "hl7-file",
  optionsSchema: hl7FileOptionsSchema,
  read: readHl7File,
};

async function* readHl7File(
  file: SourceFile,
  options: Hl7FileOptions,
  context: ConnectorContext,
): AsyncIterable<RawBatch> {
  const forced = options.encoding ?? null;
  const framer = new Hl7Framer(forced === null ? {} : { encoding: forced });
  const batcher = new Hl7Batcher(context.batchSize);
  const encoding = () => framer.encoding ?? forced ?? "utf-8";
  const toRecord = (frame: Hl7Frame) => recordOf(frame, forced);
  for await (const bytes of readChunks(file, context.signal)) {
    batcher.addBytes(bytes);
    yield* batcher.add(framer.push(bytes), toRecord, encoding());
    yield* batcher.cut(framer.settled, encoding(), false);
  }
  yield* batcher.add(framer.end(), toRecord, encoding());
  yield* batcher.cut(framer.settled, encoding(), true);
}

async function* readChunks(file: SourceFile, signal: AbortSignal): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of readContent(file, signal)) {
      signal.throwIfAborted();
      yield chunk;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof HimsError || !(error instanceof Error && "code" in error)) throw error;
    throw unreadable(file, error);
  }
}

function unreadable(file: SourceFile, cause: Error): HimsError {
  return new HimsError("HIMS_SOURCE_UNREADABLE", {
    kind: "unreachable",
    message: `the file ${file.name} cannot be read`,
    hint: "Check that the file still exists and that this user may read it.",
    at: { file: file.name },
    cause,
  });
}

/** A message, or what stands in its place; null for layout segments, which are no records. */
function recordOf(frame: Hl7Frame, forced: string | null): RawRecord | null {
  const { place } = frame;
  switch (frame.kind) {
    case "layout":
      return null;
    case "garbage":
      return {
        kind: "unreadable",
        place,
        problem: frame.why === "too_long" ? messageTooLong : notHl7,
      };
    case "message": {
      const message = parseMessage(decodeMessage(frame.content, forced));
      if (message.ok) return { kind: "message", place, message: message.value };
      const [defect] = message.reasons;
      return {
        kind: "unreadable",
        place,
        problem: defect === undefined ? notHl7 : problemOfDefect(defect),
      };
    }
  }
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== "";
  } catch {
    // RangeError: no such label.
    return false;
  }
}

const notHl7: Problem = {
  reason: "malformed",
  field: null,
  rule: "not_hl7",
  segment: null,
  hint: "These lines belong to no HL7 message (none starts with MSH); check that the right file was delivered whole.",
};
const messageTooLong: Problem = {
  reason: "malformed",
  field: null,
  rule: "message_too_long",
  segment: null,
  hint: "The message is longer than HIMS holds in memory; ask the sender to send large documents by reference.",
};
