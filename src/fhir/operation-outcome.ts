/** FHIR's way to say that something went wrong. */
import type { Json } from "./resource.ts";

/** The codes of FHIR's issue-type that HIMS answers with. */
export type IssueCode =
  | "invalid"
  | "required"
  | "value"
  | "not-found"
  | "not-supported"
  | "login"
  | "forbidden"
  | "too-long"
  | "transient"
  | "no-store"
  | "security"
  | "exception";

export type OperationOutcome = Readonly<Record<string, Json>>;

/** @param diagnostics a sentence of ours for people; never a value that was sent, nor another program's text */
export function toOperationOutcome(code: IssueCode, diagnostics: string): OperationOutcome {
  return {
    resourceType: "OperationOutcome",
    issue: [{ severity: code === "exception" ? "fatal" : "error", code, diagnostics }],
  };
}
