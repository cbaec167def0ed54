/** What an undo came to: read from the tables it filled, before its transaction ends. Counts and card serials, never a value. */
import type { RunId } from "../platform/ids.ts";
import type { Transaction } from "./database.ts";

export interface JudgedAgain {
  /** Gone: nothing but the run had said them. */
  readonly removed: number;
  /** Back to the version they had before the run. */
  readonly restored: number;
  /** Judged again from what later runs said. */
  readonly rejudged: number;
}

export interface UndoReport {
  readonly records: JudgedAgain;
  readonly events: JudgedAgain;
  /** Open items that are gone, and ended ones that are open again. */
  readonly quarantine: { readonly removed: number; readonly reopened: number };
  readonly persons: {
    /** Without a record left: their health IDs are retired. */
    readonly retired: number;
    /** Merged ones that are themselves again. */
    readonly revived: number;
    readonly created: number;
    readonly merged: number;
  };
  /** By serial. `printed`: those of the revoked and superseded that lie in a file for the printer. */
  readonly cards: {
    readonly revoked: readonly number[];
    readonly reactivated: readonly number[];
    readonly superseded: readonly number[];
    readonly printed: readonly number[];
  };
  readonly decisions: {
    /** HL7 merges that nobody else said. */
    readonly revoked: number;
    /** Of people, about records that are gone: they hold again when those return. */
    readonly dormant: number;
  };
}

/** States of cards, persons and decisions before linking, to tell what it changed. */
export async function noteStates(tx: Transaction): Promise<void> {
  await tx.rows(`
    create temp table before_card on commit drop as select serial, state from card;
    create temp table before_person on commit drop as select person_id, state from person;
    create temp table before_dormant on commit drop as select decision_id from decision where state = 'dormant'`);
}

/**
 * A card that was made before any record its person has left had joined it, once or again, was made for who is gone.
 * Run ids begin with their second; of two in one second nobody knows the order.
 */
export async function revokeEarlierCards(tx: Transaction): Promise<void> {
  await tx.rows(`
    update card c set state = 'revoked' from card_batch b, person p
    where c.state = 'active' and b.batch_id = c.batch_id and p.person_id = c.person_id and p.state = 'active'
      and exists (select from person_member m join undo_record u using (record_id)
                  where m.person_id = c.person_id and m.until_run is not null)
      and not exists (select from person_member m join person_member j using (record_id, person_id)
                      where m.person_id = c.person_id and m.until_run is null and left(j.since_run, 15) <= left(b.run_id, 15))`);
}

export async function readReport(tx: Transaction, undoRun: RunId): Promise<UndoReport> {
  const records = await judgedAgain(tx, "record", "record_id");
  const events = await judgedAgain(tx, "event", "record_id, event_id");
  const [counts] = await tx.rows<Counts>(
    `with now_open as (select q.pipeline, q.raw_hash from quarantine q join undo_raw using (pipeline, raw_hash) where q.state = 'open'),
       was_open as (select pipeline, raw_hash from before_item where state = 'open')
     select
       (select count(*) from (select * from was_open except select * from now_open) gone)::int as "itemsRemoved",
       (select count(*) from (select * from now_open except select * from was_open) back)::int as "itemsReopened",
       (select count(*) from person p join before_person b using (person_id) where p.state = 'retired' and b.state <> 'retired')::int as retired,
       (select count(*) from person p join before_person b using (person_id) where p.state = 'active' and b.state = 'merged')::int as revived,
       (select count(*) from person p join before_person b using (person_id) where p.state = 'merged' and b.state = 'active')::int as merged,
       (select count(*) from person p where p.created_run = $1)::int as created,
       (select count(*) from before_pair b where not exists (select from decision d
          where (d.lo, d.hi) = (b.lo, b.hi) and d.source = 'hl7' and d.state = 'in_force'))::int as "mergesRevoked",
       (select count(*) from decision where state = 'dormant' and decision_id not in (select decision_id from before_dormant))::int as dormant`,
    [undoRun],
  );
  if (counts === undefined) throw new Error("counts of an undo are missing");
  const { itemsRemoved, itemsReopened, mergesRevoked, dormant, ...persons } = counts;
  return {
    records,
    events,
    quarantine: { removed: itemsRemoved, reopened: itemsReopened },
    persons,
    cards: await changedCards(tx),
    decisions: { revoked: mergesRevoked, dormant },
  };
}

interface Counts {
  readonly itemsRemoved: number;
  readonly itemsReopened: number;
  readonly retired: number;
  readonly revived: number;
  readonly merged: number;
  readonly created: number;
  readonly mergesRevoked: number;
  readonly dormant: number;
}

async function judgedAgain(
  tx: Transaction,
  part: "record" | "event",
  key: string,
): Promise<JudgedAgain> {
  const table = part === "record" ? "patient_record" : "clinical_event";
  const [counts] = await tx.rows<JudgedAgain>(`
    with later as (
      select ${key} from ${table} join undo_record using (record_id) join late_file using (file_id)
      union select ${key} from ${table}_version join undo_record using (record_id) join late_file using (file_id)
    ), there as (select ${key} from ${table} join undo_record using (record_id))
    select
      (select count(*) from before_${part} b where (${key}) not in (select ${key} from there))::int as removed,
      (select count(*) from before_${part} b join undo_file using (file_id)
       where (${key}) in (select ${key} from there) and (${key}) not in (select ${key} from later))::int as restored,
      (select count(*) from later)::int as rejudged`);
  return counts ?? { removed: 0, restored: 0, rejudged: 0 };
}

async function changedCards(tx: Transaction): Promise<UndoReport["cards"]> {
  const cards = await tx.rows<{ serial: number; state: string; printed: boolean }>(`
    select c.serial::float8 as serial, c.state, c.file is not null as printed
    from card c join before_card b using (serial) where c.state <> b.state order by c.serial`);
  const serials = (wanted: readonly { serial: number }[]) => wanted.map(({ serial }) => serial);
  const inState = (state: string) => serials(cards.filter((card) => card.state === state));
  return {
    revoked: inState("revoked"),
    reactivated: inState("active"),
    superseded: inState("superseded"),
    printed: serials(cards.filter(({ state, printed }) => state !== "active" && printed)),
  };
}
