/**
 * What an undo must judge again: source records (with all their events), raw records in the quarantine, and merges that a file
 * of the run touched, and whatever hangs together with those. Kept in temporary tables of the undo's transaction.
 */
import type { FacilityId, RecordId, RunId, SourceFileId } from "../platform/ids.ts";
import { copyLine } from "./copy-text.ts";
import type { Reader, Transaction } from "./database.ts";
import type { ReadingFacts } from "./reading-plans.ts";
import { replaySlot } from "./source-files.ts";

/** A file of the archive, as it was read. */
export interface ArchivedFile {
  readonly fileId: SourceFileId;
  /** Whose chunks hold its content. */
  readonly archiveId: SourceFileId;
  readonly runId: RunId;
  readonly pipeline: string;
  readonly facilityId: FacilityId;
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
  readonly committedAt: Date;
  readonly mapSource: string;
  /** Null for a file that was read before plans were kept. */
  readonly planHash: string | null;
  readonly reading: ReadingFacts | null;
  /** Set where only the standing rows of that file were read again, under another map. */
  readonly remapOf: SourceFileId | null;
  /** Made of quarantined records that were read again, mended or not. */
  readonly isReplay: boolean;
}

/** A file that settled after the undone run began and is judged again. */
export interface LaterFile extends ArchivedFile {
  /** It changed nothing, since its content was known from the undone run: now it is the first with this content. */
  readonly takesOver: boolean;
}

export interface UndoneFiles {
  /** How many files of the run are undone. */
  readonly files: number;
  /** In the order in which they settled. */
  readonly later: readonly LaterFile[];
}

export const archivedColumns = `s.file_id as "fileId", coalesce(s.archive_id, s.file_id) as "archiveId", s.run_id as "runId", s.pipeline,
  s.facility_id as "facilityId", s.name, s.bytes::float8 as bytes, s.modified_at as "modifiedAt", s.committed_at as "committedAt",
  s.field_map_hash as "mapSource", s.plan_hash as "planHash", s.reading, s.remap_of as "remapOf",
  exists (select from pipeline_run n where n.run_id = s.run_id and n.slot like '${replaySlot}%') as "isReplay"`;

/** Facilities that the pipeline loaded for since the run began: none of their files may settle meanwhile. */
export async function lockFacilities(tx: Transaction, runId: RunId): Promise<void> {
  const rows = await tx.rows<{ id: string }>(
    `select distinct l.facility_id as id from source_file l, (
       select pipeline, min(load_no) as first from source_file where run_id = $1 group by 1) r
     where l.pipeline = r.pipeline and l.load_no >= r.first order by 1`,
    [runId],
  );
  for (const { id } of rows)
    await tx.rows("select pg_advisory_xact_lock(7212, hashtext($1))", [id]);
}

/** Marks the run's files as undone, and finds those that come after. */
export async function takeOutFiles(
  tx: Transaction,
  runId: RunId,
  undoRun: RunId,
): Promise<UndoneFiles> {
  await tx.rows(`
    create temp table undo_file (file_id uuid primary key) on commit drop;
    create temp table late_file (file_id uuid primary key) on commit drop;
    create temp table undo_record (record_id bigint primary key) on commit drop;
    create temp table undo_raw (pipeline text collate "C", raw_hash text collate "C", primary key (pipeline, raw_hash)) on commit drop;
    create temp table undo_pair (lo bigint, hi bigint, primary key (lo, hi)) on commit drop`);
  const undone = await tx.rows(
    "update source_file set undone_run = $2 where run_id = $1 and undone_run is null returning file_id",
    [runId, undoRun],
  );
  const turned = await retellRepeats(tx, runId);
  await retellRemaps(tx, undoRun);
  await tx.rows("insert into undo_file select file_id from source_file where undone_run = $1", [
    undoRun,
  ]);
  await tx.copyIn(
    "undo_file",
    ["file_id"],
    turned.filter(({ isRepeat }) => isRepeat).map(({ fileId }) => copyLine([fileId])),
  );
  await tx.rows(
    `insert into late_file select l.file_id from source_file l, (
       select pipeline, min(load_no) as first from source_file where run_id = $1 group by 1) r
     where l.load_no >= r.first and l.facility_id in (
       select facility_id from source_file f where f.pipeline = r.pipeline and f.load_no >= r.first)`,
    [runId],
  );
  const overtaking = new Set(turned.filter(({ isRepeat }) => !isRepeat).map((file) => file.fileId));
  const later = await tx.rows<ArchivedFile>(
    `select ${archivedColumns} from source_file s join late_file using (file_id)
     where s.undone_run is null and not s.is_repeat order by s.load_no`,
  );
  return {
    files: undone.length,
    later: later.map((file) => ({ ...file, takesOver: overtaking.has(file.fileId) })),
  };
}

