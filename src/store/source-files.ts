/** Files that were read: what they held, how their lines were spent, and their bytes in the archive. */
import type { FacilityId, RunId, SourceFileId } from "../platform/ids.ts";
import type { Reader, Transaction } from "./database.ts";
import { type ReadingFacts, type ReadingPlan, saveReadingPlan } from "./reading-plans.ts";
import type { RunCounts } from "./runs.ts";

export interface SourceFileRow extends RunCounts {
  readonly fileId: SourceFileId;
  readonly runId: RunId;
  readonly pipeline: string;
  readonly facilityId: FacilityId;
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
  readonly encoding: string;
  readonly fieldMapHash: string;
  readonly dataKey: Buffer;
  readonly storeKeyId: string;
  readonly headerLines: number;
  readonly blankLines: number;
  readonly recordLines: number;
  readonly layoutLines: readonly number[];
  readonly landedOnly: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
  readonly columns: readonly string[] | null;
  /** Physical lines, counted apart from reading; null for HL7. */
  readonly lines: number | null;
  readonly committedAt: Date;
  /** The file whose chunks hold this content; null: its own. */
  readonly archiveId: SourceFileId | null;
  /** The content was known under this map: it was counted, and changed nothing. */
  readonly isRepeat: boolean;
  readonly plan: ReadingPlan;
  readonly reading: ReadingFacts;
}

export interface KnownFile {
  /** Whose chunks hold the content. */
  readonly archiveId: SourceFileId;
  readonly name: string;
  readonly modifiedAt: Date;
  readonly fieldMapHash: string;
}

/** The latest file of this pipeline with this content that is not undone, or null. */
export async function findKnownFile(
  reader: Reader,
  pipeline: string,
  sha256: string,
): Promise<KnownFile | null> {
  const [known] = await reader.rows<KnownFile>(
    `select coalesce(archive_id, file_id) as "archiveId", name, modified_at as "modifiedAt", field_map_hash as "fieldMapHash"
     from source_file where pipeline = $1 and sha256 = $2 and undone_run is null and not is_repeat order by load_no desc limit 1`,
    [pipeline, sha256],
  );
  return known ?? null;
}

/** The latest committed file of this pipeline with this name, size and date, or null: a copy elsewhere need not be fetched again. */
export async function findKnownDelivery(
  reader: Reader,
  file: { pipeline: string; name: string; bytes: number; modifiedAt: Date },
): Promise<KnownFile | null> {
  const [known] = await reader.rows<KnownFile>(
    `select coalesce(archive_id, file_id) as "archiveId", name, modified_at as "modifiedAt", field_map_hash as "fieldMapHash"
     from source_file where pipeline = $1 and name = $2 and bytes = $3 and modified_at = $4 and undone_run is null
     order by load_no desc limit 1`,
    [file.pipeline, file.name, file.bytes, file.modifiedAt],
  );
  return known ?? null;
}

export async function saveSourceFile(tx: Transaction, file: SourceFileRow): Promise<void> {
  await saveReadingPlan(tx, file.plan);
  await tx.rows(
    `insert into source_file (file_id, run_id, pipeline, facility_id, name, sha256, bytes, modified_at, encoding, field_map_hash,
       data_key, store_key_id, read, loaded, unchanged, quarantined, header_lines, blank_lines, record_lines, layout_lines,
       landed_only, warnings, columns, committed_at, lines, archive_id, is_repeat, plan_hash, reading)
     values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29)`,
    [
      file.fileId,
      file.runId,
      file.pipeline,
      file.facilityId,
      file.name,
      file.sha256,
      file.bytes,
      file.modifiedAt,
      file.encoding,
      file.fieldMapHash,
      file.dataKey,
      file.storeKeyId,
      file.read,
      file.loaded,
      file.unchanged,
      file.quarantined,
      file.headerLines,
      file.blankLines,
      file.recordLines,
      JSON.stringify(file.layoutLines),
      JSON.stringify(file.landedOnly),
      JSON.stringify(file.warnings),
      file.columns === null ? null : JSON.stringify(file.columns),
      file.committedAt,
      file.lines,
      file.archiveId,
      file.isRepeat,
      file.plan.hash,
      JSON.stringify(file.reading),
    ],
  );
}

/** Lands sealed chunks in the file's transaction. */
export async function landChunks(
  tx: Transaction,
  fileId: SourceFileId,
  chunks: readonly { seq: number; bytes: Uint8Array }[],
): Promise<void> {
  // As parameters they travel as they are; COPY would have them written in hex.
  for (const { seq, bytes } of chunks)
    await tx.rows("insert into raw_chunk (file_id, seq, bytes) values ($1, $2, $3)", [
      fileId,
      seq,
      bytes,
    ]);
}

export interface FileReport {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly encoding: string;
  readonly headerLines: number;
  readonly blankLines: number;
  readonly recordLines: number;
  readonly layoutLines: readonly number[];
  /** All of them; null where they are not counted apart (HL7). */
  readonly lines: number | null;
  readonly read: number;
  readonly loaded: number;
  readonly unchanged: number;
  readonly quarantined: number;
}

/** The files of a run with every line accounted for. */
export function listFilesOfRun(reader: Reader, runId: string): Promise<FileReport[]> {
  return reader.rows<FileReport>(
    `select name, sha256, bytes::float8, encoding, header_lines::float8 as "headerLines", blank_lines::float8 as "blankLines",
       record_lines::float8 as "recordLines", layout_lines as "layoutLines", lines::float8, read::float8, loaded::float8, unchanged::float8,
       quarantined::float8
     from source_file where run_id = $1 order by name`,
    [runId],
  );
}

/** Records in the latest committed files of a pipeline whose names differ from this one in digits alone; newest first, replays left out. */
export async function listRecentReads(
  reader: Reader,
  like: { readonly pipeline: string; readonly name: string; readonly limit: number },
): Promise<readonly number[]> {
  const rows = await reader.rows<{ read: number }>(
    `select f.read::float8 from source_file f join pipeline_run r using (run_id)
     where f.pipeline = $1 and f.read > 0 and f.undone_run is null and not f.is_repeat and f.remap_of is null and r.slot not like $4
       and regexp_replace(f.name, '[0-9]+', '#', 'g') = regexp_replace($2, '[0-9]+', '#', 'g')
     order by f.committed_at desc, f.name desc limit $3`,
    [like.pipeline, like.name, like.limit, `${replaySlot}%`],
  );
  return rows.map(({ read }) => read);
}

/** How the slots of runs begin that read quarantined records again: they tell nothing of how large an export is. */
export const replaySlot = "replay ";
