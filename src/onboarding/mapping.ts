/** Which column is which field: header and cells weighed together, then given out one to one. What is unsure stays unmapped. */
import type { EventKind } from "../clinical/clinical-event.ts";
import { eventFieldNames, type MapField, patientFieldNames } from "../records/field-map.ts";
import type { ColumnProfile } from "./column-profile.ts";
import { contentAlone, contentFit } from "./content-evidence.ts";
import { exportTopic, leadingFields, type TopicVote } from "./event-topic.ts";
import { type HeaderMeaning, headerMeanings } from "./header-synonym.ts";

/** One mapped column. Several may share `addressLine`: they are joined. */
export interface MappedColumn {
  readonly column: string;
  readonly field: MapField;
  /** 0 to 1. */
  readonly confidence: number;
  /** What the header seems to say instead, where the cells decided against it. */
  readonly against: MapField | null;
}

/** The proposal for one layout. */
export interface Mapping {
  readonly columns: readonly MappedColumn[];
  readonly unmapped: readonly string[];
  /** Kind of the fact each row tells; null for a register of patients. */
  readonly eventKind: EventKind | null;
  readonly record: "patient" | "event";
}

export interface MappingOptions {
  /** False where the file has no header: its columns are numbers, and cells decide alone. */
  readonly hasHeader: boolean;
  /** Said by the operator: field -> column. */
  readonly fixed: ReadonlyMap<MapField, string>;
}

/** Below it a column stays unmapped. */
const leastConfidence = 0.5;

interface Candidate extends TopicVote {
  readonly against: MapField | null;
}

/** Proposes a mapping. The order of the columns does not matter where they have headers. */
export function proposeMapping(
  profiles: readonly ColumnProfile[],
  options: MappingOptions,
): Mapping {
  const candidates = profiles.flatMap((profile) => candidatesOf(profile, options.hasHeader));
  const topic = exportTopic(clearVotes(candidates));
  const allowed = withFathersNames(candidates).flatMap((candidate) => allowedAs(candidate, topic));
  const assigned = assign(allowed, options);
  const columns = [...assigned, ...furtherAddressColumns(allowed, assigned)];
  const taken = new Set(columns.map(({ column }) => column));
  const byField = new Map(columns.map((mapped) => [mapped.field, mapped]));
  const eventKind = byField.has("eventKind") ? null : topic.kind;
  return {
    columns: profiles.flatMap(({ column }) => columns.filter((mapped) => mapped.column === column)),
    unmapped: profiles.map(({ column }) => column).filter((column) => !taken.has(column)),
    eventKind,
    record: recordOf(eventKind ?? (byField.has("eventKind") ? "report" : null), byField),
  };
}

function candidatesOf(profile: ColumnProfile, hasHeader: boolean): readonly Candidate[] {
  const meanings = hasHeader ? withTwins(headerMeanings(profile.column), profile) : [];
  const nothing = Math.max(0, ...meanings.filter((m) => m.field === null).map((m) => m.likeness));
  const said = meanings.flatMap((meaning) => spoken(meaning, profile));
  const kept = said.filter(({ score, likeness }) => score > 0 && likeness >= nothing);
  return [
    ...kept.map(({ likeness: _, ...candidate }) => candidate),
    ...silent(profile, meanings, said, { nothing, hasHeader }),
  ];
}

type Spoken = Candidate & { readonly likeness: number };

/** What the header says, weighed by the cells. */
function spoken(meaning: HeaderMeaning, profile: ColumnProfile): readonly Spoken[] {
  const { field, topic, likeness } = meaning;
  if (field === null) return [];
  const fit = contentFit(field, profile);
  const weighed = fit === null ? likeness * 0.88 : fit === 0 ? 0 : likeness * (0.6 + 0.4 * fit);
  const agreed =
    weighed + 0.2 * contentAlone(field, profile) * (1 - weighed) * Math.min(1, likeness);
  const score = weighed === 0 ? 0 : Math.min(0.99, agreed);
  return [{ column: profile.column, field, topic, score, against: null, likeness }];
}

