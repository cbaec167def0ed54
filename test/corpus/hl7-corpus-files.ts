/** The real HL7 messages that lie beside the repository, read in place and never copied. */
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { RawBatch } from "../../src/connectors/connector.ts";
import { hl7File } from "../../src/connectors/hl7-file.ts";
import { packageRoot } from "../../src/platform/package-root.ts";
import type { RawMessage } from "../../src/records/raw-record.ts";

const corpusFolder = join(packageRoot(), "../shared/data/hl7");

export const hasHl7Corpus = existsSync(corpusFolder);

/** What a test that is skipped says of itself. */
export const corpusNotice = hasHl7Corpus ? "" : " (skipped: ../shared/data/hl7 is not here)";

export interface CorpusFile {
  readonly path: string;
  /** Path inside the corpus. */
  readonly name: string;
}

/** All data files, sorted by name; empty where the corpus is missing. */
export function corpusFiles(): readonly CorpusFile[] {
  if (!hasHl7Corpus) return [];
  return readdirSync(corpusFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "SOURCES.md")
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, name: relative(corpusFolder, path) }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

export async function readCorpusFile(
  file: CorpusFile,
  batchSize: number,
): Promise<readonly RawBatch[]> {
  const source = { path: file.path, name: file.name, bytes: 0, modifiedAt: new Date(0) };
  const context = { expectedColumns: [], signal: new AbortController().signal, batchSize };
  const batches: RawBatch[] = [];
  for await (const batch of hl7File.read(source, {}, context)) batches.push(batch);
  return batches;
}

/** Every message of the corpus with the file it stands in. */
export async function* corpusMessages(): AsyncIterable<{ file: CorpusFile; record: RawMessage }> {
  for (const file of corpusFiles()) {
    const batches = await readCorpusFile(file, 1000);
    for (const record of batches.flatMap((batch) => batch.records)) {
      if (record.kind === "message") yield { file, record };
    }
  }
}
