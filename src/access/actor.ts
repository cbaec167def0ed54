/** Who reads a person's data, and what for: every read carries both into the access log. */
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";

/** Closed, so that no free text about a patient gets into the log; after HL7's PurposeOfUse. */
export const purposes = [
  "treatment",
  "operations",
  "payment",
  "public-health",
  "research",
  "patient-request",
  "emergency",
] as const;

export type Purpose = (typeof purposes)[number];

/** What is assumed where nobody says. */
export const defaultPurpose: Purpose = "operations";

export interface Actor {
  /** `key:<id>` for an API key, `cli:<os user>` at the terminal. */
  readonly who: string;
  readonly purpose: Purpose;
}

export function parsePurpose(text: string): Parsed<Purpose, "purpose_unknown"> {
  const purpose = purposes.find((known) => known === text.trim().toLowerCase());
  return purpose === undefined ? unparsed("purpose_unknown") : parsed(purpose);
}
