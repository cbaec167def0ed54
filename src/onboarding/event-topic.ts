/** Whether an export is of clinical facts, and of which: decided by which columns stand together. */
import type { EventKind } from "../clinical/clinical-event.ts";
import type { MapField } from "../records/field-map.ts";
import type { Topic } from "./header-synonym.ts";

/** One column read as one field of one kind of export. */
export interface TopicVote {
  readonly column: string;
  readonly field: MapField;
  readonly topic: Topic;
  readonly score: number;
}

/** What an export is about; kind null for a register of patients. */
export interface ExportTopic {
  readonly kind: EventKind | null;
  /** Whose phrases count. */
  readonly topics: readonly Topic[];
}

type ClinicalTopic = Exclude<Topic, "patient">;

const kinds: Readonly<Record<ClinicalTopic, EventKind>> = {
  lab: "observation",
  vaccination: "immunization",
  medication: "medication",
  procedure: "procedure",
  allergy: "allergy",
  condition: "condition",
  visit: "encounter",
  appointment: "appointment",
};

/** What else may stand in the rows of a kind. */
const companions: Readonly<Record<ClinicalTopic, readonly Topic[]>> = {
  lab: ["visit"],
  vaccination: ["visit"],
  medication: ["visit", "condition"],
  procedure: ["visit"],
  allergy: ["visit"],
  condition: ["visit", "appointment"],
  visit: ["condition", "appointment"],
  appointment: ["visit"],
};

/** Fields that only the leading topic may give. */
export const leadingFields: ReadonlySet<MapField> = new Set([
  "display",
  "code",
  "value",
  "eventId",
  "status",
]);

const order: readonly ClinicalTopic[] = [
  "lab",
  "vaccination",
  "medication",
  "procedure",
  "allergy",
  "condition",
  "visit",
  "appointment",
];

const sureVote = 0.68;

/** The first kind of export whose own columns are all there. */
export function exportTopic(votes: readonly TopicVote[]): ExportTopic {
  const has = (topic: Topic, ...fields: readonly MapField[]) =>
    fields.some((field) =>
      votes.some((vote) => vote.topic === topic && vote.field === field && vote.score >= sureVote),
    );
  const found = order.find((topic) => isThere(topic, has));
  if (found === undefined) return { kind: null, topics: ["patient"] };
  return { kind: kinds[found], topics: [found, ...companions[found], "patient"] };
}

type Has = (topic: Topic, ...fields: readonly MapField[]) => boolean;

function isThere(topic: ClinicalTopic, has: Has): boolean {
  switch (topic) {
    case "lab":
      return has("lab", "display", "code") && has("lab", "value", "unit", "range");
    case "vaccination":
      return (
        has("vaccination", "display", "code") ||
        (has("vaccination", "lot") && has("vaccination", "at", "doseNumber"))
      );
    case "medication":
    case "procedure":
    case "allergy":
      return has(topic, "display");
    case "condition":
      return has("condition", "display", "code") && !has("visit", "display");
    case "visit":
      return isVisit(has);
    case "appointment":
      return has("appointment", "dueAt");
  }
}

/** A date of a visit alone tells when a patient was seen; with a doctor, a complaint or a number of its own it is a visit. */
function isVisit(has: Has): boolean {
  const day = has("visit", "at");
  const told = [
    has("visit", "performer"),
    has("visit", "display") || has("condition", "display", "code"),
    has("visit", "endAt"),
    has("visit", "encounterId"),
  ].filter(Boolean).length;
  return (
    (day && told >= 1) ||
    (has("patient", "seenAt") && told >= 2 && has("visit", "display", "encounterId"))
  );
}
