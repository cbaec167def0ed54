/** Synthetic exports of five hospitals, the pipelines that read them, and the truth about who is who. */
import { HimsError } from "../platform/errors.ts";
import { centralOpdFeed } from "./central-feed.ts";
import { healthCheckFeed, medicationFeed } from "./central-register.ts";
import { civicOpdFeed } from "./civic-feed.ts";
import { clinicPatientFeed } from "./clinic-feed.ts";
import { exportPathOf, type Feed, pipelineYamlOf } from "./feed.ts";
import { followUpFeed } from "./follow-up-register.ts";
import { hospitalHl7Feed } from "./hospital-feed.ts";
import { mohallaVisitFeed } from "./mohalla-feed.ts";
import { operationFeed } from "./operation-register.ts";
import { maxPeople, peopleOf, registrationsOf } from "./population.ts";
import type { SynthOptions } from "./synth-options.ts";
import { type ExpectedCounts, Tally } from "./tally.ts";
import { encodedChunks } from "./text-bytes.ts";
import { vaccinationFeed } from "./vaccination-register.ts";

/** One file to write; `path` is relative to the output folder, with forward slashes. */
export interface SynthFile {
  readonly path: string;
  /** The file's bytes, made as they are asked for. */
  readonly chunks: Iterable<Uint8Array>;
}

/** All feeds: those that own demographics first, then the clinical registers. */
export const feeds: readonly Feed[] = [
  hospitalHl7Feed,
  centralOpdFeed,
  civicOpdFeed,
  clinicPatientFeed,
  mohallaVisitFeed,
  operationFeed,
  medicationFeed,
  healthCheckFeed,
  vaccinationFeed,
  followUpFeed,
];

/** What `expected.json` says: what an honest reading of the exports must count. */
export interface Expected {
  readonly people: number;
  readonly seed: number;
  readonly pipelines: Readonly<Record<string, ExpectedCounts>>;
}

function* truthText(options: SynthOptions): Generator<string> {
  yield "id,cluster\n";
  for (const person of peopleOf(options, 0)) {
    for (const { facility, mrn, broken } of registrationsOf(options, person)) {
      if (!broken) yield `${facility.id}/${mrn},p${person.index}\n`;
    }
  }
}

function* exportText(options: SynthOptions, feed: Feed, counted: Map<string, ExpectedCounts>) {
  const tally = new Tally();
  yield* feed.write(options, tally);
  counted.set(feed.pipeline, tally.counts(feed.facility.id, exportPathOf(feed)));
}

/** Counts of a feed; one that nobody has read to its end yet is made again just to be counted. */
function countsOf(options: SynthOptions, feed: Feed, counted: Map<string, ExpectedCounts>) {
  const known = counted.get(feed.pipeline);
  if (known !== undefined) return known;
  const tally = new Tally();
  for (const _ of feed.write(options, tally));
  return tally.counts(feed.facility.id, exportPathOf(feed));
}

function* expectedText(options: SynthOptions, counted: Map<string, ExpectedCounts>) {
  const pipelines = Object.fromEntries(
    feeds.map((feed) => [feed.pipeline, countsOf(options, feed, counted)]),
  );
  const expected: Expected = { people: options.people, seed: options.seed, pipelines };
  yield `${JSON.stringify(expected, null, 2)}\n`;
}

/** A file whose text is made anew each time it is read. */
function fileOf(path: string, encoding: Feed["encoding"], text: () => Iterable<string>): SynthFile {
  return { path, chunks: { [Symbol.iterator]: () => encodedChunks(text(), encoding) } };
}

/**
 * Every file of a synthetic city: `exports/<facility>/...`, `pipelines/*.yaml`, then `truth.csv` (`id,cluster`, where
 * id is `facility/mrn`) and `expected.json`. Read in this order, each export is made only once.
 */
export function* synthesize(options: SynthOptions): Generator<SynthFile> {
  if (!Number.isInteger(options.people) || options.people < 1 || options.people > maxPeople) {
    throw new HimsError("HIMS_SYNTH_PEOPLE", {
      kind: "usage",
      message: `the number of people must be between 1 and ${maxPeople}`,
      hint: "Give another `--people`.",
    });
  }
  const counted = new Map<string, ExpectedCounts>();
  for (const feed of feeds) {
    const path = exportPathOf(feed);
    yield fileOf(path, feed.encoding, () => exportText(options, feed, counted));
    yield fileOf(`pipelines/${feed.pipeline}.yaml`, "utf-8", () => [pipelineYamlOf(feed)]);
  }
  yield fileOf("truth.csv", "utf-8", () => truthText(options));
  yield fileOf("expected.json", "utf-8", () => expectedText(options, counted));
}
