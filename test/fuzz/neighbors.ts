/** Records that a change did not touch must be loaded as before, where they can be told from the broken one. */
import type { FileReading, ReadOutcome } from "../support/file-reading.ts";
import type { Mutant } from "./mutation.ts";
import { rowOperators } from "./row-operators.ts";
import type { Seed } from "./seeds.ts";

export function neighborFaults(seed: Seed, after: FileReading, mutant: Mutant): readonly string[] {
  const before = seed.whole;
  if (before.refusedBy !== null || !leavesNeighbors(seed, mutant)) return [];
  if (after.refusedBy !== null)
    return hasOpenHead(seed) ? [] : [`the whole file is refused: ${after.refusedBy}`];
  if (before.encoding !== after.encoding) return ["the whole file is read in another encoding"];
  const found = new Map(after.outcomes.map((outcome) => [outcome.place.offset, outcome]));
  const touched = touchedLines(seed, mutant);
  return before.outcomes.flatMap((outcome) => {
    const { offset, line, length } = outcome.place;
    if (outcome.staged === null || touched.has(line)) return [];
    // With a stray quote of its own it may well be the end of what the broken one begins.
    if (hasOddQuotes(seed.bytes.subarray(offset, offset + length))) return [];
    const moved = offset >= mutant.to ? offset + mutant.shift : offset;
    return isSame(outcome, found.get(moved)) ? [] : [`the neighbor at byte ${offset} changed`];
  });
}

/** A quote that is open above the first record may, with another one below, hide the header: the file is then refused, and said to be. */
function hasOpenHead({ whole, bytes }: Seed): boolean {
  return hasOddQuotes(bytes.subarray(0, whole.outcomes[0]?.place.offset));
}

function hasOddQuotes(bytes: Buffer): boolean {
  return bytes.toString("latin1").split('"').length % 2 === 0;
}

/** Whether the file is still the one that it was, with something broken in it. */
function leavesNeighbors({ whole, pipeline, bytes }: Seed, mutant: Mutant): boolean {
  const { from, to, shift } = mutant;
  const [first] = whole.outcomes;
  // A change above the first record may change what the columns are.
  if (first === undefined || from <= first.place.offset) return false;
  // Rows alone say how many columns a file without header has.
  if ("fields" in pipeline && pipeline.source.header === "none") return false;
  // Half a unit shifts all that follows.
  if (whole.encoding.startsWith("utf-16") && (shift % 2 !== 0 || from % 2 !== 0)) return false;
  // Most of the file says how its lines end and how it is encoded.
  const most = Math.max(to - from, to - from + shift);
  return most * 4 < bytes.length || mutant.kind in rowOperators;
}

/** First lines of the records that the change touched; rows of one physical line share its fate. */
function touchedLines({ whole, bytes, pipeline }: Seed, mutant: Mutant): ReadonlySet<number> {
  const touched = new Set<number>();
  // A line feed is lost with either of its bytes.
  const to = whole.encoding.startsWith("utf-16") ? mutant.to + (mutant.to % 2) : mutant.to;
  for (const [index, { place }] of whole.outcomes.entries()) {
    const next = whole.outcomes[index + 1]?.place.offset ?? bytes.length;
    // What stands after a message belongs to it, up to the next one that begins with its MSH.
    const end = "fields" in pipeline ? place.offset + place.length : next;
    if (place.offset > to || end < mutant.from) continue;
    touched.add(place.line);
    const begin = bytes.subarray(place.offset, place.offset + 8);
    const isBegun = mutant.bytes.indexOf(begin, Math.max(0, place.offset - 8)) === place.offset;
    const previous = whole.outcomes[index - 1]?.place.line;
    if (!("fields" in pipeline) && !isBegun && previous !== undefined) touched.add(previous);
  }
  return touched;
}

function isSame(before: ReadOutcome, after: ReadOutcome | undefined): boolean {
  if (after === undefined || before.staged !== after.staged) return false;
  return before.rules.join() === after.rules.join();
}
