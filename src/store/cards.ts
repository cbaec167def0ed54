/** Cards in the store: who needs one, batches in the making, and the state of a serial. */
import type { Card, CardState, CardToken } from "../cards/card.ts";
import type { CardPublicKey } from "../cards/card-keys.ts";
import type { CardLayout } from "../cards/card-sheet.ts";
import type { HealthId, IsoDate, PersonId, RunId } from "../platform/ids.ts";
import { copyLine } from "./copy-text.ts";
import type { Reader, Transaction } from "./database.ts";

/** What a card shows of its person, kept with it. */
export interface StoredFace {
  readonly name: string;
  readonly nameLocal: string | null;
  readonly sex: "male" | "female" | "other" | null;
  readonly birthYear: number | null;
}

export interface CardCandidate extends Partial<Omit<StoredFace, "name">> {
  readonly personId: PersonId;
  readonly healthId: HealthId;
  readonly name: string | null;
  readonly nextIssue: number;
  /** Why no card is made now, or null. */
  readonly held: "deceased" | "review_open" | null;
}

export interface CardSelection {
  readonly facility: string | null;
  /** Persons who are new or changed since this time. */
  readonly since: Date | null;
  readonly healthIds: readonly string[] | null;
}

/** Active persons without an active card, in the order of handing out: postal code, locality, then age in the store. */
export function listCardCandidates(
  reader: Reader,
  selection: CardSelection,
): Promise<CardCandidate[]> {
  return reader.rows<CardCandidate>(
    `select p.person_id as "personId", h.health_id as "healthId", g.fields->>'name' as name, g.fields->>'nameLocal' as "nameLocal",
       g.fields->>'sex' as sex, left(g.fields->>'birthDate', 4)::int as "birthYear",
       (select coalesce(max(c.issue), 0) + 1 from card c where c.person_id = p.person_id)::int as "nextIssue",
       case when g.fields ? 'deceasedAt' then 'deceased'
            when exists (select from person_member m join review r on m.record_id in (r.lo, r.hi)
                         where m.person_id = p.person_id and m.until_run is null and r.state = 'open') then 'review_open'
       end as held
     from person p
     join health_id h on h.person_id = p.person_id and h.state = 'current'
     left join lateral (select jsonb_object_agg(v.field, v.value) as fields from golden_value v where v.person_id = p.person_id) g on true
     where p.state = 'active' and not exists (select from card c where c.person_id = p.person_id and c.state = 'active')
       and ($1::text is null or exists (select from person_member m join patient_record r using (record_id)
            where m.person_id = p.person_id and m.until_run is null and r.facility_id = $1))
       and ($2::timestamptz is null or exists (select from pipeline_run r where r.run_id = p.changed_run and r.started_at >= $2))
       and ($3::text[] is null or h.health_id = any($3))
     order by g.fields->>'postalCode' collate "C" nulls last, g.fields->>'locality' collate "C" nulls last, p.created_no`,
    [selection.facility, selection.since, selection.healthIds],
  );
}

export interface CardBatch {
  readonly batchId: string;
  readonly layout: CardLayout;
  /** Absolute folder of its files. */
  readonly out: string;
  /** Number of its first file of fronts. */
  readonly firstFile: number;
}

/** A batch whose files were not finished: it is made before any new one. */
export async function findOpenBatch(reader: Reader): Promise<CardBatch | null> {
  const [batch] = await reader.rows<CardBatch>(
    `select batch_id as "batchId", layout, out, first_file as "firstFile" from card_batch where state = 'making' order by created_at limit 1`,
  );
  return batch ?? null;
}

/** A card about to be issued, with what it shows. */
export type NewCard = StoredFace & Omit<Card, "state" | "expiresOn">;

export interface BatchStart extends CardBatch {
  readonly runId: RunId;
  readonly createdAt: Date;
  readonly held: Readonly<Record<string, number>>;
}

