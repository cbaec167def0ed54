/** The access log: a line for every read of a person, sealed into a hash chain by the database (design decisions 18, 22). */
import type { Actor } from "../access/actor.ts";
import type { PersonId } from "../platform/ids.ts";
import type { Reader } from "./database.ts";

export type AccessAction =
  | "read"
  | "search"
  | "everything"
  | "find"
  | "show"
  | "timeline"
  | "upload";
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

export interface AccessChain {
  readonly seals: number;
  /** Numbers of seals whose entries, hash or predecessor are not what was sealed. */
  readonly broken: readonly bigint[];
}

/** Recomputes the newest seals from the entries themselves: a changed, deleted or added entry, and a missing seal, show. */
export async function checkAccessChain(reader: Reader, newest: number): Promise<AccessChain> {
  const rows = await reader.rows<{ seal_no: bigint; good: boolean }>(
    `with recent as (select * from access_seal order by seal_no desc limit $1 + 1),
     chained as (
       select r.*, lag(r.hash) over (order by r.seal_no) as before, lag(r.seal_no) over (order by r.seal_no) as number_before
       from recent r)
     select c.seal_no,
       coalesce(c.previous_hash = coalesce(c.before, '\\x00') and (c.number_before is null and c.seal_no = 1 or c.seal_no = c.number_before + 1)
         and c.entries = body.entries and c.hash = sha256(c.previous_hash || convert_to(body.text, 'UTF8')), false) as good
     from chained c, lateral (
       select count(*) as entries, string_agg(access_entry_text(l), E'\\n' order by l.entry_id) as text
       from access_log l where l.seal_no = c.seal_no) body
     where c.number_before is not null or c.seal_no = 1
     order by c.seal_no`,
    [newest],
  );
  return { seals: rows.length, broken: rows.filter((row) => !row.good).map((row) => row.seal_no) };
}
