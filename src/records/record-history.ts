/**
 * What becomes of a source record when facts arrive (design decisions 4, 5, 7). Pure: state and claims in, versions and outcomes out.
 * Nothing is overwritten: every state that was current becomes a version, and what comes late becomes history.
 */
import {
  emptyPatientFields,
  type PatientFacts,
  type PatientFieldName,
  type PatientFields,
} from "./patient-record.ts";

/** A source record as it stands, and what wrote it. */
export interface RecordState {
  readonly fields: PatientFields;
  /** Hash of the facts that last wrote it. */
  readonly factsHash: string;
  /** `<pipeline>:<map hash>`, or `hl7:<version>`. */
  readonly mapSource: string;
  /** Milliseconds since 1970; null when the source gave no time. */
  readonly messageTime: number | null;
  readonly authority: "patient" | "event";
}

/** What one raw record claims, in the order of the file. */
export interface Claim {
  /** Number of the raw record in its file. */
  readonly ordinal: number;
  readonly line: number;
  readonly facts: PatientFacts;
  readonly factsHash: string;
  readonly mapSource: string;
  readonly messageTime: number | null;
  readonly authority: "patient" | "event";
}

export interface JudgedVersion {
  readonly state: RecordState;
  readonly line: number;
  /** `current`: stands at the end. `superseded`: was current within this file. `history`: came late and never was. */
  readonly place: "current" | "superseded" | "history";
}

export interface Judgement {
  /** New versions, oldest first; empty when nothing changed. */
  readonly versions: readonly JudgedVersion[];
  /** Whether the version that was current before this file still is. */
  readonly keepsCurrent: boolean;
  /** Ordinals of the raw records that changed something. */
  readonly changed: readonly number[];
}

/** Judges all claims of one file for one record. `known`: fact hashes of its past versions. */
export function judgeClaims(
  current: RecordState | null,
  claims: readonly Claim[],
  known: ReadonlySet<string>,
): Judgement {
  const ordered = inOrder(claims);
  const lastPatientClaim = ordered.findLast((claim) => claim.authority === "patient");
  const versions: JudgedVersion[] = [];
  const changed: number[] = [];
  let state = current;
  for (const claim of ordered) {
    const isLast = claim === lastPatientClaim;
    const next = nextState(state, claim, { current, known, isLast });
    if (next === "unchanged") continue;
    changed.push(claim.ordinal);
    if (next.late) {
      versions.push({ state: next.state, line: claim.line, place: "history" });
      continue;
    }
    demote(versions);
    versions.push({ state: next.state, line: claim.line, place: "current" });
    state = next.state;
  }
  return { versions, keepsCurrent: current !== null && state === current, changed };
}

/** What was current within this file no longer is. */
function demote(versions: JudgedVersion[]): void {
  const index = versions.findIndex((version) => version.place === "current");
  const version = versions[index];
  if (version !== undefined) versions[index] = { ...version, place: "superseded" };
}

/** By message time, then by order in the file. A claim without a time stands after those before it in the file. */
function inOrder(claims: readonly Claim[]): readonly Claim[] {
  let latest = Number.NEGATIVE_INFINITY;
  const timed = [...claims]
    .sort((a, b) => a.ordinal - b.ordinal)
    .map((claim) => {
      const time = claim.messageTime ?? latest;
      latest = Math.max(latest, time);
      return { claim, time };
    });
  return timed
    .sort((a, b) =>
      a.time < b.time ? -1 : a.time > b.time ? 1 : a.claim.ordinal - b.claim.ordinal,
    )
    .map(({ claim }) => claim);
}

interface Surroundings {
  readonly current: RecordState | null;
  readonly known: ReadonlySet<string>;
  readonly isLast: boolean;
}

function nextState(
  state: RecordState | null,
  claim: Claim,
  { current, known, isLast }: Surroundings,
): "unchanged" | { readonly state: RecordState; readonly late: boolean } {
  if (claim.authority === "event") return filled(state, claim);
  const wasSeen = known.has(claim.factsHash) || current?.factsHash === claim.factsHash;
  if (state !== null && isLate(claim, state)) {
    return wasSeen
      ? "unchanged"
      : { state: stateOf(applyFacts(emptyPatientFields, claim.facts), claim), late: true };
  }
  // An earlier row of a key that comes again below is judged against history: the same file again must change nothing.
  if (!isLast && wasSeen) return "unchanged";
  const fields = applyFacts(state?.fields ?? emptyPatientFields, claim.facts);
  const same =
    state !== null &&
    (state.factsHash === claim.factsHash ||
      (sameFields(state.fields, fields) && !mapChanged(state, claim)));
  return same ? "unchanged" : { state: stateOf(fields, claim), late: false };
}

/** ORU, VXU, ORM and clinical rows create a record and fill its blanks; they never outrank what a patient message said. */
function filled(
  state: RecordState | null,
  claim: Claim,
): "unchanged" | { readonly state: RecordState; readonly late: false } {
  if (state === null)
    return { state: stateOf(applyFacts(emptyPatientFields, claim.facts), claim), late: false };
  const fields = fillBlanks(state.fields, claim.facts);
  return sameFields(state.fields, fields)
    ? "unchanged"
    : { state: { ...state, fields }, late: false };
}

/** Times are compared only between messages of one kind: a register's visit date says nothing about a feed's clock. */
function isLate(claim: Claim, state: RecordState): boolean {
  if (state.authority === "event" || sourceOf(claim.mapSource) !== sourceOf(state.mapSource))
    return false;
  return (
    claim.messageTime !== null &&
    state.messageTime !== null &&
    claim.messageTime < state.messageTime
  );
}

/** A changed field map makes the rows of its own pipeline change; another pipeline's map is another matter. */
function mapChanged(state: RecordState, claim: Claim): boolean {
  return (
    sourceOf(state.mapSource) === sourceOf(claim.mapSource) && state.mapSource !== claim.mapSource
  );
}

function sourceOf(mapSource: string): string {
  return mapSource.slice(0, mapSource.indexOf(":"));
}

function stateOf(fields: PatientFields, claim: Claim): RecordState {
  const { factsHash, mapSource, messageTime, authority } = claim;
  return { fields, factsHash, mapSource, messageTime, authority };
}

export const patientFieldList = Object.keys(emptyPatientFields) as readonly PatientFieldName[];

/** Facts over fields: absent leaves, null clears. */
export function applyFacts(fields: PatientFields, facts: PatientFacts): PatientFields {
  return { ...fields, ...facts };
}

export function fillBlanks(fields: PatientFields, facts: PatientFacts): PatientFields {
  const blanks = patientFieldList.filter(
    (field) => isBlank(fields[field]) && !isBlank(facts[field] ?? null),
  );
  return { ...fields, ...Object.fromEntries(blanks.map((field) => [field, facts[field]])) };
}

function isBlank(value: PatientFields[PatientFieldName]): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

export function sameFields(left: PatientFields, right: PatientFields): boolean {
  return patientFieldList.every((field) => canonical(left[field]) === canonical(right[field]));
}

/** One text for one value, whatever order an object's keys came in. */
function canonical(value: PatientFields[PatientFieldName]): string {
  if (value === null || typeof value === "string") return value ?? "\u0000";
  if (!Array.isArray(value)) return Object.values(value).join("\u0001");
  const parts = value as readonly (
    | string
    | { system: string; value: string; type: string | null }
  )[];
  return parts
    .map((part) =>
      typeof part === "string" ? part : `${part.system}\u0001${part.value}\u0001${part.type ?? ""}`,
    )
    .sort()
    .join("\u0002");
}
