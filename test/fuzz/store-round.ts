/** A mutant through the real pipeline into a real database: the ledger there must say what the reading without one said. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type IngestResult, ingest } from "../../src/pipelines/ingest.ts";
import type { PipelineFile } from "../../src/pipelines/pipeline-file.ts";
import type { Database } from "../../src/store/database.ts";
import { type FileReading, readWhole } from "../support/file-reading.ts";
import { aRunContext, everyDefault, fileTime } from "../support/ingest-context.ts";
import type { Seed } from "./fuzzing.ts";
import type { Mutant } from "./mutation.ts";

const facility = {
  id: "ddu",
  name: "Test Hospital",
  ownership: null,
  kind: null,
  authorities: ["DDU"],
  timeZone: "Asia/Kolkata",
};
const silent = () => undefined;

/** Runs mutant `number` as a pipeline of its own, all into one facility; says what does not hold. */
export async function storeFaults(
  database: Database,
  number: number,
  [seed, mutant]: readonly [Seed, Mutant],
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "hims-fuzz-"));
  const path = join(folder, "given");
  writeFileSync(path, mutant.bytes);
  utimesSync(path, fileTime, fileTime);
  const logger = { debug: silent, info: silent, warn: silent, error: silent };
  const signal = new AbortController().signal;
  const name = `fuzz-${number}`;
  const source = { ...seed.pipeline.source, at: "given" };
  const pipeline = { ...seed.pipeline, name, facility, source, folder } as PipelineFile;
  try {
    const context = aRunContext(database, { folder, signal, logger });
    const result = await ingest(pipeline, everyDefault, context);
    const reading = await readWhole(seed.pipeline, mutant.bytes);
    return [...ledgerFaults(result, reading), ...(await leftOvers(database, name, result))];
  } catch (error) {
    return [`the run crashed: ${error instanceof Error ? (error.stack ?? error.message) : "?"}`];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ledgerFaults(result: IngestResult, reading: FileReading): readonly string[] {
  const { read, loaded, unchanged, quarantined, error } = result;
  if (error !== null) return error.kind === "usage" ? [] : [`the run failed with ${error.code}`];
  if (reading.refusedBy !== null) return [`${reading.refusedBy} without a database only`];
  const faults = read === loaded + unchanged + quarantined ? [] : ["the ledger is out of balance"];
  const refused = reading.outcomes.filter(({ staged }) => staged === null).length;
  if (read !== reading.outcomes.length) faults.push(`${read} read, not ${reading.outcomes.length}`);
  if (quarantined !== refused) faults.push(`${quarantined} quarantined, not ${refused}`);
  return faults;
}

/** Lines of the file in the database, and quarantine items, against the ledger. */
async function leftOvers(
  database: Database,
  pipeline: string,
  result: IngestResult,
): Promise<readonly string[]> {
  if (result.error !== null) return [];
  const [row] = await database.writer.rows<{ places: number; sum: number; files: number }>(
    `select (select count(*)::int from quarantine where pipeline = $1) as places,
       coalesce(sum(loaded + unchanged + quarantined - read), 0)::int as sum, count(*)::int as files
     from source_file where pipeline = $1`,
    [pipeline],
  );
  if (row === undefined || row.files !== 1) return ["the file is not in the store"];
  // Equal rows are one open item.
  if (row.places > result.quarantined) return ["more items in quarantine than records refused"];
  return row.sum === 0 ? [] : ["the file's ledger is out of balance"];
}
