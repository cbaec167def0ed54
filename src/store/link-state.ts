/** What linking reads of the store and writes to it: features out as rows, edges, persons and members in as sets. */
import type { FeatureColumns, RecordFeatures } from "../matching/feature-columns.ts";
import type { Edge } from "../matching/link.ts";
import type { HealthId, PersonId, RecordId, RunId } from "../platform/ids.ts";
import { copyLine } from "./copy-text.ts";
import type { Reader, Transaction } from "./database.ts";

const featurePageRows = 10_000;

/** Every record that has a name, in order of record id. A bare one, made by a clinical row, is nobody yet (design decision 3). */
export async function* streamFeatures(tx: Transaction): AsyncGenerator<readonly RecordFeatures[]> {
  await tx.rows(`
    declare features no scroll cursor for
    select record_id as "recordId", name, name_local as "nameLocal", given_name as "givenName", middle_name as "middleName",
      family_name as "familyName", sex, phones,
      case when birth_date is null then null else jsonb_build_object('date', birth_date, 'precision', birth_precision) end as "birthDate",
      array(select value from jsonb_to_recordset(identifiers) as i(system text, value text) where i.system = 'abha-number') as "abhaNumbers"
    from patient_record
    where coalesce(name, name_local, given_name, family_name) is not null
    order by record_id`);
  for (;;) {
    const page = await tx.rows<RecordFeatures>(`fetch ${featurePageRows} from features`);
    if (page.length > 0) yield page;
    if (page.length < featurePageRows) break;
  }
  await tx.rows("close features");
}

export interface MemberRow {
  readonly recordId: RecordId;
  readonly personId: PersonId;
  /** The run in which it joined: run ids sort by time. */
  readonly since: RunId;
  /** False when it has left that person since. */
  readonly isCurrent: boolean;
}

/** Who belongs and belonged to whom, in order of record id. */
export function listMembers(reader: Reader): Promise<MemberRow[]> {
  return reader.rows<MemberRow>(
    `select record_id as "recordId", person_id as "personId", since_run as since, until_run is null as "isCurrent"
     from person_member order by record_id`,
  );
}

export interface PersonRow {
  readonly personId: PersonId;
  /** Null for an active person. */
  readonly mergedInto: PersonId | null;
}

/** Active persons, and merged ones that have a health ID to come back with; oldest first. */
export function listPersons(reader: Reader): Promise<PersonRow[]> {
  return reader.rows<PersonRow>(
    `select person_id as "personId", merged_into as "mergedInto" from person p
     where state = 'active' or state = 'merged' and exists (select from health_id h where h.made_for = p.person_id)
     order by created_no`,
  );
}

export async function saveModel(
  tx: Transaction,
  model: { id: string; name: string; body: unknown },
  createdAt: Date,
): Promise<void> {
  await tx.rows(
    "insert into match_model (model_id, name, body, created_at) values ($1, $2, $3, $4) on conflict (model_id) do nothing",
    [model.id, model.name, JSON.stringify(model.body), createdAt],
  );
}

/** The edges of this run are all there are. */
export async function replaceEdges(
  tx: Transaction,
  columns: FeatureColumns,
  edges: readonly Edge[],
  modelId: string,
): Promise<void> {
  const idOf = (index: number) => columns.recordId[index] ?? 0n;
  await tx.rows("create temp table stage_edge (like edge) on commit drop");
  await tx.copyIn(
    "stage_edge",
    ["lo", "hi", "weight", "pattern", "model_id"],
    edges.map(({ lo, hi, weight, pattern }) =>
      copyLine([idOf(lo), idOf(hi), weight, pattern, modelId]),
    ),
  );
  await tx.rows(`
    delete from edge e where not exists (select from stage_edge s where (s.lo, s.hi) = (e.lo, e.hi));
    insert into edge select * from stage_edge
    on conflict (lo, hi) do update set weight = excluded.weight, pattern = excluded.pattern, model_id = excluded.model_id
    where (edge.weight, edge.pattern, edge.model_id) is distinct from (excluded.weight, excluded.pattern, excluded.model_id)`);
}

