/** From staged events to clinical events and their versions: one set-based pass a file, newest message wins, late ones become history. */
import type { Transaction } from "./database.ts";
import { type SettledFile, worthAnalyzing } from "./settled-file.ts";
import { eventColumns } from "./stage-lines.ts";

const content = eventColumns.join(", ");
/** Every column of a clinical event. */
export const eventRowColumns = `record_id, event_id, version, facility_id, ${content}, content_hash, message_time, file_id, line, run_id`;

export async function settleEvents(
  tx: Transaction,
  { fileId, runId, facilityId, stagedRecords }: SettledFile,
): Promise<void> {
  if (stagedRecords > worthAnalyzing) await tx.rows("analyze stage_event");
  await judgeEvents(tx);
  const values = [facilityId, fileId, runId];
  const from = (version: string) =>
    `select j.record_id, j.event_id, ${version}, $1, ${eventColumns.map((column) => `j.${column}`).join(", ")},
            j.content_hash, j.message_time, $2::uuid, j.line, $3`;
  await tx.rows(
    `insert into clinical_event_version (${eventRowColumns}, ended_run, reason)
     select ${eventRowColumns
       .split(", ")
       .map((column) => `c.${column}`)
       .join(", ")}, $1, 'superseded'
     from clinical_event c join judged_event j using (record_id, event_id) where j.outcome = 'current' and j.known`,
    [runId],
  );
  await tx.rows(
    `insert into clinical_event_version (${eventRowColumns}, ended_run, reason)
     ${from("j.version")}, $3, 'history' from judged_event j where j.outcome = 'history'`,
    values,
  );
  await tx.rows(
    `insert into clinical_event (${eventRowColumns}) ${from("j.version")} from judged_event j where j.outcome = 'current'
     on conflict (record_id, event_id) do update set ${eventRowColumns
       .split(", ")
       .slice(2)
       .map((column) => `${column} = excluded.${column}`)
       .join(", ")}`,
    values,
  );
  // Where only history was added, the current version's number moves above it.
  await tx.rows(`
    update clinical_event c set version = h.version from (
      select record_id, event_id, max(version) + 1 as version from judged_event group by 1, 2 having bool_and(outcome <> 'current')
        and bool_or(outcome = 'history')) h
    where h.record_id = c.record_id and h.event_id = c.event_id`);
  await tx.rows(
    "insert into stage_changed select ordinal from judged_event where outcome <> 'unchanged'",
  );
}

/**
 * Within a file an event's rows stand in order of message time, then of the file. A repeat of the row before is unchanged;
 * an earlier one is judged against history; the last against the current version, unless it is older than that: then it is history.
 */
async function judgeEvents(tx: Transaction): Promise<void> {
  await tx.rows(`
    insert into judged_event
    with ordered as (
      select s.*, lag(s.content_hash) over w as previous
      from stage_event s
      window w as (partition by s.record_id, s.event_id order by s.message_time nulls first, s.ordinal)
    ), told as (
      select o.*, lead(o.ordinal) over w is null as is_last
      from ordered o where o.content_hash is distinct from o.previous
      window w as (partition by o.record_id, o.event_id order by o.message_time nulls first, o.ordinal)
    ), judged as (
      select o.*, c.record_id is not null as known, coalesce(c.version, 0) as current_version,
             case
               when c.content_hash = o.content_hash then 'unchanged'
               when o.is_last and not coalesce(o.message_time < c.message_time, false) then 'current'
               when exists (select from clinical_event_version v where v.record_id = o.record_id and v.event_id = o.event_id
                            and v.content_hash = o.content_hash) then 'unchanged'
               else 'history'
             end as outcome
      from told o left join clinical_event c using (record_id, event_id)
    )
    select j.*, case
        when outcome = 'unchanged' then null
        -- The current version becomes a past one first, unless only history is added: then history goes below it.
        else current_version + row_number() over (partition by record_id, event_id, outcome = 'unchanged'
               order by outcome = 'current', message_time nulls first, ordinal)
             - case when bool_or(outcome = 'current') over (partition by record_id, event_id) or not known then 0 else 1 end
      end::int as version
    from judged j`);
}
