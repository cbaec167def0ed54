/** A message's segments, grouped by the patient they belong to: one group from each PID to the next. */
import type { Hl7Message } from "../hl7/message.ts";
import type { Hl7Segment } from "../hl7/segment.ts";

export interface PatientGroup {
  readonly pid: Hl7Segment;
  /** The segments after the PID, in order. */
  readonly segments: readonly Hl7Segment[];
}

/** Empty for a message without PID. Segments before the first PID (EVN, ORC) belong to the message. */
export function patientGroups(message: Hl7Message): readonly PatientGroup[] {
  const groups: { pid: Hl7Segment; segments: Hl7Segment[] }[] = [];
  for (const segment of message.segments) {
    if (segment.name === "PID") groups.push({ pid: segment, segments: [] });
    else groups.at(-1)?.segments.push(segment);
  }
  return groups;
}

/** The segments of one name, in order. */
export function named(segments: readonly Hl7Segment[], name: string): readonly Hl7Segment[] {
  return segments.filter((segment) => segment.name === name);
}

/** A segment with what follows it up to the next segment of a name in `leads`. */
export interface SegmentRun {
  readonly lead: Hl7Segment;
  readonly rest: readonly Hl7Segment[];
}

/** Cuts segments into runs, each led by a segment named in `leads`; what stands before the first lead is left out. */
export function runsOf(
  segments: readonly Hl7Segment[],
  leads: readonly string[],
): readonly SegmentRun[] {
  const runs: { lead: Hl7Segment; rest: Hl7Segment[] }[] = [];
  for (const segment of segments) {
    if (leads.includes(segment.name)) runs.push({ lead: segment, rest: [] });
    else runs.at(-1)?.rest.push(segment);
  }
  return runs;
}