export interface PersonChanges {
  readonly created: readonly { readonly personId: PersonId; readonly healthId: HealthId }[];
  readonly merges: readonly (readonly [PersonId, PersonId])[];
  /** Merged persons that are themselves again. */
  readonly revived: readonly PersonId[];
  readonly retired: readonly PersonId[];
  /** Records whose person changed; null: it belongs to nobody any more. */
  readonly moved: readonly { readonly recordId: RecordId; readonly personId: PersonId | null }[];
}

/** Writes persons and members. Merged persons and their health IDs point at the survivor in one hop. */
export async function savePersons(
  tx: Transaction,
  changes: PersonChanges,
  runId: RunId,
): Promise<void> {
  await tx.copyIn(
    "person",
    ["person_id", "state", "created_run", "changed_run"],
    changes.created.map(({ personId }) => copyLine([personId, "active", runId, runId])),
  );
  await tx.copyIn(
    "health_id",
    ["health_id", "person_id", "made_for", "state", "run_id"],
    changes.created.map(({ personId, healthId }) =>
      copyLine([healthId, personId, personId, "current", runId]),
    ),
  );
  await moveMembers(tx, changes, runId);
  await mergePersons(tx, changes, runId);
  await revivePersons(tx, changes.revived, runId);
  await retirePersons(tx, changes.retired, runId);
  if (changes.merges.length + changes.revived.length + changes.retired.length > 0)
    await leadHealthIds(tx, runId);
}

async function moveMembers(tx: Transaction, { moved }: PersonChanges, runId: RunId): Promise<void> {
  if (moved.length === 0) return;
  await tx.rows("create temp table stage_member (record_id bigint, person_id uuid) on commit drop");
  await tx.copyIn(
    "stage_member",
    ["record_id", "person_id"],
    moved.map(({ recordId, personId }) => copyLine([recordId, personId])),
  );
  await tx.rows(
    "update person_member m set until_run = $1 from stage_member s where s.record_id = m.record_id and m.until_run is null",
    [runId],
  );
  await tx.rows(
    `insert into person_member (record_id, person_id, since_run) select record_id, person_id, $1 from stage_member where person_id is not null`,
    [runId],
  );
}

async function mergePersons(
  tx: Transaction,
  { merges }: PersonChanges,
  runId: RunId,
): Promise<void> {
  if (merges.length === 0) return;
  await tx.rows(
    "create temp table stage_merge (merged uuid primary key, survivor uuid) on commit drop",
  );
  await tx.copyIn(
    "stage_merge",
    ["merged", "survivor"],
    merges.map(([merged, survivor]) => copyLine([merged, survivor])),
  );
  await tx.rows(
    `update person p set state = 'merged', merged_into = s.survivor, changed_run = $1 from stage_merge s where p.person_id = s.merged`,
    [runId],
  );
  await tx.rows(
    `update person p set merged_into = s.survivor, changed_run = $1 from stage_merge s
     where p.merged_into = s.merged and not exists (select from stage_merge o where o.merged = p.person_id)`,
    [runId],
  );
  // An alias of which nobody knows whose it was goes where its person goes.
  await tx.rows(
    "update health_id h set person_id = s.survivor from stage_merge s where h.person_id = s.merged and h.made_for is null",
  );
  await tx.rows(`
    delete from golden_value g using stage_merge s where g.person_id = s.merged;
    delete from person_name_token t using stage_merge s where t.person_id = s.merged`);
  // The survivor keeps its card; the other's is superseded, and resolves to the survivor.
  await tx.rows(
    "update card c set state = 'superseded' from stage_merge s where c.person_id = s.merged and c.state = 'active'",
  );
}

/** Their newest card is good again, unless something else than the merge ended it. Golden values come with their members. */
async function revivePersons(
  tx: Transaction,
  revived: readonly PersonId[],
  runId: RunId,
): Promise<void> {
  if (revived.length === 0) return;
  await tx.rows(
    "update person set state = 'active', merged_into = null, changed_run = $2 where person_id = any($1)",
    [revived, runId],
  );
  await tx.rows(
    `update card c set state = 'active' where c.person_id = any($1) and c.state = 'superseded'
       and c.issue = (select max(n.issue) from card n where n.person_id = c.person_id)`,
    [revived],
  );
}

