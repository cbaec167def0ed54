/** Branded ids: a person's id cannot be given where a card's is wanted. */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

export type FacilityId = Brand<string, "FacilityId">;
/** One execution of a pipeline: `YYYYMMDD-HHMMSS-xxxxxx` in UTC, sortable, safe in file names. */
export type RunId = Brand<string, "RunId">;
/** Opaque uuid of one file read by one run. */
export type SourceFileId = Brand<string, "SourceFileId">;
/** 60 bits of a hash of (facility, identifier system, value). */
export type RecordId = Brand<bigint, "RecordId">;
/** 60 bits of a hash of (facility, kind, event key). */
export type EventId = Brand<bigint, "EventId">;
/** Opaque uuid; FHIR `Patient.id`. */
export type PersonId = Brand<string, "PersonId">;
/** 13 decimal digits with a Damm check digit; printed on the card. */
export type HealthId = Brand<string, "HealthId">;
/** `YYYY-MM-DD`. */
export type IsoDate = Brand<string, "IsoDate">;
