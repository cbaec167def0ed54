/** What every mapping of an event may refer to, and what all of them say alike. */
import type { ClinicalEvent } from "../clinical/clinical-event.ts";
import { statusAmong, terminology } from "./data-type.ts";
import type { Draft } from "./resource.ts";

/** Elements of a resource, absent ones null. */
export type Elements = Readonly<Record<string, Draft>>;

/** What every mapping may refer to. */
export interface Surroundings {
  readonly patient: Draft;
  readonly facility: Draft;
  readonly encounter: Draft;
  /** Observations that the report consists of. */
  readonly results: readonly Draft[];
}

/** The one who did it by name where the source tells, else the facility. */
export function performerOr(event: ClinicalEvent, facility: Draft): Draft {
  return event.performer === null ? facility : { display: event.performer };
}

/** The source's own remark. */
export function note(event: ClinicalEvent): readonly Draft[] {
  return event.note === null ? [] : [{ text: event.note }];
}

/** @param codeSystem last part of its URI at terminology.hl7.org. @param otherwise null: no status is needed */
export function clinicalStatus(
  codeSystem: string,
  status: string | null,
  allowed: readonly string[],
  otherwise: string | null,
): Draft {
  const code = statusAmong(status, allowed, otherwise ?? "");
  if (code === "") return null;
  return {
    coding: [{ system: `${terminology}${codeSystem}`, code }],
  };
}
