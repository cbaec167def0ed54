/** Words of a file in what people are told of it: errors, hints and logs name fields and lines, never values. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PipelineFile } from "../../src/pipelines/pipeline-file.ts";
import { everyReadingOf } from "../support/aadhaar-numbers.ts";

/** Shorter ones are in every text by chance. */
const wordsIn = (text: string) => text.toLowerCase().match(/[\p{L}\p{M}\p{N}]{5,}/gu) ?? [];

let ours: ReadonlySet<string> | null = null;

/** Words of our own sources: what is in them tells nothing of a file. */
function sourceWords(): ReadonlySet<string> {
  if (ours !== null) return ours;
  const root = join(import.meta.dirname, "../../src");
  const words = new Set<string>();
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    // Made-up people live in the generator and in tests.
    if (!/\.ts$/.test(name) || /\.test\.ts$|^synthetic/.test(name)) continue;
    for (const word of wordsIn(readFileSync(join(root, name), "utf8"))) words.add(word);
  }
  ours = words;
  return words;
}

/** Words of `said` that only the file can have told. */
export function leakFaults(
  said: readonly string[],
  bytes: Buffer,
  pipeline: PipelineFile,
): readonly string[] {
  const asked = new Set(wordsIn(JSON.stringify(pipeline)));
  const known = sourceWords();
  const strange = said.flatMap(wordsIn).filter((word) => !known.has(word) && !asked.has(word));
  if (strange.length === 0) return [];
  const content = everyReadingOf(bytes).toLowerCase();
  return [...new Set(strange)]
    .filter((word) => content.includes(word))
    .map((word) => `a value is told: ${word}`);
}