/** Of files with one content, those that follow one under the same map change nothing. Without the run's, that may be others. A replay is no repeat: it is read for its items. */
function retellRepeats(
  tx: Transaction,
  runId: RunId,
): Promise<{ fileId: SourceFileId; isRepeat: boolean }[]> {
  return tx.rows<{ fileId: SourceFileId; isRepeat: boolean }>(
    `update source_file s set is_repeat = t.is_repeat from (
       select file_id, coalesce(field_map_hash = lag(field_map_hash) over (partition by pipeline, sha256 order by load_no), false)
         and remap_of is null as is_repeat
       from source_file where undone_run is null
         and not exists (select from replayed_record y where y.file_id = source_file.file_id)
         and (pipeline, sha256) in (select pipeline, sha256 from source_file where run_id = $1)) t
     where t.file_id = s.file_id and s.is_repeat <> t.is_repeat returning s.file_id as "fileId", s.is_repeat as "isRepeat"`,
    [runId],
  );
}

/**
 * A remap read the rows of a file that is gone, or was never more than a repeat: it would have read those of the file that
 * stands in its place, which has the same content under the same map; where there is none, nothing.
 */
async function retellRemaps(tx: Transaction, undoRun: RunId): Promise<void> {
  for (;;) {
    const changed = await tx.rows(
      `with homeless as (
         select r.file_id, r.run_id, r.load_no, f.pipeline, f.sha256, f.field_map_hash
         from source_file r join source_file f on f.file_id = r.remap_of
         where r.undone_run is null and (f.undone_run is not null or f.is_repeat)
       ), told as (
         select h.file_id, (
           select t.file_id from source_file t
           where (t.pipeline, t.sha256, t.field_map_hash) = (h.pipeline, h.sha256, h.field_map_hash) and t.load_no < h.load_no
             and t.undone_run is null and not t.is_repeat
             and not exists (select from source_file o where o.remap_of = t.file_id and o.run_id = h.run_id and o.undone_run is null)
           order by t.load_no desc limit 1) as now_of
         from homeless h
       )
       update source_file r set
         remap_of = coalesce(t.now_of, r.remap_of),
         undone_run = case when t.now_of is null then $1 end,
         stands_at = coalesce((select coalesce(n.stands_at, n.load_no) from source_file n where n.file_id = t.now_of), r.stands_at),
         modified_at = coalesce((select n.modified_at from source_file n where n.file_id = t.now_of), r.modified_at),
         reading = coalesce((select n.reading from source_file n where n.file_id = t.now_of), r.reading)
       from told t where t.file_id = r.file_id returning 1`,
      [undoRun],
    );
    if (changed.length === 0) return;
  }
}

