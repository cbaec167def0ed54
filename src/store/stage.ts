/** Staging of one file: temporary tables filled by COPY, gone with the transaction. */
import { hash } from "node:crypto";
import type { ClinicalEvent } from "../clinical/clinical-event.ts";
import type { PatientClaim } from "../clinical/source-facts.ts";
import type { EventId, FacilityId, RecordId } from "../platform/ids.ts";
import { hash60, recordIdOf } from "../records/patient-record.ts";
import type { ColumnNameOf } from "./column-names.ts";
import { copyFields, type Transaction } from "./database.ts";
import { fieldColumns, fieldValues, presentBits } from "./patient-columns.ts";
import type { clinicalEvent } from "./schema/clinical.ts";

/** Columns of an event's content, in one order for staging and for the tables. */
export const eventColumns = [
  "kind",
  "event_key",
  "code",
  "code_system",
  "display",
  "at",
  "at_precision",
  "end_at",
  "status",
  "encounter_id",
  "performer",
  "note",
  "detail",
] as const satisfies readonly ColumnNameOf<typeof clinicalEvent>[];

const claimColumns = [
  "ordinal",
  "record_id",
  "id_system",
  "id_value",
  "authority",
  "map_source",
  "present",
  "facts_hash",
  "message_time",
  "line",
  ...fieldColumns,
] as const;
const stagedEventColumns = [
  "ordinal",
  "record_id",
  "event_id",
  "content_hash",
  "message_time",
  "line",
  ...eventColumns,
] as const;

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

/** Where a claim stands and when it was said. */
export interface ClaimPlace {
  readonly ordinal: number;
  readonly line: number;
  readonly messageTime: string | null;
  readonly mapSource: string;
}

/** Lines for COPY, gathered over a batch. */
export class StageLines {
  readonly claims: string[] = [];
  readonly events: string[] = [];

  add(claim: PatientClaim, place: ClaimPlace): void {
    const recordId = recordIdOf(claim.key);
    this.claims.push(claimLine(claim, recordId, place));
    for (const event of claim.events)
      this.events.push(eventLine(event, { recordId, facilityId: claim.key.facilityId }, place));
  }

  async copy(tx: Transaction): Promise<void> {
    await tx.copyIn("stage_claim", claimColumns, this.claims);
    await tx.copyIn("stage_event", stagedEventColumns, this.events);
  }
}

function claimLine(claim: PatientClaim, recordId: RecordId, place: ClaimPlace): string {
  const fields = copyFields(fieldValues(claim.facts));
  const present = presentBits(claim.facts);
  const head = copyFields([
    place.ordinal,
    recordId,
    claim.key.system,
    claim.key.value,
    claim.authority,
    place.mapSource,
    present,
    // The mapped, normalized fields and the map that read them (design decision 7).
    shortHash(`${place.mapSource} ${present} ${fields}`),
    place.messageTime,
    place.line,
  ]);
  return `${head}\t${fields}\n`;
}

/** 16 bytes of SHA-256, as a bytea literal. */
function shortHash(text: string): string {
  return `\\x${hash("sha256", text, "hex").slice(0, 32)}`;
}

export function eventIdOf(facilityId: FacilityId, event: ClinicalEvent): EventId {
  return hash60(`${facilityId}\u0000${event.kind}\u0000${event.eventKey}`) as EventId;
}

function eventLine(
  event: ClinicalEvent,
  owner: { recordId: RecordId; facilityId: FacilityId },
  place: ClaimPlace,
): string {
  const content = copyFields(eventValues(event));
  const head = copyFields([
    place.ordinal,
    owner.recordId,
    eventIdOf(owner.facilityId, event),
    shortHash(content),
    place.messageTime,
    place.line,
  ]);
  return `${head}\t${content}\n`;
}

function eventValues(event: ClinicalEvent): readonly (string | null)[] {
  const {
    kind,
    eventKey,
    code,
    codeSystem,
    display,
    time,
    endAt,
    status,
    encounterId,
    performer,
    note,
    ...detail
  } = event;
  const said = Object.fromEntries(
    Object.entries(detail)
      .filter(([, value]) => value !== null)
      .sort(),
  );
  return [
    kind,
    eventKey,
    code,
    codeSystem,
    display,
    time?.at ?? null,
    time?.precision ?? null,
    endAt,
    status,
    encounterId,
    performer,
    note,
    JSON.stringify(said),
  ];
}
