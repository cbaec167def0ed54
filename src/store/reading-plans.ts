/** How files were read, kept word for word: what an archived file is read with when it is read again. */
import type { IsoDate } from "../platform/ids.ts";
import type { Reader, Transaction } from "./database.ts";

/** The part of a pipeline file that decides what its rows become. `hash` is the body's own. */
export interface ReadingPlan {
  readonly hash: string;
  readonly body: object;
}

/** What else a reading depends on, and may be otherwise next time. */
export interface ReadingFacts {
  /** The day of the run at the facility. */
  readonly today: IsoDate;
  readonly timeZone: string;
  /** Assigning authorities the facility owned. */
  readonly authorities: readonly string[];
}

export async function saveReadingPlan(tx: Transaction, plan: ReadingPlan): Promise<void> {
  await tx.rows(
    "insert into reading_plan (plan_hash, body) values ($1, $2) on conflict (plan_hash) do nothing",
    [plan.hash, JSON.stringify(plan.body)],
  );
}

/** The body of a plan, or null for one that was never kept. */
export async function findReadingPlan(reader: Reader, hash: string): Promise<unknown> {
  const [plan] = await reader.rows<{ body: unknown }>(
    "select body from reading_plan where plan_hash = $1",
    [hash],
  );
  return plan?.body ?? null;
}
