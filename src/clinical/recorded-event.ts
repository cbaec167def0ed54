/** A clinical event as it rests in the store: with its ids, its facility and the line it was read from. */
import type { ClinicalEvent } from "./clinical-event.ts";

export interface RecordedEvent {
  readonly event: ClinicalEvent;
  /** 60-bit ids as decimal text. */
  readonly recordId: string;
  readonly eventId: string;
  readonly facility: string;
  readonly facilityName: string;
  /** File name and 1-based line; null where the file is not known any more. */
  readonly source: { readonly file: string; readonly line: number } | null;
  /** Event id of the encounter of the same record that the source's visit number names, where we have it. */
  readonly encounterEventId: string | null;
}

/** When the fact happened or, for a follow-up without a time of its own, is due. */
export function timeOf(event: ClinicalEvent): string | null {
  return event.time?.at ?? (event.kind === "appointment" ? event.dueAt : null);
}
