/** The access log: a line for every read of a person, sealed into a hash chain by the database (design decisions 18, 22). */
import type { Actor } from "../access/actor.ts";
import type { PersonId } from "../platform/ids.ts";
import type { Reader } from "./database.ts";

export type AccessAction = "read" | "search" | "everything" | "find" | "show" | "timeline";
/** `denied`: the actor may not; `not_found`: there was nobody to show. */
export type AccessOutcome = "ok" | "not_found" | "denied";

export interface Access {
  readonly actor: Actor;
  readonly action: AccessAction;
  /** What was asked for, without values: `Patient`, or `Patient?birthdate,name`. */
  readonly resource: string;
  readonly outcome: AccessOutcome;
  /** Everybody whose data is shown; may be empty. */
  readonly persons: readonly PersonId[];
}

/** Appends a line for each person shown, or one without a person. Await it before showing anything: no read without its line. */
export async function appendAccess(reader: Reader, access: Access): Promise<void> {
  const { actor, action, resource, outcome, persons } = access;
  const shown = persons.length === 0 ? [null] : persons;
  await reader.rows(
    `select count(append_access($1, $2, $3, $4, shown.person_id, $5))
     from unnest($6::uuid[]) as shown(person_id)`,
    [actor.who, actor.purpose, action, resource, outcome, shown],
  );
}

/** Seals whatever lines are not sealed yet; safe to call from several processes. @returns how many seals were made */
export async function sealAccessLog(reader: Reader): Promise<number> {
  for (let seals = 0; ; seals += 1) {
    // A seal holds at most ten thousand lines. Looking first keeps an idle server from taking the lock each second.
    const [row] = await reader.rows<{ sealed: bigint }>(
      `select case when exists (select from access_log where seal_no is null) then seal_access_log() else 0 end as sealed`,
    );
    if ((row?.sealed ?? 0n) === 0n) return seals;
  }
}