/** An age stands under `DOB`, a birth date under `Age`, when the export has only the other. */
function withTwins(
  meanings: readonly HeaderMeaning[],
  { shares, dates }: ColumnProfile,
): readonly HeaderMeaning[] {
  return meanings.flatMap((meaning) => {
    const isAge = shares.age > 0.7 && dates.share < 0.3;
    if (meaning.field === "birthDate" && isAge && shares.year < 0.5)
      return [meaning, { ...meaning, field: "age" as const, likeness: meaning.likeness * 0.85 }];
    // Of two columns of names the one in Devanagari is the local one; a single one is the name.
    if (meaning.field === "name" && shares.devanagari > 0.7)
      return [
        meaning,
        { ...meaning, field: "nameLocal" as const, likeness: meaning.likeness * 0.9 },
      ];
    if (meaning.field === "age" && dates.share > 0.6)
      return [
        meaning,
        { ...meaning, field: "birthDate" as const, likeness: meaning.likeness * 0.85 },
      ];
    return [meaning];
  });
}

/** What the cells say by themselves; little where the header is known and fits. */
function silent(
  profile: ColumnProfile,
  meanings: readonly HeaderMeaning[],
  said: readonly Spoken[],
  { nothing, hasHeader }: { readonly nothing: number; readonly hasHeader: boolean },
): readonly Candidate[] {
  const best = meanings[0];
  const isKnown = (best?.likeness ?? 0) >= 0.7;
  const isFitting = said.some(({ score, likeness }) => score > 0.4 && likeness >= 0.7);
  const trust = !isKnown ? 1 : isFitting ? 0.4 : nothing >= 0.9 ? 0.5 : 0.8;
  return [...patientFieldNames, ...eventFieldNames].flatMap((field) => {
    if (said.some((candidate) => candidate.field === field && candidate.score > 0)) return [];
    // An Aadhaar number is one whatever stands above it: unmapped it would be masked all the same, but nobody would know.
    const score =
      contentAlone(field, profile) * (field === "aadhaar" ? Math.max(trust, 0.9) : trust);
    if (score === 0) return [];
    // Under a header nobody knows, recent days may be anything: an expected delivery, a referral, an expiry.
    if (field === "seenAt" && hasHeader && meanings.length === 0) return [];
    const against = isKnown && !isFitting ? (best?.field ?? null) : null;
    return [{ column: profile.column, field, topic: topicOf(field, profile), score, against }];
  });
}

function topicOf(field: MapField, { shares }: ColumnProfile): TopicVote["topic"] {
  if (field === "code") return shares.icd > 0.8 ? "condition" : "lab";
  if (field === "display") return "vaccination";
  return field === "unit" || field === "range" ? "lab" : "patient";
}

/** `F Name` beside a full name and without a family name is the father's, and `M Name` the mother's. */
function withFathersNames(candidates: readonly Candidate[]): readonly Candidate[] {
  const has = (field: MapField) =>
    candidates.some((candidate) => candidate.field === field && candidate.score >= 0.7);
  if (!has("name") || has("familyName")) return candidates;
  const isTwin = (column: string) =>
    candidates.some(
      (candidate) =>
        candidate.column === column && candidate.field === "relationName" && candidate.score >= 0.6,
    );
  return candidates.filter(
    ({ field, column }) => (field !== "givenName" && field !== "middleName") || !isTwin(column),
  );
}

/** For what the export is about only that counts which a column says most clearly. */
function clearVotes(candidates: readonly Candidate[]): readonly TopicVote[] {
  const best = new Map<string, number>();
  for (const { column, score } of candidates)
    best.set(column, Math.max(best.get(column) ?? 0, score));
  return candidates.filter(({ column, score }) => score >= (best.get(column) ?? 0) - 0.02);
}

