/** What is staged of one raw record, as lines for COPY. Built where records are read: in a worker thread as well. */
import { hash } from "node:crypto";
import type { ClinicalEvent } from "../clinical/clinical-event.ts";
import type { PatientClaim } from "../clinical/source-facts.ts";
import { ByteWriter } from "../platform/byte-writer.ts";
import type { EventId, FacilityId, RecordId } from "../platform/ids.ts";
import { hash60, recordIdOf } from "../records/patient-record.ts";
import type { ClaimDraft } from "./claim-draft.ts";
import type { ColumnNameOf } from "./column-names.ts";
import { copyFields } from "./copy-text.ts";
import { DraftLines, type DraftPlace } from "./draft-lines.ts";
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

/** The map and the fields come first, one after the other: they are what the hash is of (design decision 7). */
export const claimColumns = [
  "map_source",
  "present",
  ...fieldColumns,
  "facts_hash",
  "ordinal",
  "record_id",
  "id_system",
  "id_value",
  "authority",
  "message_time",
  "line",
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

/** Lines for COPY, gathered over a block. */
export class StageLines {
  private readonly claims = new ByteWriter();
  private readonly events = new ByteWriter();
  private drafts: DraftLines | null = null;

  add(claim: PatientClaim, place: ClaimPlace): void {
    const { key, authority, facts } = claim;
    const recordId = recordIdOf(key);
    const { claims } = this;
    const { ordinal, mapSource, messageTime, line } = place;
    const from = claims.length;
    claims.text(`${mapSource}\t${presentBits(facts)}\t${copyFields(fieldValues(facts))}`);
    const factsHash = shortHash(claims.view(from));
    const keyText = copyFields([key.system, key.value]);
    const time = messageTime === null ? "\\N" : messageTime;
    claims.text(
      `\t\\${factsHash}\t${ordinal}\t${recordId}\t${keyText}\t${authority}\t${time}\t${line}\n`,
    );
    for (const event of claim.events)
      this.events.text(eventLine(event, { recordId, facilityId: key.facilityId }, place));
  }

  /** A claim of a plain row, whose key is the facility's own number. */
  addDraft(facilityId: FacilityId, claim: ClaimDraft, place: DraftPlace): void {
    this.drafts ??= new DraftLines(facilityId);
    this.drafts.write(this.claims, claim, place);
  }

  /** The lines as COPY takes them; they are gone here afterwards. `spare`: memory for the next ones. */
  take(spare: ArrayBuffer | null = null): {
    readonly claims: Uint8Array;
    readonly events: Uint8Array;
  } {
    return {
      claims: this.claims.take(spare),
      events: this.events.length === 0 ? nothing : this.events.take(),
    };
  }
}

const nothing = new Uint8Array();

/** 16 bytes of SHA-256, as a bytea literal. */
function shortHash(text: string | Buffer): string {
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
