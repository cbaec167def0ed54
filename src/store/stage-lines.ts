/** What is staged of one raw record, as lines for COPY. Built where records are read: in a worker thread as well. */
import { hash } from "node:crypto";
import type { ClinicalEvent } from "../clinical/clinical-event.ts";
import type { PatientClaim } from "../clinical/source-facts.ts";
import type { EventId, FacilityId, RecordId } from "../platform/ids.ts";
import { hash60, type RecordKey, recordIdOf } from "../records/patient-record.ts";
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

/** Lines for COPY, gathered over a block. */
export class StageLines {
  private readonly claims = new TextBytes();
  private readonly events = new TextBytes();
  private readonly scratch = new TextBytes();

  add(claim: PatientClaim, place: ClaimPlace): void {
    const { key, authority, facts } = claim;
    const recordId = recordIdOf(key);
    const fields = copyFields(fieldValues(facts));
    this.addClaim(
      { recordId, key, authority, present: presentBits(facts), fields: [fields] },
      place,
    );
    for (const event of claim.events)
      this.events.add(eventLine(event, { recordId, facilityId: key.facilityId }, place));
  }

  /** A claim of a plain row: see `ClaimText`. */
  addText(facilityId: FacilityId, claim: ClaimText, place: ClaimPlace): void {
    const key = { facilityId, system: facilityId, value: claim.value };
    const { present, fields } = claim;
    this.addClaim({ recordId: recordIdOf(key), key, authority: "patient", present, fields }, place);
  }

  private addClaim(
    { recordId, key, authority, present, fields }: ClaimLine,
    place: ClaimPlace,
  ): void {
    const { scratch } = this;
    const { ordinal, mapSource, messageTime, line } = place;
    scratch.clear();
    scratch.add(`${mapSource} ${present} `);
    const from = scratch.length;
    scratch.add(fields.join("\t"));
    // The mapped, normalized fields and the map that read them (design decision 7).
    const factsHash = shortHash(scratch.bytes());
    const keyText = copyFields([key.system, key.value, authority, mapSource]);
    const time = messageTime === null ? "\\N" : messageTime;
    this.claims.add(
      `${ordinal}\t${recordId}\t${keyText}\t${present}\t\\${factsHash}\t${time}\t${line}\t`,
    );
    this.claims.addBytes(scratch.bytes(from));
    this.claims.add("\n");
  }

  /** The lines as COPY takes them; they are gone here afterwards. */
  take(): { readonly claims: Uint8Array; readonly events: Uint8Array } {
    const taken = {
      claims: Buffer.from(this.claims.bytes()),
      events: Buffer.from(this.events.bytes()),
    };
    this.claims.clear();
    this.events.clear();
    return taken;
  }
}

/** Texts as UTF-8, one after the other: each is encoded once. */
class TextBytes {
  length = 0;
  private buffer = Buffer.allocUnsafeSlow(1 << 16);

  add(text: string): void {
    // No sign of a text takes more than three bytes a code unit.
    this.reserve(text.length * 3);
    this.length += this.buffer.write(text, this.length, "utf8");
  }

  addBytes(bytes: Buffer): void {
    this.reserve(bytes.length);
    this.length += bytes.copy(this.buffer, this.length);
  }

  /** A view: what is added later writes over it once the texts are cleared. */
  bytes(from = 0): Buffer {
    return this.buffer.subarray(from, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + more));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

/** A patient row's claim whose fields are COPY text already; its key is the facility's own number. */
export interface ClaimText {
  readonly value: string;
  readonly present: number;
  readonly messageTime: string | null;
  /** Texts of `fieldColumns`. They may be others once the next row is read. */
  readonly fields: readonly string[];
}

interface ClaimLine {
  readonly recordId: RecordId;
  readonly key: RecordKey;
  readonly authority: PatientClaim["authority"];
  readonly present: number;
  /** COPY texts that, joined by tabs, are those of `fieldColumns`. */
  readonly fields: readonly string[];
}

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
