/** What is staged of one raw record, as lines for COPY. Built where records are read: in a worker thread as well. */
import { hash } from "node:crypto";
import type { ClinicalEvent } from "../clinical/clinical-event.ts";
import type { PatientClaim } from "../clinical/source-facts.ts";
import type { EventId, FacilityId, RecordId } from "../platform/ids.ts";
import { hash60, recordIdOf } from "../records/patient-record.ts";
import type { ColumnNameOf } from "./column-names.ts";
import { copyFields } from "./copy-text.ts";
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

export const claimColumns = [
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
export const stagedEventColumns = [
  "ordinal",
  "record_id",
  "event_id",
  "content_hash",
  "message_time",
  "line",
  ...eventColumns,
] as const;

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

  /** The lines as COPY takes them; they are gone here afterwards. */
  take(): { readonly claims: Uint8Array; readonly events: Uint8Array } {
    const taken = {
      claims: Buffer.from(this.claims.join("")),
      events: Buffer.from(this.events.join("")),
    };
    this.claims.length = 0;
    this.events.length = 0;
    return taken;
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
