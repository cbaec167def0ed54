/** Staging of one file: temporary tables filled by COPY, gone with the transaction. */
import type { Transaction } from "./database.ts";
import { fieldColumns } from "./patient-columns.ts";
import { claimColumns, eventColumns, stagedEventColumns } from "./stage-lines.ts";

/** Staged as text: most staged claims are what stands already, and only the others need be read as dates, lists and JSON. */
const textColumns = ["birth_date", "phones", "identifiers"] as const;
const isText = (column: string) => textColumns.some((text) => text === column);
const stagedFields = fieldColumns
  .map((column) => (isText(column) ? `${column}::text` : column))
  .join(", ");

/** The staged fields with the types of the record's columns, of the claim `s`. */
export const typedFields = fieldColumns
  .map((column) => (isText(column) ? `s.${column}::${typeOf(column)} as ${column}` : `s.${column}`))
  .join(", ");

/** The type of a field's column in the records. */
export function typeOf(column: string): string {
  if (column === "birth_date") return "date";
  if (column === "phones") return "text[]";
  return column === "identifiers" ? "jsonb" : "text";
}

/**
 * Makes the staging tables of this connection, once; they are temporary, and emptied by every commit.
 * Creating them anew for every file would cost more than a small file does. What is joined by comes first in a claim's row:
 * PostgreSQL reads a row from its start.
 */
export async function createStage(tx: Transaction): Promise<void> {
  await tx.rows(`
    create temp table if not exists stage_claim on commit delete rows as
      select record_id, 0::bigint as ordinal, line, 0::int as present, facts_hash, id_system, id_value, map_source,
             authority, message_time::text, ${stagedFields} from patient_record with no data;
    create temp table if not exists stage_event on commit delete rows as
      select 0::bigint as ordinal, record_id, event_id, content_hash, message_time, line, ${eventColumns.join(", ")}
      from clinical_event with no data;
    create temp table if not exists stage_reject on commit delete rows as
      select pipeline, raw_hash, run_id, file_id, file_name, line, byte_offset, byte_length, record_id, problems
      from quarantine with no data;
    create temp table if not exists stage_changed (ordinal bigint) on commit delete rows;
    create temp table if not exists stage_known (record_id bigint, same boolean, clash boolean) on commit delete rows;
    create temp table if not exists settle (record_id bigint, repeated boolean) on commit delete rows;
    create temp table if not exists judged_event
      (like stage_event, previous bytea, is_last boolean, known boolean, current_version int, outcome text, version int)
      on commit delete rows;
    create temp table if not exists next_current (like patient_record, ordinal bigint, renumbered boolean) on commit delete rows;
    create temp table if not exists next_bump (record_id bigint, version int) on commit delete rows`);
}

/** Empties the stage for the next file of one transaction (a dry run takes all its files in one). */
export async function clearStage(tx: Transaction): Promise<void> {
  await tx.rows(
    "truncate stage_claim, stage_event, stage_reject, stage_changed, stage_known, settle, judged_event, next_current, next_bump",
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