/** Issues cards: from here on they are active, and their files are owed. */
export async function saveBatch(
  tx: Transaction,
  batch: BatchStart,
  cards: readonly NewCard[],
): Promise<void> {
  await tx.rows(
    "insert into card_batch (batch_id, run_id, layout, out, first_file, state, created_at, cards, held) values ($1, $2, $3, $4, $5, 'making', $6, $7, $8)",
    [
      batch.batchId,
      batch.runId,
      batch.layout,
      batch.out,
      batch.firstFile,
      batch.createdAt,
      cards.length,
      JSON.stringify(batch.held),
    ],
  );
  await tx.copyIn(
    "card",
    [
      "serial",
      "person_id",
      "health_id",
      "issue",
      "state",
      "kid",
      "token",
      "face",
      "issued_on",
      "batch_id",
      "seq",
    ],
    cards.map((card, index) => {
      const { name, nameLocal, sex, birthYear } = card;
      const face = JSON.stringify({ name, nameLocal, sex, birthYear } satisfies StoredFace);
      return copyLine([
        card.serial,
        card.personId,
        card.healthId,
        card.issue,
        "active",
        card.kid,
        card.token,
        face,
        card.issuedOn,
        batch.batchId,
        index + 1,
      ]);
    }),
  );
}

export interface BatchCard {
  readonly seq: number;
  readonly serial: number;
  readonly healthId: HealthId;
  readonly kid: number;
  readonly token: CardToken;
  readonly face: StoredFace;
  readonly issuedOn: IsoDate;
}

/** The cards of a batch from one sequence number on, in order. */
export function listBatchCards(
  reader: Reader,
  batchId: string,
  page: { readonly after: number; readonly limit: number },
): Promise<BatchCard[]> {
  return reader.rows<BatchCard>(
    `select seq, serial::float8 as serial, health_id as "healthId", kid, token, face, issued_on as "issuedOn"
     from card where batch_id = $1 and seq > $2 order by seq limit $3`,
    [batchId, page.after, page.limit],
  );
}

export interface BatchFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The files are on the disk under their names: the batch is made. */
export async function finishBatch(
  tx: Transaction,
  batchId: string,
  made: {
    readonly files: readonly BatchFile[];
    readonly pages: readonly {
      readonly seq: number;
      readonly file: string;
      readonly page: number;
    }[];
  },
): Promise<void> {
  await tx.rows("create temp table stage_page (seq int, file text, page int) on commit drop");
  await tx.copyIn(
    "stage_page",
    ["seq", "file", "page"],
    made.pages.map(({ seq, file, page }) => copyLine([seq, file, page])),
  );
  await tx.rows(
    "update card c set file = s.file, page = s.page from stage_page s where c.batch_id = $1 and c.seq = s.seq",
    [batchId],
  );
  await tx.rows("update card_batch set state = 'made', files = $2 where batch_id = $1", [
    batchId,
    JSON.stringify(made.files),
  ]);
}

/** Publishes a key; one that is published keeps its row. */
export async function publishCardKey(
  tx: Transaction,
  key: CardPublicKey,
  notAfter: IsoDate,
): Promise<void> {
  await tx.rows(
    "insert into card_key (kid, public_key, not_before, not_after, status) values ($1, $2, $3, $4, 'published') on conflict (kid) do nothing",
    [key.kid, Buffer.from(key.x, "base64url"), key.nbf, notAfter],
  );
}

/** The state of the card with this serial; null when there is none. */
export async function findCardState(reader: Reader, serial: number): Promise<CardState | null> {
  const [card] = await reader.rows<{ state: CardState }>(
    "select state from card where serial = $1",
    [serial],
  );
  return card?.state ?? null;
}

/** Which of these serials some card has already. */
export async function takenSerials(
  reader: Reader,
  serials: readonly number[],
): Promise<ReadonlySet<number>> {
  const rows = await reader.rows<{ serial: number }>(
    "select serial::float8 as serial from card where serial = any($1::bigint[])",
    [serials],
  );
  return new Set(rows.map((row) => row.serial));
}
