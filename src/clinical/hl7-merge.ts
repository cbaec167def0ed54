/** A40 and its kin: claims that a prior number and the surviving one are the same human. */
import type { Hl7Segment } from "../hl7/segment.ts";
import { priorKeys } from "../records/hl7-identifier.ts";
import type { Hl7Reading } from "../records/hl7-reading.ts";
import type { RecordKey } from "../records/patient-record.ts";
import { named, type PatientGroup } from "./hl7-group.ts";
import type { MergeClaim } from "./source-facts.ts";

/** Triggers whose MRG-1 is a prior patient number of the PID before it. */
export const mergeTriggers = new Set(["A18", "A30", "A34", "A36", "A40", "A47"]);

/**
 * Merges of a patient's group. A number merged into itself, and a number of another facility's authority, are left out
 * with a warning: a sender may merge only what is its own (design decision 2).
 */
export function mergesOf(
  reading: Hl7Reading,
  survivor: RecordKey,
  group: PatientGroup,
): readonly MergeClaim[] {
  const merges = named(group.segments, "MRG");
  const claims = merges.flatMap((merge) => claimsOf(reading, survivor, merge));
  if (merges.length === 0) reading.warn(priorMissing, { segment: group.pid, position: 3 });
  return claims;
}

function claimsOf(
  reading: Hl7Reading,
  survivor: RecordKey,
  merge: Hl7Segment,
): readonly MergeClaim[] {
  const spot = { segment: merge, position: 1 };
  const priors = priorKeys(reading, merge, survivor);
  if (priors.length === 0) reading.warn(priorMissing, spot);
  const claims: MergeClaim[] = [];
  for (const prior of priors) {
    if (prior.system === survivor.system && prior.value === survivor.value) {
      reading.warn(mergeWithItself, spot);
    } else if (!reading.owns(prior.system) || !reading.owns(survivor.system)) {
      reading.warn(foreignAuthority, spot);
    } else {
      claims.push({ survivor, prior });
    }
  }
  return claims;
}

const priorMissing = {
  reason: "missing",
  rule: "merge_prior_missing",
  field: "mrn",
  hint: "A merge message must name the prior patient number in MRG-1; nothing was merged.",
} as const;
const mergeWithItself = {
  reason: "invalid",
  rule: "merge_with_itself",
  field: "mrn",
  hint: "PID-3 and MRG-1 are the same number; nothing was merged. Ask the sender which number is the prior one.",
} as const;
const foreignAuthority = {
  reason: "refused",
  rule: "merge_foreign_authority",
  field: "mrn",
  hint: "A facility may merge only numbers of its own assigning authorities; add the authority to the facility or ask the owner to merge.",
} as const;
