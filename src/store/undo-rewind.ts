/** Puts what an undo judges again back to how it stood before the run's first file: from the version tables, in sets. */
import type { Transaction } from "./database.ts";
import { eventRowColumns } from "./settle-events.ts";
import { recordColumns } from "./settled-file.ts";

const isLate = (column: string) => `${column} in (select file_id from late_file)`;

/** The tables of `undo-scope.ts` say what. */
export async function rewind(tx: Transaction): Promise<void> {
  await noteBefore(tx);
  await rewindVersions(tx, { table: "patient_record", key: "record_id", columns: recordColumns });
  await rewindVersions(tx, {
    table: "clinical_event",
    key: "record_id, event_id",
    columns: eventRowColumns,
  });
  await tx.rows(`
    delete from identifier i using undo_record u where u.record_id = i.record_id;
    insert into identifier (record_id, system, value, type)
    select p.record_id, i.system, i.value, min(i.type)
    from patient_record p join undo_record using (record_id), jsonb_to_recordset(p.identifiers) as i(system text, value text, type text)
    group by 1, 2, 3`);
  await rewindQuarantine(tx);
  await tx.rows(`
    update decision d set state = 'revoked' from undo_pair u
    where (d.lo, d.hi) = (u.lo, u.hi) and d.source = 'hl7' and d.state = 'in_force' and ${isLate("d.file_id")}`);
}

/** What the report is told against. */
async function noteBefore(tx: Transaction): Promise<void> {
  await tx.rows(`
    create temp table before_record on commit drop as
      select p.record_id, p.file_id from patient_record p join undo_record using (record_id);
    create temp table before_event on commit drop as
      select e.record_id, e.event_id, e.file_id from clinical_event e join undo_record using (record_id);
    create temp table before_item on commit drop as
      select q.* from quarantine q join undo_raw using (pipeline, raw_hash) where q.state = 'open' or ${isLate("q.file_id")};
    create temp table before_pair on commit drop as
      select d.lo, d.hi from decision d join undo_pair using (lo, hi) where d.source = 'hl7' and d.state = 'in_force'`);
}

/** Versions of later files go; the last one before them that was current is current again, under its old number. */
async function rewindVersions(
  tx: Transaction,
  { table, key, columns }: { table: string; key: string; columns: string },
): Promise<void> {
  const list = columns.split(/,\s*/);
  const same = key
    .split(", ")
    .map((column) => `v.${column} = c.${column}`)
    .join(" and ");
  await tx.rows(`
    delete from ${table}_version v using undo_record u where u.record_id = v.record_id and ${isLate("v.file_id")};
    delete from ${table} c using undo_record u where u.record_id = c.record_id and ${isLate("c.file_id")};
    insert into ${table} (${columns})
    select distinct on (${key}) ${list.map((column) => `v.${column}`).join(", ")}
    from ${table}_version v join undo_record using (record_id)
    where v.reason = 'superseded' and not exists (select from ${table} c where ${same})
    order by ${key}, v.version desc;
    delete from ${table}_version v using ${table} c, undo_record u
    where ${same} and v.version = c.version and u.record_id = v.record_id`);
}

async function rewindQuarantine(tx: Transaction): Promise<void> {
  await tx.rows(`
    delete from quarantine q using undo_raw u
    where (q.pipeline, q.raw_hash) = (u.pipeline, u.raw_hash) and ${isLate("q.file_id")};
    update quarantine q set problems = e.item->'problems', mended_file = (e.item->>'mended_file')::uuid,
      mended_offset = (e.item->>'mended_offset')::bigint, mended_length = (e.item->>'mended_length')::bigint,
      earlier = (select coalesce(jsonb_agg(k.item order by k.n), '[]') from jsonb_array_elements(q.earlier) with ordinality k(item, n)
                 where k.n < e.n)
    from undo_raw u, quarantine o, lateral (
      select x.item, x.n from jsonb_array_elements(o.earlier) with ordinality x(item, n)
      where ${isLate("(x.item->>'file')::uuid")} order by x.n limit 1) e
    where (q.pipeline, q.raw_hash) = (u.pipeline, u.raw_hash) and o.quarantine_id = q.quarantine_id;
    update quarantine q set state = 'open', ended_run = null, ended_file = null from undo_raw u
    where (q.pipeline, q.raw_hash) = (u.pipeline, u.raw_hash) and ${isLate("q.ended_file")}`);
}

/** Items that a later file opened before and opens again keep their number: clerks may hold it in an export. */
export async function keepItemNumbers(tx: Transaction): Promise<void> {
  const columns =
    "pipeline, raw_hash, run_id, file_id, file_name, line, byte_offset, byte_length, record_id, problems, state, ended_run, ended_file, mended_file, mended_offset, mended_length, earlier";
  await tx.rows(`
    create temp table renumbered on commit drop as
      select b.quarantine_id as old_id, q.* from quarantine q join before_item b using (pipeline, raw_hash, file_id)
      where q.quarantine_id <> b.quarantine_id and not exists (select from quarantine o where o.quarantine_id = b.quarantine_id);
    delete from quarantine q using renumbered r where r.quarantine_id = q.quarantine_id;
    insert into quarantine (quarantine_id, ${columns}) overriding system value select old_id, ${columns} from renumbered`);
}

/** Golden values of everyone who has one of these records are taken anew, whatever number its version has now. */
export async function forgetSurvivors(tx: Transaction): Promise<void> {
  // No version has this number, and it is not the 0 of a member that was never looked at.
  await tx.rows(
    "update person_member m set survived_version = 2147483647 from undo_record u where u.record_id = m.record_id and m.until_run is null",
  );
}
