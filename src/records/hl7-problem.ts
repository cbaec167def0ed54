/** HL7 defects and coordinates as problems of a record. */
import type { Hl7Defect } from "../hl7/defect.ts";
import type { Problem } from "./problem.ts";

/** A grammar defect as a problem of the whole record. */
export function problemOfDefect(defect: Hl7Defect): Problem {
  return { ...defect, field: null };
}
