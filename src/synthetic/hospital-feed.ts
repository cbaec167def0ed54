/** The Delhi government hospital's nightly HL7 file: one file of three batches, ADT, ORU and VXU. */
import { dayOfIso } from "./calendar.ts";
import { yamunaGeneral } from "./facility-list.ts";
import type { Feed } from "./feed.ts";
import { adtMessage, type MessageSubject, oruMessage, vxuMessage } from "./hl7-message.ts";
import { hl7Segment, hl7Time } from "./hl7-text.ts";
import { type Registration, registrationsAt } from "./population.ts";
import { keyOf, Random } from "./random.ts";
import type { SynthOptions } from "./synth-options.ts";
import type { Breakage, Tally } from "./tally.ts";
import { writtenRecord } from "./written-record.ts";

/** A message, or garbage between messages. */
interface Piece {
  readonly text: string;
  readonly breakage: Breakage | null;
}
type PiecesOf = (subject: (later: number) => MessageSubject) => Generator<Piece>;

const garbageShare = 0.0015;
/** A line of the interface engine's own log, which its spooler wrote between two messages. */
const garbage: Piece = {
  text: "\r-- spooler restarted, queue OUT_07 resumed --\r",
  breakage: "not_hl7",
};

function* admissions(subject: (later: number) => MessageSubject): Generator<Piece> {
  const first = subject(0);
  if (first.registration.broken) {
    yield { text: adtMessage(first, "A04", false), breakage: "identifier_missing" };
    return;
  }
  yield { text: adtMessage(first, "A04"), breakage: null };
  if (first.random.chance(0.25)) {
    const changed = subject(first.random.between(1, 30));
    const { person } = changed.registration;
    const record = { ...changed.record, home: person.home, phone: person.phone };
    yield { text: adtMessage({ ...changed, record }, "A08"), breakage: null };
  }
  if (first.random.chance(0.12)) {
    yield { text: adtMessage(subject(1), "A01"), breakage: null };
    yield { text: adtMessage(subject(first.random.between(2, 12)), "A03"), breakage: null };
  }
  if (first.random.chance(garbageShare)) yield garbage;
}

function* results(subject: (later: number) => MessageSubject): Generator<Piece> {
  const first = subject(0);
  if (first.registration.broken || !first.random.chance(0.3)) return;
  yield { text: oruMessage(subject(first.random.between(0, 5))), breakage: null };
  if (first.random.chance(garbageShare)) yield garbage;
}

function* vaccinations(subject: (later: number) => MessageSubject): Generator<Piece> {
  const first = subject(0);
  if (first.registration.broken || !first.random.chance(0.15)) return;
  yield { text: vxuMessage(subject(0)), breakage: null };
}

/** Subjects of one registration: `later` days after it, each with a control number of its own. */
function subjectsOf(
  options: SynthOptions,
  registration: Registration,
  purpose: number,
  nextId: () => string,
): (later: number) => MessageSubject {
  const { person, ordinal, seenDay } = registration;
  const random = new Random(options.seed, keyOf(purpose, person.index, ordinal));
  const record = writtenRecord(options.seed, registration);
  const today = dayOfIso(options.today);
  return (later) => ({
    registration,
    record,
    random,
    day: Math.min(today, seenDay + later),
    minutes: random.between(480, 1200),
    controlId: nextId(),
  });
}

interface Batch {
  readonly name: string;
  readonly purpose: number;
  readonly piecesOf: PiecesOf;
}
const batches: readonly Batch[] = [
  { name: "ADT", purpose: 30, piecesOf: admissions },
  { name: "ORU", purpose: 31, piecesOf: results },
  { name: "VXU", purpose: 32, piecesOf: vaccinations },
];

function* batchText(options: SynthOptions, batch: Batch, tally: Tally): Generator<string> {
  let messages = 0;
  let lastId = 0;
  const nextId = () => `${batch.name}${String(++lastId).padStart(8, "0")}`;
  for (const registration of registrationsAt(options, yamunaGeneral)) {
    const subject = subjectsOf(options, registration, batch.purpose, nextId);
    for (const piece of batch.piecesOf(subject)) {
      tally.record(piece.breakage);
      if (piece !== garbage) messages++;
      yield piece.text;
    }
  }
  tally.layoutLines++;
  yield hl7Segment("BTS", { 1: String(messages), 2: batch.name });
}

function* fileText(options: SynthOptions, tally: Tally): Generator<string> {
  const time = hl7Time(dayOfIso(options.today), 60);
  const from = { 3: "EHOSPITAL", 4: yamunaGeneral.id, 5: "HIMS", 6: "DELHI", 7: time };
  tally.layoutLines++;
  yield hl7Segment("FHS", { ...from, 9: "nightly.hl7" });
  for (const batch of batches) {
    tally.layoutLines++;
    yield hl7Segment("BHS", { ...from, 9: batch.name });
    yield* batchText(options, batch, tally);
  }
  tally.layoutLines++;
  yield hl7Segment("FTS", { 1: String(batches.length) });
}

export const hospitalHl7Feed: Feed = {
  pipeline: "ygh-hl7",
  facility: yamunaGeneral,
  fileName: "nightly.hl7",
  encoding: "utf-8",
  authorities: [yamunaGeneral.id],
  description: "Nightly HL7 batch with registrations, results and vaccinations",
  rules: `source:
  type: hl7
  at: $PATH
`,
  write: fileText,
};
