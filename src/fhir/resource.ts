/** FHIR R4 resources as plain JSON, as far as HIMS makes them. */

export type Json =
  | string
  | number
  | boolean
  | readonly Json[]
  | { readonly [element: string]: Json };

/** What a mapping may give: absent elements are null here and left out of the resource. */
export type Draft =
  | string
  | number
  | boolean
  | null
  | readonly Draft[]
  | { readonly [element: string]: Draft };

export type ResourceType =
  | "Patient"
  | "Organization"
  | "Encounter"
  | "Observation"
  | "Appointment"
  | "Procedure"
  | "MedicationStatement"
  | "Immunization"
  | "Condition"
  | "AllergyIntolerance"
  | "DiagnosticReport";

export interface Resource {
  readonly resourceType: ResourceType;
  readonly id: string;
  readonly [element: string]: Json;
}

/** FHIR knows no null and no empty list or object: what is absent is left out. */
export function resource(
  resourceType: ResourceType,
  id: string,
  elements: Readonly<Record<string, Draft>>,
): Resource {
  return { resourceType, id, ...present(elements) };
}

/** The elements that are there, at every depth. */
export function present(elements: Readonly<Record<string, Draft>>): Readonly<Record<string, Json>> {
  const kept: Record<string, Json> = {};
  for (const [name, draft] of Object.entries(elements)) {
    const json = toJson(draft);
    if (json !== null) kept[name] = json;
  }
  return kept;
}

function toJson(draft: Draft): Json | null {
  if (draft === null || draft === "") return null;
  if (typeof draft !== "object") return draft;
  if (isList(draft)) {
    const items = draft.map(toJson).filter((item) => item !== null);
    return items.length === 0 ? null : items;
  }
  const elements = present(draft);
  return Object.keys(elements).length === 0 ? null : elements;
}

function isList(draft: readonly Draft[] | object): draft is readonly Draft[] {
  return Array.isArray(draft);
}

/** `Patient/123`, as references and relative URLs write it. */
export function referenceTo(resourceType: ResourceType, id: string): Draft {
  return { reference: `${resourceType}/${id}` };
}