/** Everything the files that go have touched: records by the versions they wrote, raw records, merges. */
export async function seedScope(tx: Transaction): Promise<void> {
  const written = [
    "patient_record",
    "patient_record_version",
    "clinical_event",
    "clinical_event_version",
  ];
  await tx.rows(`
    insert into undo_record ${written.map((table) => `select record_id from ${table} join undo_file using (file_id)`).join(" union ")};
    insert into undo_raw select distinct pipeline, raw_hash from quarantine
    where file_id in (select file_id from undo_file) or ended_file in (select file_id from undo_file)
      or exists (select from jsonb_array_elements(earlier) e join undo_file f on f.file_id = (e->>'file')::uuid);
    insert into undo_pair select distinct lo, hi from decision join undo_file using (file_id) where source = 'hl7' and lo <> hi`);
}

/** What a raw record that is judged again says of others: they are judged again as well. */
export interface Missing {
  readonly records: ReadonlySet<RecordId>;
  /** `<pipeline> <raw hash>` */
  readonly rawHashes: ReadonlySet<string>;
  /** `<lo> <hi>` */
  readonly pairs: ReadonlySet<string>;
}

export async function widenScope(tx: Transaction, missing: Missing): Promise<void> {
  const spaced = (text: string) => copyLine(text.split(" "));
  await tx.copyIn(
    "undo_record",
    ["record_id"],
    [...missing.records].map((id) => copyLine([id])),
  );
  await tx.copyIn("undo_raw", ["pipeline", "raw_hash"], [...missing.rawHashes].map(spaced));
  await tx.copyIn("undo_pair", ["lo", "hi"], [...missing.pairs].map(spaced));
}

/**
 * A record's refused rows go with it, and a refused row's record with that, until nothing more hangs on. A row that a remap
 * took out of the quarantine loaded only because it waited there.
 */
export async function closeScope(tx: Transaction): Promise<void> {
  for (;;) {
    const rows = await tx.rows(`
      insert into undo_raw select distinct q.pipeline, q.raw_hash from quarantine q join undo_record using (record_id)
      where q.state = 'open' or q.file_id in (select file_id from late_file) or q.ended_file in (select file_id from late_file)
      on conflict do nothing returning 1`);
    const records = await tx.rows(`
      insert into undo_record select distinct q.record_id from quarantine q join undo_raw using (pipeline, raw_hash)
      where q.record_id is not null
        and (q.state = 'open' or q.file_id in (select file_id from late_file) or q.ended_file in (select file_id from late_file))
      on conflict do nothing returning 1`);
    const remapped = await tx.rows(`
      insert into undo_record select distinct w.record_id from quarantine q join undo_raw using (pipeline, raw_hash)
        join source_file r on r.file_id = q.ended_file and r.remap_of is not null, lateral (
          select p.record_id from patient_record p where (p.file_id, p.line) = (r.file_id, q.line)
          union all select v.record_id from patient_record_version v where (v.file_id, v.line) = (r.file_id, q.line)
          union all select e.record_id from clinical_event e where (e.file_id, e.line) = (r.file_id, q.line)
          union all select v.record_id from clinical_event_version v where (v.file_id, v.line) = (r.file_id, q.line)) w
      on conflict do nothing returning 1`);
    if (rows.length + records.length + remapped.length === 0) return;
  }
}

export interface Scope {
  readonly records: ReadonlySet<RecordId>;
  /** `<pipeline> <raw hash>` */
  readonly rawHashes: ReadonlySet<string>;
  /** `<lo> <hi>` */
  readonly pairs: ReadonlySet<string>;
}

/** The whole scope in memory: about a hundred bytes a record. */
export async function readScope(reader: Reader): Promise<Scope> {
  const records = await reader.rows<{ id: RecordId }>("select record_id as id from undo_record");
  const rows = await reader.rows<{ key: string }>(
    "select pipeline || ' ' || raw_hash as key from undo_raw",
  );
  const pairs = await reader.rows<{ key: string }>("select lo || ' ' || hi as key from undo_pair");
  return {
    records: new Set(records.map(({ id }) => id)),
    rawHashes: new Set(rows.map(({ key }) => key)),
    pairs: new Set(pairs.map(({ key }) => key)),
  };
}
