/** A mutant through the real pipeline into a real database: the ledger there must say what the reading without one said. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type IngestResult, ingest } from "../../src/pipelines/ingest.ts";
import type { PipelineFile } from "../../src/pipelines/pipeline-file.ts";
import type { LogFields, Logger } from "../../src/platform/logger.ts";
import type { Database } from "../../src/store/database.ts";
import { type FileReading, readWhole, textsOfError } from "../support/file-reading.ts";
import { aRunContext, everyDefault, fileTime } from "../support/ingest-context.ts";
import { leakFaults } from "./leaks.ts";

const facility = {
  id: "ddu",
  name: "Test Hospital",
  ownership: null,
  kind: null,
  authorities: ["DDU"],
  timeZone: "Asia/Kolkata",
};

export interface StoredFile {
  readonly pipeline: PipelineFile;
  readonly bytes: Buffer;
  readonly isPacked: boolean;
}

/** Runs file `number` as a pipeline of its own, all into one facility, and once more; says what does not hold. */
export async function storeFaults(
  database: Database,
  number: number,
  { pipeline: given, bytes, isPacked }: StoredFile,
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "hims-fuzz-"));
  const path = join(folder, "given");
  writeFileSync(path, bytes);
  utimesSync(path, fileTime, fileTime);
  const logged: string[] = [];
  const logger = listening(logged);
  const { signal } = new AbortController();
  const name = `fuzz-${number}`;
  const source = { ...given.source, at: "given" };
  const pipeline = { ...given, name, facility, source, folder } as PipelineFile;
  try {
    const context = aRunContext(database, { folder, signal, logger });
    const result = await ingest(pipeline, everyDefault, context);
    const again = await ingest(pipeline, { ...everyDefault, full: true }, context);
    const reading = isPacked ? null : await readWhole(given, bytes);
    return [
      ...ledgerFaults(result, reading),
      ...repeatFaults(result, again),
      ...(await leftOvers(database, name, result)),
      ...leakFaults([...logged, ...textsOf(result)], bytes, given),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function listening(logged: string[]): Logger {
  const hear = (fields: LogFields, event: string) => {
    logged.push(`${event} ${JSON.stringify(fields)}`);
  };
  return { debug: hear, info: hear, warn: hear, error: hear };
}

/** What an operator is told of a run. */
function textsOf({ error, refusedFiles, warnings, landedOnlyTypes }: IngestResult) {
  return [
    ...(error === null ? [] : textsOfError(error)),
    ...refusedFiles.map(({ message }) => message),
    ...Object.keys(warnings),
    ...Object.keys(landedOnlyTypes),
  ];
}

function ledgerFaults(result: IngestResult, reading: FileReading | null): readonly string[] {
  const { read, loaded, unchanged, quarantined, error } = result;
  const faults = read === loaded + unchanged + quarantined ? [] : ["the ledger is out of balance"];
  if (reading === null) return error?.kind === "bug" ? [...faults, error.code] : faults;
  const codes = `${error?.code ?? "read"}, without a database ${reading.refusedBy ?? "read"}`;
  // An empty file is told before it is read.
  const isEmpty = error?.code === "HIMS_SOURCE_EMPTY" && reading.bytes.length === 0;
  if (error?.code !== reading.refusedBy && !isEmpty && (error ?? reading.refusedBy) !== null)
    return [...faults, `the run ended with ${codes}`];
  if (error !== null) return faults;
  const refused = reading.outcomes.filter(({ staged }) => staged === null).length;
  if (read !== reading.outcomes.length) faults.push(`${read} read, not ${reading.outcomes.length}`);
  if (quarantined !== refused) faults.push(`${quarantined} quarantined, not ${refused}`);
  return faults;
}

/** The same file once more changes nothing. */
function repeatFaults(first: IngestResult, again: IngestResult): readonly string[] {
  const isSame =
    again.loaded === 0 &&
    again.read === first.read &&
    again.quarantined === first.quarantined &&
    again.error?.code === first.error?.code;
  return isSame ? [] : ["the same file once more is not the same"];
}

/** Physical lines and quarantine items in the database, against the ledger. */
async function leftOvers(
  database: Database,
  pipeline: string,
  result: IngestResult,
): Promise<readonly string[]> {
  const [row] = await database.writer.rows<{
    places: number;
    sum: number;
    lines: number;
    files: number;
  }>(
    `select (select count(*)::int from quarantine where pipeline = $1) as places, count(*)::int as files,
       coalesce(sum(abs(loaded + unchanged + quarantined - read)), 0)::int as sum,
       coalesce(sum(abs(header_lines + blank_lines + record_lines + jsonb_array_length(layout_lines) - lines)), 0)::int as lines
     from source_file where pipeline = $1`,
    [pipeline],
  );
  if (row === undefined) throw new Error("the store gives one row");
  return [
    ...(row.sum === 0 ? [] : ["the file's ledger is out of balance"]),
    ...(row.lines === 0 ? [] : ["the file's lines are out of balance"]),
    ...(row.files === 0 && result.read > 0 ? ["the file is not in the store"] : []),
    // Equal rows are one open item.
    ...(row.places > result.quarantined ? ["more is in quarantine than was refused"] : []),
  ];
}
