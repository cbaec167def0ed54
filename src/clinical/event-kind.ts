/** The kinds of clinical events, and what exports call them. */
import { type EventKind, eventKinds } from "./clinical-event.ts";

const kindNames: Readonly<Record<string, EventKind>> = {
  vaccination: "immunization",
  vaccine: "immunization",
  surgery: "procedure",
  operation: "procedure",
  "follow-up": "appointment",
  followup: "appointment",
  "follow up": "appointment",
  drug: "medication",
  medicine: "medication",
  "health check": "observation",
  lab: "observation",
  test: "observation",
  vitals: "observation",
  diagnosis: "condition",
  visit: "encounter",
};

/** The kind a word stands for, in whatever case; null for an unknown one. */
export function eventKindOf(text: string): EventKind | null {
  const word = text.trim().toLowerCase();
  return kindNames[word] ?? eventKinds.find((known) => known === word) ?? null;
}
