/**
 * The plain case of a change, in SQL alone: one claim of a patient row for a record that a patient row of the same map wrote,
 * not older than it, with another value in at least one plain field. `judgeClaims` would make it the current version; what is
 * less plain is left to it.
 */
import { patientFieldList } from "../records/record-history.ts";
import type { Transaction } from "./database.ts";
import { columnsOfField, fieldColumns, presentBits } from "./patient-columns.ts";
import { recordColumns, type SettledFile } from "./settled-file.ts";
import { typeOf } from "./stage.ts";

/** Takes the records it settles out of `settle`. */
export async function settleSuccessors(tx: Transaction, file: SettledFile): Promise<void> {
  const { fileId, runId, facilityId } = file;
  await tx.rows("truncate next_current");
  const found = await tx.affected(
    `insert into next_current (${recordColumns}, ordinal, renumbered)
     select p.record_id, p.version + 1, $1, p.id_system, p.id_value, ${nextFields},
            s.facts_hash, s.map_source, s.authority, s.message_time::timestamptz, $2, s.line, $3,
            s.ordinal, ${numbersChange}
     from stage_claim s join settle t using (record_id) join patient_record p using (record_id)
     where not t.repeated and s.authority = 'patient' and p.authority = 'patient' and s.map_source = p.map_source
       and not coalesce(s.message_time::timestamptz < p.message_time, false) and (${isAnother})`,
    [facilityId, fileId, runId],
  );
  if (found === 0) return;
  await tx.rows("insert into stage_changed select ordinal from next_current");
  await tx.rows("delete from settle t using next_current n where n.record_id = t.record_id");
  await tx.rows(
    `insert into patient_record_version (${recordColumns}, ended_run, reason)
     select ${listed("p")}, $1, 'superseded' from patient_record p join next_current n using (record_id)`,
    [runId],
  );
  await writeNumbers(tx);
  await tx.rows(
    `update patient_record p set ${changedColumns.map((column) => `${column} = n.${column}`).join(", ")}
     from next_current n where n.record_id = p.record_id`,
  );
}

/** Only where they change. */
async function writeNumbers(tx: Transaction): Promise<void> {
  await tx.rows(
    "delete from identifier i using next_current n where n.renumbered and i.record_id = n.record_id",
  );
  await tx.rows(`
    insert into identifier (record_id, system, value, type)
    select n.record_id, i.system, i.value, min(i.type)
    from (select record_id, identifiers from next_current where renumbered) n,
      jsonb_to_recordset(n.identifiers) as i(system text, value text, type text)
    group by 1, 2, 3`);
}

const listed = (table: string) =>
  recordColumns
    .split(", ")
    .map((column) => `${table}.${column}`)
    .join(", ");

/** Key and facility stay. */
const changedColumns = recordColumns
  .split(", ")
  .filter((column) => !["record_id", "facility_id", "id_system", "id_value"].includes(column));

/** The field that fills each column, by its bit in `present`. */
const bitOfColumn: ReadonlyMap<string, number> = new Map(
  patientFieldList.flatMap((field) =>
    columnsOfField(field).map(
      (column) => [fieldColumns[column] ?? "", presentBits({ [field]: null })] as const,
    ),
  ),
);

const claimed = (column: string) => `s.${column}::${typeOf(column)}`;
const isSaid = (column: string) => `s.present & ${bitOfColumn.get(column) ?? 0} <> 0`;

/** What the claim speaks of is as it says; the rest stays (see `applyFacts`). */
const nextFields = fieldColumns
  .map((column) => `case when ${isSaid(column)} then ${claimed(column)} else p.${column} end`)
  .join(", ");

const numbersChange = `${isSaid("identifiers")} and ${claimed("identifiers")} <> p.identifiers`;

/** Lists are compared by the rules, which know that their order says nothing. */
const isAnother = fieldColumns
  .filter((column) => column !== "phones" && column !== "identifiers")
  .map((column) => `${isSaid(column)} and ${claimed(column)} is distinct from p.${column}`)
  .join(" or ");
