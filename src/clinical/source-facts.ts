/** What one raw record says, normalized: a patient's facts, clinical events, merges. The ingest pipeline saves it and decides nothing. */

import type { PatientFacts, RecordKey } from "../records/patient-record.ts";
import type { Problem } from "../records/problem.ts";
import type { ClinicalEvent } from "./clinical-event.ts";

/** An HL7 merge (A40 and kin): `prior` is said to be the same human as `survivor`. Both keys are the sender's own. */
export interface MergeClaim {
  readonly survivor: RecordKey;
  readonly prior: RecordKey;
}

export interface PatientClaim {
  readonly key: RecordKey;
  readonly facts: PatientFacts;
  /** `patient`: patient messages and rows, which own demographics. `event`: ORU, VXU, clinical CSV, which create and fill blanks only. */
  readonly authority: "patient" | "event";
  readonly events: readonly ClinicalEvent[];
}

export interface SourceFacts {
  /** Usually one; a merge message may carry several. */
  readonly patients: readonly PatientClaim[];
  readonly merges: readonly MergeClaim[];
  /** When the source says this was true (MSH-7, EVN-2, `seenAt`): ISO 8601, UTC or with offset; null when unknown. */
  readonly messageTime: string | null;
  /** Set for message types we keep but do not map (`ORM^O01`): counted as landed only. */
  readonly landedOnly: string | null;
  /** Things dropped without refusing the record; counted by rule, shown in the run's report. */
  readonly warnings: readonly Problem[];
}
