/** HL7 from bytes to source facts, stage by stage, without a store. */
import { Message } from "node-hl7-client";
import { normalizeMessage } from "../../src/clinical/normalize-message.ts";
import { decodeMessage } from "../../src/hl7/charset.ts";
import { type Hl7Frame, Hl7Framer } from "../../src/hl7/frame.ts";
import { type Hl7Message, parseMessage } from "../../src/hl7/message.ts";
import type { FacilityId, IsoDate } from "../../src/platform/ids.ts";
import { maskMessage } from "../../src/records/hl7-mask.ts";
import { yamunaGeneral } from "../../src/synthetic/facility-list.ts";
import { hospitalHl7Feed } from "../../src/synthetic/hospital-feed.ts";
import { Tally } from "../../src/synthetic/tally.ts";
import { type BenchOptions, bestSeconds, type Measurement } from "../measurement.ts";

const defaultMessages = 100_000;
/** node-hl7-client is slow enough that a part of the messages tells its speed. */
const peerMessages = 2_000;
const chunkBytes = 1 << 20;
const facilityId = yamunaGeneral.id as FacilityId;
const context = { facilityId, zone: "Asia/Kolkata", ownAuthorities: [facilityId] };

export async function* benchHl7({ size, repeats }: BenchOptions): AsyncIterable<Measurement> {
  const bytes = nightlyFile(size ?? defaultMessages);
  const floor = await bestSeconds(repeats, () => splitLatin(bytes));
  const framed = await bestSeconds(repeats, () => countFrames(bytes));
  const parsed = await bestSeconds(repeats, () => readAll(bytes, (message) => message.segments));
  const normalized = await bestSeconds(repeats, () =>
    readAll(bytes, (message) => normalizeMessage(message, context)),
  );
  const whole = await bestSeconds(repeats, () =>
    readAll(bytes, (message) => normalizeMessage(maskMessage(message).message, context)),
  );
  const count = normalized.answer;
  const texts = messagesOf(bytes)
    .slice(0, peerMessages)
    .map(({ text }) => text);
  const peer = await bestSeconds(repeats, () => texts.map(readWithPeer));
  const note = `${count} messages, ${(bytes.length / 1e6).toFixed(1)} MB, best of ${repeats}`;
  const split = { name: "latin1, split into segments and fields", value: count / floor.seconds };
  const client = { name: "node-hl7-client Message", value: texts.length / peer.seconds };
  const rate = (seconds: number) => ({ value: count / seconds, unit: "messages/s", note });
  yield { name: "hl7/frame", ...rate(framed.seconds), against: split };
  yield { name: "hl7/parse", ...rate(parsed.seconds), against: split };
  yield { name: "hl7/normalize", ...rate(normalized.seconds), against: split };
  yield { name: "hl7/normalize-vs-client", ...rate(normalized.seconds), against: client };
  yield { name: "hl7/mask-and-normalize", ...rate(whole.seconds), against: split };
  yield {
    name: "hl7/normalize-bytes",
    value: bytes.length / 1e6 / normalized.seconds,
    unit: "MB/s",
    against: { name: split.name, value: bytes.length / 1e6 / floor.seconds },
    note,
  };
}

/** A nightly file of about so many messages: registrations, results, vaccinations. */
function nightlyFile(messages: number): Uint8Array {
  // A person of the synthetic city leaves about 1.3 messages at this hospital.
  const people = Math.ceil(messages / 1.3);
  const options = { people, seed: 24, today: "2026-11-01" as IsoDate };
  return new TextEncoder().encode([...hospitalHl7Feed.write(options, new Tally())].join(""));
}

function splitLatin(bytes: Uint8Array): number {
  let fields = 0;
  for (const line of Buffer.from(bytes).toString("latin1").split("\r"))
    fields += line.split("|").length;
  return fields;
}

function* framesOf(bytes: Uint8Array): Generator<Hl7Frame> {
  const framer = new Hl7Framer();
  for (let start = 0; start < bytes.length; start += chunkBytes)
    yield* framer.push(bytes.subarray(start, start + chunkBytes));
  yield* framer.end();
}

function countFrames(bytes: Uint8Array): number {
  let frames = 0;
  for (const _ of framesOf(bytes)) frames += 1;
  return frames;
}

function readAll(bytes: Uint8Array, use: (message: Hl7Message) => unknown): number {
  let messages = 0;
  for (const frame of framesOf(bytes)) {
    if (frame.kind !== "message") continue;
    const message = parseMessage(decodeMessage(frame.content, null));
    if (!message.ok) throw new Error("the synthetic file has only readable messages");
    use(message.value);
    messages += 1;
  }
  return messages;
}

function messagesOf(bytes: Uint8Array): readonly Hl7Message[] {
  const messages: Hl7Message[] = [];
  readAll(bytes, (message) => messages.push(message));
  return messages;
}

/** It splits everything at once, so that reading the message is all that is asked of it. */
function readWithPeer(text: string): number {
  return new Message({ text }).length;
}
