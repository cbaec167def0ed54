/** The clinical events of a person: those of all source records that are the person's now. */
import type { ClinicalEvent, EventKind, TimePrecision } from "../clinical/clinical-event.ts";
import type { RecordedEvent } from "../clinical/recorded-event.ts";
import type { PersonId } from "../platform/ids.ts";
import type { Reader } from "./database.ts";

/** Position of an event in the order of `listEvents`. */
export interface EventPosition {
  readonly recordId: string;
  readonly eventId: string;
}

/** Newest first; events without a time come last. */
export async function timeline(
  reader: Reader,
  personId: PersonId,
): Promise<readonly RecordedEvent[]> {
  const sql = `${eventSql} order by coalesce(e.at, e.detail->>'dueAt') desc nulls last, e.record_id, e.event_id`;
  return (await reader.rows<EventRow>(sql, [personId])).map(toRecordedEvent);
}

/** At most `limit` events after a position, in an order that later events do not disturb. */
export async function listEvents(
  reader: Reader,
  personId: PersonId,
  after: EventPosition | null,
  limit: number,
): Promise<readonly RecordedEvent[]> {
  const sql = `${eventSql} and (e.record_id, e.event_id) > ($2::bigint, $3::bigint)
    order by e.record_id, e.event_id limit $4`;
  const values = [personId, after?.recordId ?? "-1", after?.eventId ?? "-1", limit];
  return (await reader.rows<EventRow>(sql, values)).map(toRecordedEvent);
}

/** Encounters that some of these events took place in, and observations that some of these reports consist of. */
export async function listRelatedEvents(
  reader: Reader,
  personId: PersonId,
  events: readonly RecordedEvent[],
): Promise<readonly RecordedEvent[]> {
  const encounters = events.filter(({ encounterEventId }) => encounterEventId !== null);
  const reports = events.filter(({ event }) => event.kind === "report");
  if (encounters.length + reports.length === 0) return [];
  const sql = `${eventSql} and ((e.record_id, e.event_id) in (select * from unnest($2::bigint[], $3::bigint[]))
    or (e.kind = 'observation'
        and (e.record_id, e.detail->>'reportKey') in (select * from unnest($4::bigint[], $5::text[]))))
    order by e.record_id, e.event_id`;
  const rows = await reader.rows<EventRow>(sql, [
    personId,
    encounters.map(({ recordId }) => recordId),
    encounters.map(({ encounterEventId }) => encounterEventId),
    reports.map(({ recordId }) => recordId),
    reports.map(({ event }) => event.eventKey),
  ]);
  return rows.map(toRecordedEvent);
}

/** How many events a person has. */
export async function countEvents(reader: Reader, personId: PersonId): Promise<number> {
  const sql = `select count(*) as total from person_member m join clinical_event e using (record_id)
    where m.person_id = $1 and m.until_run is null`;
  const [row] = await reader.rows<{ total: bigint }>(sql, [personId]);
  return Number(row?.total ?? 0);
}

const eventSql = `
  select e.record_id, e.event_id, e.kind, e.event_key, e.code, e.code_system, e.display, e.at, e.at_precision, e.end_at,
    e.status, e.encounter_id, e.performer, e.note, e.detail, e.facility_id, coalesce(f.name, e.facility_id) as facility_name,
    s.name as file_name, e.line, visit.event_id as encounter_event_id
  from person_member m join clinical_event e using (record_id)
  left join facility f on f.facility_id = e.facility_id
  left join source_file s on s.file_id = e.file_id
  left join lateral (
    select v.event_id from clinical_event v
    where v.record_id = e.record_id and v.kind = 'encounter' and v.event_key = e.encounter_id and e.kind <> 'encounter'
    order by v.event_id limit 1) visit on true
  where m.person_id = $1 and m.until_run is null`;

interface EventRow {
  readonly record_id: bigint;
  readonly event_id: bigint;
  readonly kind: EventKind;
  readonly event_key: string;
  readonly code: string | null;
  readonly code_system: string | null;
  readonly display: string | null;
  readonly at: string | null;
  readonly at_precision: TimePrecision | null;
  readonly end_at: string | null;
  readonly status: string | null;
  readonly encounter_id: string | null;
  readonly performer: string | null;
  readonly note: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly facility_id: string;
  readonly facility_name: string;
  readonly file_name: string | null;
  readonly line: bigint;
  readonly encounter_event_id: bigint | null;
}

function toRecordedEvent(row: EventRow): RecordedEvent {
  return {
    event: toClinicalEvent(row),
    recordId: row.record_id.toString(),
    eventId: row.event_id.toString(),
    facility: row.facility_id,
    facilityName: row.facility_name,
    source: row.file_name === null ? null : { file: row.file_name, line: Number(row.line) },
    encounterEventId: row.encounter_event_id?.toString() ?? null,
  };
}

/** What the kinds do not share lies in `detail`, under the names of the event's own fields. */
function toClinicalEvent(row: EventRow): ClinicalEvent {
  const base = {
    eventKey: row.event_key,
    code: row.code,
    codeSystem: row.code_system,
    display: row.display,
    time: row.at === null ? null : { at: row.at, precision: row.at_precision ?? "day" },
    endAt: row.end_at,
    status: row.status,
    encounterId: row.encounter_id,
    performer: row.performer,
    note: row.note,
  };
  const detail = (field: string): string | null => {
    const value = row.detail[field];
    return value === undefined || value === null ? null : String(value);
  };
  const { kind } = row;
  switch (kind) {
    case "encounter":
      return {
        ...base,
        kind,
        encounterClass: detail("encounterClass"),
        location: detail("location"),
      };
    case "observation":
      return {
        ...base,
        kind,
        value: detail("value"),
        unit: detail("unit"),
        range: detail("range"),
        flag: detail("flag"),
        reportKey: detail("reportKey"),
      };
    case "appointment":
      return { ...base, kind, dueAt: detail("dueAt") };
    case "medication":
      return {
        ...base,
        kind,
        dose: detail("dose"),
        route: detail("route"),
        frequency: detail("frequency"),
        quantity: detail("quantity"),
      };
    case "immunization":
      return {
        ...base,
        kind,
        lot: detail("lot"),
        doseNumber: detail("doseNumber"),
        dose: detail("dose"),
        route: detail("route"),
        dueAt: detail("dueAt"),
      };
    case "allergy":
      return { ...base, kind, reaction: detail("reaction"), severity: detail("severity") };
    case "procedure":
    case "condition":
    case "report":
      return { ...base, kind };
  }
}
