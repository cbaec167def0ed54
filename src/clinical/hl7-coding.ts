/** Coded HL7 fields (CE, CWE, CNE) as one code, its system and its words. */
import type { Hl7Repetition, Hl7Segment } from "../hl7/segment.ts";
import type { FacilityId } from "../platform/ids.ts";
import { freeText } from "../records/hl7-reading.ts";

export interface Coding {
  readonly code: string | null;
  readonly codeSystem: string | null;
  readonly display: string | null;
}

const loinc = "http://loinc.org";
const snomed = "http://snomed.info/sct";
const icd9cm = "http://hl7.org/fhir/sid/icd-9-cm";
const icd10cm = "http://hl7.org/fhir/sid/icd-10-cm";
const rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";

/** HL7 table 0396 and its usual misspellings, as FHIR's system URIs. */
const systems: Readonly<Record<string, string>> = {
  LN: loinc,
  LOINC: loinc,
  "2.16.840.1.113883.6.1": loinc,
  SCT: snomed,
  SNM: snomed,
  SNOMED: snomed,
  "SNOMED-CT": snomed,
  "SNOMED CT": snomed,
  CVX: "http://hl7.org/fhir/sid/cvx",
  I9: icd9cm,
  I9C: icd9cm,
  I9CDX: icd9cm,
  I10: "http://hl7.org/fhir/sid/icd-10",
  ICD10: "http://hl7.org/fhir/sid/icd-10",
  "ICD-10": "http://hl7.org/fhir/sid/icd-10",
  I10C: icd10cm,
  "ICD-10-CM": icd10cm,
  RXNORM: rxnorm,
  NDC: "http://hl7.org/fhir/sid/ndc",
  C4: "http://www.ama-assn.org/go/cpt",
  CPT: "http://www.ama-assn.org/go/cpt",
  UCUM: "http://unitsofmeasure.org",
};

/** System URI of codes a facility made itself. */
export function localSystem(facilityId: FacilityId): string {
  return `urn:hims:local:${facilityId}`;
}

/** A coding system as HL7 names it, as a URI; null where it is none that is known. */
function systemUri(name: string | null): string | null {
  const wanted = name?.trim().toUpperCase() ?? "";
  const table = /^HL7-?(\d{4})$/.exec(wanted)?.[1];
  if (table !== undefined) return `http://terminology.hl7.org/CodeSystem/v2-${table}`;
  return systems[wanted] ?? null;
}

/**
 * The code of a repetition: the first of its two codings (components 1-3, 4-6) whose system is known, else the first
 * with a code under the facility's own system; words alone are a display without a code. `method` is the system an
 * old version says in another field (DG1-2, PR1-2).
 */
export function codingOf(
  repetition: Hl7Repetition | undefined,
  facilityId: FacilityId,
  method: string | null = null,
): Coding {
  if (repetition === undefined) return { code: null, codeSystem: null, display: null };
  const codings = [1, 4].map((first) => ({
    code: freeText(repetition.text(first)),
    system: systemUri(repetition.text(first + 2) ?? (first === 1 ? method : null)),
    display: freeText(repetition.text(first + 1)),
  }));
  const chosen =
    codings.find(({ code, system }) => code !== null && system !== null) ??
    codings.find(({ code }) => code !== null);
  const words = codings.map(({ display }) => display).find((display) => display !== null) ?? null;
  const display = chosen?.display ?? words ?? freeText(repetition.text(9));
  if (chosen === undefined) return { code: null, codeSystem: null, display };
  return { code: chosen.code, codeSystem: chosen.system ?? localSystem(facilityId), display };
}

/** The code of a field's first repetition. */
export function fieldCoding(
  segment: Hl7Segment,
  position: number,
  facilityId: FacilityId,
  method: string | null = null,
): Coding {
  return codingOf(segment.repetitions(position)[0], facilityId, method);
}

/** What a coding says in words, else its code. */
export function codingText(coding: Coding): string | null {
  return coding.display ?? coding.code;
}
