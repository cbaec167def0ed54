/** What is wrong with a raw record: a field and a rule, never the value. */

export type ProblemReason = "malformed" | "missing" | "invalid" | "unknown_code" | "refused";

export interface Problem {
  readonly reason: ProblemReason;
  /** Canonical field name (`birthDate`), or null when the whole record is meant. */
  readonly field: string | null;
  /** Stable snake_case rule code, e.g. `identifier_missing`, `unclosed_quote`, `birth_date_invalid`. */
  readonly rule: string;
  /** HL7 coordinate `PID[1]-7`, or the CSV column's header; null when not known. */
  readonly segment: string | null;
  /** What a clerk or engineer can do about it; the same sentence for every row with this rule. */
  readonly hint: string;
}
