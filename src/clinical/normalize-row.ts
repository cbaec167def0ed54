/** One CSV row -> what it says of its patient and of what was done: `SourceFacts` or problems. */

import type { IsoDate } from "../platform/ids.ts";
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import type { EventMapField } from "../records/field-map.ts";
import { parseDate } from "../records/normalize-date.ts";
import { maskedLine, squeeze } from "../records/normalize-name.ts";
import {
  normalizePatient,
  orderOfFormat,
  type RowContext,
  RowProblems,
} from "../records/normalize-patient.ts";
import { hash60, type PatientFacts } from "../records/patient-record.ts";
import type { Problem } from "../records/problem.ts";
import type { BoundMap } from "../records/row-reader.ts";
import {
  type ClinicalEvent,
  type EventKind,
  type EventTime,
  eventKinds,
} from "./clinical-event.ts";
import { eventKindOf } from "./event-kind.ts";
import { withZone } from "./facility-time.ts";
import type { SourceFacts } from "./source-facts.ts";

/** A pipeline's maps, bound to one file's header. */
export interface BoundRowMap {
  readonly record: "patient" | "event";
  readonly fields: BoundMap;
  /** Further facts of a row; each inherits the event fields of `fields`. */
  readonly events: readonly BoundMap[];
}

/** Everything wrong with a row is reported at once; the row is kept whole or refused whole. */
export function normalizeRow(
  cells: readonly string[],
  map: BoundRowMap,
  context: RowContext,
): Parsed<SourceFacts, Problem> {
  const found = new RowProblems();
  const patient = normalizePatient(cells, map.fields, context, found);
  const mrn = patient?.key.value ?? "";
  const events: ClinicalEvent[] = [];
  for (const [index, eventMap] of eventMapsOf(map).entries()) {
    const required = map.record === "event" && index === 0;
    const event = new EventRow(cells, eventMap, context, found).event(mrn, required);
    if (event !== null) events.push(event);
  }
  if (patient === null || found.problems.length > 0) return unparsed(...found.problems);
  const seenAt = patient.seenAt === null ? null : instantOf(patient.seenAt, context.zone);
  return parsed({
    patients: [
      {
        key: patient.key,
        facts: zoned(patient.facts, context.zone),
        authority: map.record,
        events: distinctKeys(events),
      },
    ],
    merges: [],
    messageTime: seenAt,
    landedOnly: null,
    warnings: found.warnings,
  });
}

function eventMapsOf(map: BoundRowMap): readonly BoundMap[] {
  const own = map.fields.eventKind === undefined ? [] : [map.fields];
  return [...own, ...map.events.map((event) => ({ ...map.fields, ...event }))];
}

function zoned(facts: PatientFacts, zone: string): PatientFacts {
  const { seenAt, deceasedAt } = facts;
  if (!seenAt?.includes("T") && !deceasedAt?.includes("T")) return facts;
  return {
    ...facts,
    ...(seenAt ? { seenAt: withZone(seenAt, zone) } : {}),
    ...(deceasedAt ? { deceasedAt: withZone(deceasedAt, zone) } : {}),
  };
}

/** A bare date counts from its first second. */
function instantOf(time: string, zone: string): string {
  return withZone(time.includes("T") ? time : `${time}T00:00:00`, zone);
}

/** Two equal facts of one row must not share a key. */
function distinctKeys(events: readonly ClinicalEvent[]): readonly ClinicalEvent[] {
  const seen = new Map<string, number>();
  return events.map((event) => {
    const key = `${event.kind} ${event.eventKey}`;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return times === 1 ? event : { ...event, eventKey: `${event.eventKey}#${times}` };
  });
}

class EventRow {
  private readonly cells: readonly string[];
  private readonly map: BoundMap;
  private readonly context: RowContext;
  private readonly found: RowProblems;

  constructor(cells: readonly string[], map: BoundMap, context: RowContext, found: RowProblems) {
    this.cells = cells;
    this.map = map;
    this.context = context;
    this.found = found;
  }

  /** Null when the row has nothing of this kind to say, or what it says is broken (then a problem is noted). */
  event(mrn: string, required: boolean): ClinicalEvent | null {
    // A constant says nothing of this row: `code: { value: 8480-6 }` with a blank value cell is no observation.
    const telling = this.columnsOf("code", "display", "value", "eventId", "dueAt");
    // A register of visits may give no more than a day: then the day says it.
    if (telling.length === 0) telling.push(...this.columnsOf("at", "note", "performer"));
    const said = telling.includes("value") && !required ? ["value" as const] : telling;
    if (said.every((field) => this.text(field) === null)) {
      if (required)
        this.problem("code", "missing", "event_empty", "Give the row a code, a name or a value.");
      return null;
    }
    const kind = this.kind();
    if (kind === null) return null;
    return this.build(kind, mrn);
  }

