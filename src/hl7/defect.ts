/** What is wrong with a message's grammar. Upper floors turn it into a `Problem`; it never holds a value of the message. */
export interface Hl7Defect {
  readonly reason: "malformed" | "missing" | "invalid" | "unknown_code";
  /** Stable snake_case rule code. */
  readonly rule: string;
  /** Coordinate such as `MSH[1]-2`. */
  readonly segment: string;
  readonly hint: string;
}
