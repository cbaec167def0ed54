/** Staging of one file: temporary tables filled by COPY, gone with the transaction. */
import type { Transaction } from "./database.ts";
import { fieldColumns } from "./patient-columns.ts";
import { claimColumns, eventColumns, stagedEventColumns } from "./stage-lines.ts";

/**
 * Makes the staging tables of this connection, once; they are temporary, and emptied by every commit.
 * Creating them anew for every file would cost more than a small file does.
 */
export async function createStage(tx: Transaction): Promise<void> {
  await tx.rows(`
    create temp table if not exists stage_claim on commit delete rows as
      select 0::int as ordinal, record_id, id_system, id_value, authority, map_source, 0::int as present, facts_hash, message_time, line,
             ${fieldColumns.join(", ")} from patient_record with no data;
    create temp table if not exists stage_event on commit delete rows as
      select 0::int as ordinal, record_id, event_id, content_hash, message_time, line, ${eventColumns.join(", ")}
      from clinical_event with no data;
    create temp table if not exists stage_reject on commit delete rows as
      select pipeline, raw_hash, run_id, file_id, file_name, line, byte_offset, byte_length, record_id, problems
      from quarantine with no data;
    create temp table if not exists stage_changed (ordinal int) on commit delete rows;
    create temp table if not exists settle (record_id bigint, claims bigint, known boolean, same boolean) on commit delete rows;
    create temp table if not exists judged_event
      (like stage_event, previous bytea, is_last boolean, known boolean, current_version int, outcome text, version int)
      on commit delete rows;
    create temp table if not exists next_current (like patient_record) on commit delete rows;
    create temp table if not exists next_bump (record_id bigint, version int) on commit delete rows`);
}

/** Empties the stage for the next file of one transaction (a dry run takes all its files in one). */
export async function clearStage(tx: Transaction): Promise<void> {
  await tx.rows(
    "truncate stage_claim, stage_event, stage_reject, stage_changed, settle, judged_event, next_current, next_bump",
  );
}

/** COPY text as `StageLines` makes it, one line a claim and an event. */
export async function copyStage(
  tx: Transaction,
  staged: { readonly claims: Uint8Array; readonly events: Uint8Array },
): Promise<void> {
  await tx.copyIn("stage_claim", claimColumns, staged.claims);
  await tx.copyIn("stage_event", stagedEventColumns, staged.events);
}