  /** Those of the fields that are read from a column. */
  private columnsOf(...fields: readonly EventMapField[]): EventMapField[] {
    return fields.filter((field) => (this.map[field]?.positions.length ?? 0) > 0);
  }

  private kind(): EventKind | null {
    const text = this.text("eventKind")?.toLowerCase() ?? "";
    const kind = eventKindOf(text);
    if (kind === null) {
      this.problem(
        "eventKind",
        "unknown_code",
        "event_kind_unknown",
        `Map the kind to one of: ${eventKinds.join(", ")}.`,
      );
    }
    return kind;
  }

  private build(kind: EventKind, mrn: string): ClinicalEvent {
    const time = this.time("at");
    const dueAt = this.time("dueAt")?.at ?? null;
    const code = this.identifier("code");
    const display = this.plain("display");
    const base = {
      eventKey:
        this.identifier("eventId") ??
        derivedKey([
          mrn,
          kind,
          code ?? display ?? "",
          time?.at ?? dueAt ?? "",
          this.identifier("encounterId") ?? "",
        ]),
      code,
      codeSystem:
        code === null
          ? null
          : (this.plain("codeSystem") ?? `urn:hims:local:${this.context.facilityId}`),
      display,
      time,
      endAt: this.time("endAt")?.at ?? null,
      status: this.plain("status"),
      encounterId: this.identifier("encounterId"),
      performer: this.plain("performer"),
      note: this.plain("note"),
    };
    switch (kind) {
      case "encounter":
        return { ...base, kind, encounterClass: null, location: null };
      case "observation":
        return {
          ...base,
          kind,
          value: this.plain("value"),
          unit: this.plain("unit"),
          range: this.plain("range"),
          flag: this.plain("flag"),
          reportKey: null,
        };
      case "appointment":
        return { ...base, kind, dueAt };
      case "medication":
        return {
          ...base,
          kind,
          dose: this.plain("dose"),
          route: this.plain("route"),
          frequency: this.plain("frequency"),
          quantity: this.plain("quantity"),
        };
      case "immunization":
        return {
          ...base,
          kind,
          lot: this.identifier("lot"),
          doseNumber: this.plain("doseNumber"),
          dose: this.plain("dose"),
          route: this.plain("route"),
          dueAt,
        };
      case "allergy":
        return { ...base, kind, reaction: this.plain("value"), severity: this.plain("flag") };
      case "procedure":
      case "condition":
      case "report":
        return { ...base, kind };
    }
  }

  private time(field: "at" | "endAt" | "dueAt"): EventTime | null {
    const text = this.text(field);
    if (text === null) return null;
    const order = orderOfFormat(this.map[field]?.source.format) ?? this.context.dateOrder;
    const today = field === "dueAt" ? inTenYears(this.context.today) : this.context.today;
    const read = parseDate(text, { order, today });
    if (!read.ok) {
      this.problem(
        field,
        "invalid",
        "time_invalid",
        "Write the date as it is written in the other rows.",
      );
      return null;
    }
    const { date, time, precision } = read.value;
    if (time === null)
      return {
        at: precision === "day" ? date : date.slice(0, precision === "month" ? 7 : 4),
        precision,
      };
    return { at: withZone(`${date}T${time}`, this.context.zone), precision: "second" };
  }

  /** Free text of an event is masked: nothing Aadhaar-shaped may be kept. */
  private plain(field: EventMapField): string | null {
    const text = this.text(field);
    if (text === null) return null;
    return maskedLine(text) || null;
  }

  /** Mapped identifiers stay as they are: one in ten of any 12-digit numbers looks like an Aadhaar number. */
  private identifier(field: "code" | "encounterId" | "eventId" | "lot"): string | null {
    return squeeze(this.text(field) ?? "") || null;
  }

  private text(field: EventMapField): string | null {
    return this.found.textOf(this.map, field, this.cells);
  }

  private problem(
    field: EventMapField,
    reason: Problem["reason"],
    rule: string,
    hint: string,
  ): void {
    const bound = this.map[field];
    this.found.add(
      { reason, field, rule, segment: bound?.column ?? null, hint },
      bound?.source.bad === "ignore",
    );
  }
}

/** Follow-ups lie ahead: `01/02/27`, written in 2026, is not 1927. */
function inTenYears(day: IsoDate): IsoDate {
  return `${Number(day.slice(0, 4)) + 10}${day.slice(4)}` as IsoDate;
}

/** The key of a fact without a number of its own: the same fact again has the same key. */
export function derivedKey(parts: readonly string[]): string {
  return `~${hash60(parts.join("\u0000")).toString(36)}`;
}
