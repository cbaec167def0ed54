/** What an API key may do. Few, so that everyone can know them by heart. */

/** `patient.read`: FHIR reads and searches. `metrics.read`: /metrics from other machines. */
export const scopes = ["patient.read", "metrics.read"] as const;

export type Scope = (typeof scopes)[number];

export function isScope(text: string): text is Scope {
  return scopes.some((scope) => scope === text);
}
