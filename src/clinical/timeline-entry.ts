/** A clinical event as `hims person timeline` tells of it. */
import type { EventKind, TimePrecision } from "./clinical-event.ts";
import { type RecordedEvent, timeOf } from "./recorded-event.ts";

/** What the kind has of its own (`value`, `dose`, `lot`, `dueAt`, ...) stands beside these. */
export interface TimelineEntry {
  readonly kind: EventKind;
  readonly code: string | null;
  readonly codeSystem: string | null;
  readonly display: string | null;
  /** ISO 8601; for a follow-up without a time of its own, when it is due. */
  readonly at: string | null;
  readonly precision: TimePrecision | null;
  readonly facility: string;
  readonly facilityName: string;
  readonly source: { readonly file: string; readonly line: number } | null;
  readonly [detail: string]: unknown;
}

export function toTimelineEntry(recorded: RecordedEvent): TimelineEntry {
  const { kind, code, codeSystem, display, time, ...detail } = recorded.event;
  return {
    kind,
    code,
    codeSystem,
    display,
    at: timeOf(recorded.event),
    precision: time?.precision ?? null,
    facility: recorded.facility,
    facilityName: recorded.facilityName,
    source: recorded.source,
    ...detail,
  };
}
