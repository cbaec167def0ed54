/** FHIR's data types, made from what hospitals say. */
import type { Draft } from "./resource.ts";

/** Base of the URIs of HL7's own code systems. */
export const terminology = "http://terminology.hl7.org/CodeSystem/";

/** Names sources write for code systems, and FHIR's URIs for them. */
const codeSystems: Readonly<Record<string, string>> = {
  LN: "http://loinc.org",
  LOINC: "http://loinc.org",
  SCT: "http://snomed.info/sct",
  SNOMED: "http://snomed.info/sct",
  "SNOMED-CT": "http://snomed.info/sct",
  CVX: "http://hl7.org/fhir/sid/cvx",
  I10: "http://hl7.org/fhir/sid/icd-10",
  ICD10: "http://hl7.org/fhir/sid/icd-10",
  "ICD-10": "http://hl7.org/fhir/sid/icd-10",
  RXNORM: "http://www.nlm.nih.gov/research/umls/rxnorm",
  ATC: "http://www.whocc.no/atc",
};

/** A URI stays as it is; a known name becomes its URI; any other name becomes one of ours. */
export function codeSystemUri(system: string | null): string | null {
  if (system === null || system.trim() === "") return null;
  const known = codeSystems[system.trim().toUpperCase()];
  if (known !== undefined) return known;
  return /^[a-z][a-z0-9+.-]*:\S+$/i.test(system)
    ? system
    : `urn:hims:code-system:${encodeURIComponent(system.trim())}`;
}

/** A code with its display; text alone where the source gave no code. Null when it gave neither. */
export function concept(code: string | null, system: string | null, display: string | null): Draft {
  const coding =
    code === null ? [] : [{ system: codeSystemUri(system), code: code.trim(), display }];
  return { coding, text: display ?? code };
}

/** For required codes: says so when the source gave none. */
export function requiredConcept(event: {
  readonly code: string | null;
  readonly codeSystem: string | null;
  readonly display: string | null;
}): Draft {
  return event.code === null && event.display === null
    ? { text: "not stated" }
    : concept(event.code, event.codeSystem, event.display);
}

const partialDate = /^\d{4}(-\d{2}(-\d{2})?)?$/;
const zonedTime = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** FHIR's dateTime: `2026`, `2026-03`, `2026-03-01`, or a time with seconds and zone. A time without a zone keeps only its day. */
export function dateTime(text: string | null): string | null {
  if (text === null) return null;
  const time = zonedTime.exec(text);
  if (time !== null) return `${time[1]}${time[2] ?? ":00"}${time[3] ?? ""}${time[4]}`;
  if (partialDate.test(text)) return text;
  return /^\d{4}-\d{2}-\d{2}T/.test(text) ? text.slice(0, 10) : null;
}

/** FHIR's instant: a dateTime that has a time of day; null for a mere date. */
export function instant(text: string | null): string | null {
  const time = dateTime(text);
  return time?.includes("T") === true ? time : null;
}

export function period(start: string | null, end: string | null): Draft {
  return { start: dateTime(start), end: dateTime(end) };
}

/** The status if FHIR has it for this element, else what the mapping says of an unknown one. */
export function statusAmong(
  status: string | null,
  allowed: readonly string[],
  otherwise: string,
): string {
  const word = status?.trim().toLowerCase() ?? "";
  return allowed.includes(word) ? word : otherwise;
}

const quantityShape = /^(<=|>=|<|>)?\s*(-?\d+(?:\.\d+)?)$/;

/** A measured value: a quantity where it is a number, else text. */
export function measuredValue(
  value: string | null,
  unit: string | null,
): Readonly<Record<string, Draft>> {
  if (value === null) return {};
  const match = quantityShape.exec(value.trim());
  const number = Number(match?.[2]);
  if (match === null || !Number.isFinite(number))
    return { valueString: unit === null ? value : `${value} ${unit}` };
  return { valueQuantity: { value: number, comparator: match[1] ?? null, unit } };
}

/** Where a resource was read: `meta.source` is `<file>#<line>`, a relative URI. */
export function sourceMeta(source: { readonly file: string; readonly line: number } | null): Draft {
  if (source === null) return null;
  return { source: `${encodeURI(source.file).replaceAll("#", "%23")}#${source.line}` };
}