function allowedAs(
  candidate: Candidate,
  topic: ReturnType<typeof exportTopic>,
): readonly Candidate[] {
  const { kind, topics } = topic;
  if (kind === null && candidate.topic === "visit" && candidate.field === "at")
    return [{ ...candidate, field: "seenAt", score: candidate.score * 0.96 }];
  if (candidate.field === "eventKind" && kind !== null && candidate.score < 0.8) return [];
  if (!topics.includes(candidate.topic)) return candidate.field === "eventKind" ? [candidate] : [];
  const isLeading = candidate.topic === topics[0] || candidate.topic === "patient";
  if (isLeading) return [candidate];
  // A visit's own words may come from its diagnosis; a test is not named by a complaint.
  const isLent = kind === "encounter" && candidate.topic === "condition";
  if (isLent) return [{ ...candidate, score: candidate.score * 0.9 }];
  return leadingFields.has(candidate.field) && candidate.field !== "status" ? [] : [candidate];
}

/** The likeliest pair first, then the likeliest of what is left. Ties go by field and header, never by place. */
function assign(
  candidates: readonly Candidate[],
  options: MappingOptions,
): readonly MappedColumn[] {
  const columns = new Map<string, MappedColumn>();
  const fields = new Set<MapField>();
  for (const [field, column] of options.fixed) {
    columns.set(column, { column, field, confidence: 1, against: null });
    fields.add(field);
  }
  const sorted = [...candidates].sort(
    (a, b) =>
      b.score - a.score ||
      compare(a.field, b.field) ||
      compareColumns(a.column, b.column, options.hasHeader),
  );
  for (const { column, field, score, against } of sorted) {
    if (score < leastConfidence || columns.has(column) || fields.has(field)) continue;
    columns.set(column, {
      column,
      field,
      confidence: Math.round(score * 100) / 100,
      against,
    });
    fields.add(field);
  }
  return [...columns.values()].map((mapped) => ({
    ...mapped,
    confidence: hasRival(mapped, candidates, columns)
      ? doubtful(mapped.confidence)
      : mapped.confidence,
  }));
}

/** Another column would do as well, and has found no other field. */
function hasRival(
  { column, field, confidence }: MappedColumn,
  candidates: readonly Candidate[],
  assigned: ReadonlyMap<string, MappedColumn>,
): boolean {
  return candidates.some(
    (other) =>
      other.field === field &&
      other.column !== column &&
      confidence - other.score < 0.03 &&
      !assigned.has(other.column),
  );
}

function doubtful(confidence: number): number {
  return Math.round(confidence * 85) / 100;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Without headers the first of two alike columns is the patient's: relatives come after. */
function compareColumns(left: string, right: string, hasHeader: boolean): number {
  return hasHeader ? compare(left, right) : Number(left) - Number(right);
}

/** `House No` and `Street` are one address. */
function furtherAddressColumns(
  candidates: readonly Candidate[],
  assigned: readonly MappedColumn[],
): readonly MappedColumn[] {
  const address = assigned.find(({ field }) => field === "addressLine");
  if (address === undefined) return [];
  const taken = new Set(assigned.map(({ column }) => column));
  return candidates
    .filter(
      ({ column, field, score }) => field === "addressLine" && score >= 0.74 && !taken.has(column),
    )
    .map(({ column, field, score }) => ({
      column,
      field,
      confidence: Math.round(score * 90) / 100,
      against: null,
    }));
}

const demographics: readonly MapField[] = [
  "sex",
  "birthDate",
  "age",
  "phone",
  "addressLine",
  "relationName",
];

/** Rows of tests, doses and drugs only fill blanks of a patient; a register of visits that tells all about them is theirs. */
function recordOf(
  kind: EventKind | null,
  fields: ReadonlyMap<MapField, unknown>,
): "patient" | "event" {
  if (kind === null) return "patient";
  if (kind !== "encounter" && kind !== "condition" && kind !== "appointment") return "event";
  const told = demographics.filter((field) => fields.has(field)).length;
  return (fields.has("name") || fields.has("givenName") || fields.has("nameLocal")) && told >= 2
    ? "patient"
    : "event";
}
