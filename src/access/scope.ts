/** What an API key may do. Few, so that everyone can know them by heart. */

/**
 * `patient.read`: FHIR reads and searches. `metrics.read`: /metrics from other machines. `upload`: sending files for the one
 * facility the key is bound to, and nothing else.
 */
export const scopes = ["patient.read", "metrics.read", "upload"] as const;

export type Scope = (typeof scopes)[number];

export function isScope(text: string): text is Scope {
  return scopes.some((scope) => scope === text);
}
