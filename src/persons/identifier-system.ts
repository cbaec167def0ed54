/** The URIs by which the world outside names our kinds of identifiers, and the way back. */
import type { HealthId } from "../platform/ids.ts";
import type { Identifier } from "../records/patient-record.ts";
import type { RecordIdentity } from "./person.ts";

export const healthIdSystem = "urn:hims:health-id";
/** India publishes no namespace for ABHA; these are the ones its sandbox and samples use most. */
export const abhaNumberSystem = "https://healthid.abdm.gov.in";
export const abhaAddressSystem = "https://healthid.abdm.gov.in/address";
const facilityPrefix = "urn:hims:facility:";
const authorityPrefix = "urn:hims:authority:";

/** System of the MRNs of a facility. */
export function mrnSystem(facility: string): string {
  return `${facilityPrefix}${encodeURIComponent(facility)}`;
}

/** URI of a store's system name; null for the keyed Aadhaar hash, which leaves the store in no form. */
export function identifierUri(system: string): string | null {
  if (system === "abha-number") return abhaNumberSystem;
  if (system === "abha-address") return abhaAddressSystem;
  if (system.startsWith("aadhaar")) return null;
  return /^[a-z][a-z0-9+.-]*:\S+$/i.test(system)
    ? system
    : `${authorityPrefix}${encodeURIComponent(system)}`;
}

/** One identifier as it is shown outside; `type` is a code of HL7 table 0203, or HIN/ABHA of India's NRCeS. */
export interface ShownIdentifier {
  readonly system: string;
  readonly value: string;
  readonly type: string | null;
  /** Name of the facility that gave the number, where one did. */
  readonly assigner: string | null;
}

/** Every identifier of a person, the health ID first, without repeats. */
export function shownIdentifiers(
  healthId: HealthId | null,
  records: readonly RecordIdentity[],
): readonly ShownIdentifier[] {
  const own = { system: healthIdSystem, type: "PI", assigner: null };
  const all = healthId === null ? [] : [{ ...own, value: healthId as string }];
  const others = records.flatMap((record) => [
    {
      system: mrnSystem(record.facility),
      value: record.mrn,
      type: "MR",
      assigner: record.facilityName,
    },
    ...record.identifiers.flatMap(shownIdentifier),
  ]);
  const byKey = new Map<string, ShownIdentifier>();
  for (const shown of [...all, ...others]) {
    const key = `${shown.system}|${shown.value}`;
    if (!byKey.has(key)) byKey.set(key, shown);
  }
  return [...byKey.values()];
}

function shownIdentifier({ system, value, type }: Identifier): readonly ShownIdentifier[] {
  const uri = identifierUri(system);
  if (uri === null) return [];
  // NRCeS names the 14-digit number HIN and the address ABHA, the reverse of what most expect.
  const national = { "abha-number": "HIN", "abha-address": "ABHA" }[system];
  return [{ system: uri, value, type: national ?? type, assigner: null }];
}

/** Which identifiers a query means. `system` is a system's name in the store: an authority, a facility, `abha-number`. */
export type IdentifierScope =
  | { readonly kind: "any" }
  | { readonly kind: "health-id" }
  | { readonly kind: "facility"; readonly facility: string }
  | { readonly kind: "system"; readonly system: string };

/** The scope a URI, or a store's own system name, stands for. */
export function identifierScope(system: string): IdentifierScope {
  if (system === "") return { kind: "any" };
  if (system === healthIdSystem) return { kind: "health-id" };
  if (system === abhaNumberSystem) return { kind: "system", system: "abha-number" };
  if (system === abhaAddressSystem) return { kind: "system", system: "abha-address" };
  const facility = decodedAfter(facilityPrefix, system);
  if (facility !== null) return { kind: "facility", facility };
  return { kind: "system", system: decodedAfter(authorityPrefix, system) ?? system };
}

function decodedAfter(prefix: string, system: string): string | null {
  if (!system.startsWith(prefix)) return null;
  const rest = system.slice(prefix.length);
  try {
    return decodeURIComponent(rest);
  } catch (error) {
    if (error instanceof URIError) return rest; // what is no percent-encoding stands for itself
    throw error;
  }
}