/** The health IDs of persons that changed lead to whoever those persons are now. */
async function leadHealthIds(tx: Transaction, runId: RunId): Promise<void> {
  await tx.rows(
    `update health_id h set person_id = coalesce(p.merged_into, p.person_id),
       state = case p.state when 'active' then 'current' when 'merged' then 'alias' else 'retired' end
     from person p where p.changed_run = $1 and h.made_for = p.person_id
       and (h.person_id, h.state) is distinct from (coalesce(p.merged_into, p.person_id),
         case p.state when 'active' then 'current' when 'merged' then 'alias' else 'retired' end)`,
    [runId],
  );
}

/** With whoever was merged into them. */
async function retirePersons(
  tx: Transaction,
  retired: readonly PersonId[],
  runId: RunId,
): Promise<void> {
  if (retired.length === 0) return;
  await tx.rows(
    "update person set state = 'retired', merged_into = null, changed_run = $2 where person_id = any($1) or merged_into = any($1)",
    [retired, runId],
  );
  await tx.rows("update health_id set state = 'retired' where person_id = any($1)", [retired]);
  await tx.rows(
    "update card set state = 'revoked' where person_id = any($1) and state = 'active'",
    [retired],
  );
  await tx.rows("delete from golden_value where person_id = any($1)", [retired]);
  await tx.rows("delete from person_name_token where person_id = any($1)", [retired]);
}

/** Which of these health IDs are taken already: their makers must draw again. */
export async function takenHealthIds(
  reader: Reader,
  healthIds: readonly HealthId[],
): Promise<ReadonlySet<string>> {
  const rows = await reader.rows<{ health_id: string }>(
    "select health_id from health_id where health_id = any($1)",
    [healthIds],
  );
  return new Set(rows.map((row) => row.health_id));
}

export interface ReviewPair {
  readonly lo: RecordId;
  readonly hi: RecordId;
  readonly reason: "hl7_merge_vetoed" | "fits_two_abha_numbers";
  readonly reviewId: string;
}

/** Puts pairs before a person, each once; what no longer needs one is obsolete, and what was decided stays decided. */
export async function openReviews(
  tx: Transaction,
  pairs: readonly ReviewPair[],
  runId: RunId,
): Promise<void> {
  await tx.rows(
    "create temp table stage_review (review_id uuid, lo bigint, hi bigint, reason text) on commit drop",
  );
  await tx.copyIn(
    "stage_review",
    ["review_id", "lo", "hi", "reason"],
    pairs.map(({ reviewId, lo, hi, reason }) => copyLine([reviewId, lo, hi, reason])),
  );
  await tx.rows(`
    update review r set state = 'obsolete'
    where r.state = 'open' and not exists (select from stage_review s where (r.lo, r.hi) = (s.lo, s.hi))`);
  await tx.rows(
    `insert into review (review_id, lo, hi, reason, run_id) select review_id, lo, hi, reason, $1 from stage_review s
     where not exists (select from review r where (r.lo, r.hi) = (s.lo, s.hi) and r.state in ('open', 'decided'))`,
    [runId],
  );
}

/** How many active persons and open reviews there are. */
export async function countPersons(reader: Reader): Promise<{ total: number; review: number }> {
  const [row] = await reader.rows<{ total: number; review: number }>(
    "select (select count(*) from person where state = 'active')::int as total, (select count(*) from review where state = 'open')::int as review",
  );
  return row ?? { total: 0, review: 0 };
}

/** Which person each named record belongs to; `id` is `facility/value`. */
export function listPartition(reader: Reader): Promise<{ id: string; person: string }[]> {
  return reader.rows<{ id: string; person: string }>(`
    select p.facility_id || '/' || p.id_value as id, m.person_id as person
    from person_member m join patient_record p using (record_id) where m.until_run is null`);
}
