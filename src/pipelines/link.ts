/** Source records -> persons: features out, edges and clusters in memory, persons, members and golden values back as sets. */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { cluster, type PairDecision, type Partition } from "../matching/cluster.ts";
import { type FeatureColumns, FeatureColumnsBuilder } from "../matching/feature-columns.ts";
import { ambiguousPairs, link } from "../matching/link.ts";
import { type MatchModel, matchModelSchema } from "../matching/match-model.ts";
import { fullName, surviveGoldenRecord } from "../persons/golden-record.ts";
import { makeHealthId } from "../persons/health-id.ts";
import { nameTokens } from "../persons/name-token.ts";
import { type CurrentPersons, type PersonPlan, planPersons } from "../persons/person-plan.ts";
import type { PersonId, RecordId, RunId } from "../platform/ids.ts";
import { packageRoot } from "../platform/package-root.ts";
import { readYamlFile } from "../platform/yaml-file.ts";
import type { Transaction } from "../store/database.ts";
import { type Decision, listDecisions, wakeDecisions } from "../store/decisions.ts";
import {
  markSurvived,
  type StalePerson,
  saveGoldenValues,
  streamStalePersons,
} from "../store/golden-values.ts";
import {
  countPersons,
  listMembers,
  listPersons,
  type MemberRow,
  openReviews,
  type PersonChanges,
  type PersonRow,
  type ReviewPair,
  replaceEdges,
  saveModel,
  savePersons,
  streamFeatures,
  takenHealthIds,
} from "../store/link-state.ts";
import { endRun, openRun } from "../store/runs.ts";
import { drawDistinct } from "./distinct-draw.ts";
import { newRunId, type RunContext } from "./run-context.ts";

export interface LinkResult {
  readonly seconds: number;
  readonly persons: {
    /** Active persons. */
    readonly total: number;
    readonly new: number;
    /** Records that joined a person of other records. */
    readonly joined: number;
    readonly review: number;
  };
}

/** Runs linking as a run of its own, named `link`; recomputed in full, so that any order of nights gives one answer. */
export async function linkPersons(context: RunContext): Promise<LinkResult> {
  const started = performance.now();
  const runId = newRunId(context.clock);
  const run = await openRun(context.database, {
    runId,
    pipeline: "link",
    kind: "link",
    facilityId: null,
    slot: runId,
    worker: context.worker,
    startedAt: context.clock.now(),
  });
  let counts: { created: number; joined: number };
  try {
    counts = await context.database.transaction((tx) => linkInside(tx, runId, context));
  } catch (error) {
    // The link run is a ledger line of its own; what broke is told by whoever called.
    await endRun(context.database, run, {
      status: "failed",
      endedAt: context.clock.now(),
      detail: {},
    }).catch(() => undefined);
    throw error;
  }
  const { total, review } = await countPersons(context.database.writer);
  const persons = { total, new: counts.created, joined: counts.joined, review };
  await endRun(context.database, run, {
    status: "succeeded",
    endedAt: context.clock.now(),
    detail: persons,
  });
  return { seconds: Math.round(performance.now() - started) / 1000, persons };
}

/** Links everyone within a transaction of its caller, who holds the lock of linking. */
export async function linkInside(
  tx: Transaction,
  runId: RunId,
  context: RunContext,
): Promise<{ created: number; joined: number }> {
  const { model, id } = readModel(context);
  const columns = await readFeatures(tx, context);
  const edges = link(columns, model);
  await wakeDecisions(tx);
  const decisions = positionsOf(await listDecisions(tx), columns);
  const partition = cluster(columns, edges, decisions);
  context.progress.report({
    stage: "link",
    done: columns.size,
    total: columns.size,
    unit: "records",
  });
  await saveModel(tx, { id, name: model.name, body: model }, context.clock.now());
  await replaceEdges(tx, columns, edges, id);
  const changed = await savePartition(tx, { columns, partition, runId });
  await openReviews(tx, reviewPairs({ columns, partition, decisions, model }), runId);
  for await (const persons of streamStalePersons(tx))
    await saveGoldenValues(tx, persons.map(survive));
  await markSurvived(tx);
  return changed;
}

async function readFeatures(tx: Transaction, context: RunContext): Promise<FeatureColumns> {
  const builder = new FeatureColumnsBuilder();
  for await (const page of streamFeatures(tx)) {
    context.signal.throwIfAborted();
    for (const record of page) builder.add(record);
  }
  return builder.build();
}

/** The model file that ships with the product; its content hash is its id. */
export function readModel(context: Pick<RunContext, "environment">): {
  model: MatchModel;
  id: string;
} {
  const model = readYamlFile(join(packageRoot(), "models", "match-model.yaml"), matchModelSchema, {
    environment: context.environment,
  });
  const digest = createHash("sha256").update(JSON.stringify(model)).digest("hex").slice(0, 16);
  return { model, id: `${model.name}-${digest}` };
}

/** Decisions about records that are not here (yet) wait. */
function positionsOf(
  decisions: readonly Decision[],
  columns: FeatureColumns,
): readonly PairDecision[] {
  return decisions.flatMap(({ kind, lo, hi, source }) => {
    const [left, right] = [positionOf(columns, lo), positionOf(columns, hi)];
    return left === -1 || right === -1 ? [] : [{ kind, lo: left, hi: right, source }];
  });
}

/** Columns are sorted by record id. */
function positionOf({ recordId }: FeatureColumns, id: RecordId): number {
  let low = 0;
  let high = recordId.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = recordId[middle] ?? 0n;
    if (found === id) return middle;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

interface Linked {
  readonly columns: FeatureColumns;
  readonly partition: Partition;
  readonly runId: RunId;
}

async function savePartition(
  tx: Transaction,
  { columns, partition, runId }: Linked,
): Promise<{ created: number; joined: number }> {
  const persons = await listPersons(tx);
  const { current, orphaned } = currentPersons(persons, await listMembers(tx), columns);
  const plan = planPersons(partition.cluster, current);
  const healthIds = await drawDistinct(
    plan.created,
    () => makeHealthId(randomBytes),
    (drawn) => takenHealthIds(tx, drawn),
  );
  const created = healthIds.map((healthId) => ({ personId: randomUUID() as PersonId, healthId }));
  const { personOf } = current;
  const changes = changesOf({ plan, current: personOf, persons, columns, created, orphaned });
  await savePersons(tx, changes, runId);
  return { created: created.length, joined: joinedRecords(plan, personOf) };
}

/** Persons by what is left of them: members now, founders ever. `orphaned`: members that are no record, or nobody's, any more. */
function currentPersons(
  persons: readonly PersonRow[],
  members: readonly MemberRow[],
  columns: FeatureColumns,
): { readonly current: CurrentPersons; readonly orphaned: readonly RecordId[] } {
  const indexOf = new Map(persons.map(({ personId }, index) => [personId, index]));
  const personOf = new Int32Array(columns.size).fill(-1);
  const orphaned: RecordId[] = [];
  const founders = new First(persons.length);
  const eldest = new First(persons.length);
  for (const { recordId, personId, since, isCurrent } of members) {
    const position = positionOf(columns, recordId);
    const person = indexOf.get(personId) ?? -1;
    founders.see(person, since, position);
    if (!isCurrent) continue;
    if (position === -1) {
      orphaned.push(recordId);
      continue;
    }
    personOf[position] = person;
    eldest.see(person, since, position);
  }
  const current = {
    personOf,
    persons: persons.map(({ mergedInto }, index) => ({
      founder: founders.at(index),
      eldest: eldest.at(index),
      mergedInto: mergedInto === null ? null : (indexOf.get(mergedInto) ?? -1),
    })),
  };
  return { current, orphaned };
}

/** For each person the record that came first; of records that came in one run, the one that is seen first. */
class First {
  private readonly position: Int32Array;
  private readonly since: (string | undefined)[];

  constructor(persons: number) {
    this.position = new Int32Array(persons).fill(-1);
    this.since = new Array(persons);
  }

  see(person: number, since: string, position: number): void {
    if (person === -1) return;
    const first = this.since[person];
    if (first !== undefined && first <= since) return;
    this.since[person] = since;
    this.position[person] = position;
  }

  at(person: number): number {
    return this.position[person] ?? -1;
  }
}

function idAt(columns: FeatureColumns, position: number): RecordId {
  return (columns.recordId[position] ?? 0n) as RecordId;
}

interface Judged {
  readonly columns: FeatureColumns;
  readonly partition: Partition;
  readonly decisions: readonly PairDecision[];
  readonly model: MatchModel;
}

/** What a person must look at: merges that a veto stopped, and records that fit two people alike. */
function reviewPairs({ columns, partition, decisions, model }: Judged): readonly ReviewPair[] {
  const apart = new Set(
    decisions.filter(({ kind }) => kind === "distinct").map(({ lo, hi }) => `${lo} ${hi}`),
  );
  const ambiguous = ambiguousPairs(columns, model).filter(
    ([lo, hi]) => partition.cluster[lo] !== partition.cluster[hi] && !apart.has(`${lo} ${hi}`),
  );
  const pairs = [
    ...partition.vetoed.map(({ lo, hi }) => ({ lo, hi, reason: "hl7_merge_vetoed" as const })),
    ...ambiguous.map(([lo, hi]) => ({ lo, hi, reason: "fits_two_abha_numbers" as const })),
  ];
  return pairs.map(({ lo, hi, reason }) => ({
    lo: idAt(columns, lo),
    hi: idAt(columns, hi),
    reason,
    reviewId: randomUUID(),
  }));
}

interface Planned {
  readonly plan: PersonPlan;
  readonly current: Int32Array;
  readonly persons: readonly PersonRow[];
  readonly columns: FeatureColumns;
  readonly created: PersonChanges["created"];
  readonly orphaned: readonly RecordId[];
}

function changesOf({ plan, current, persons, columns, created, orphaned }: Planned): PersonChanges {
  const personAt = (index: number): PersonId => {
    const person = persons[index] ?? created[index - persons.length];
    if (person === undefined)
      throw new Error("a record was planned into a person that is not there");
    return person.personId;
  };
  const moved: { recordId: RecordId; personId: PersonId | null }[] = orphaned.map((recordId) => ({
    recordId,
    personId: null,
  }));
  for (const [position, person] of plan.personOf.entries()) {
    if (current[position] !== person)
      moved.push({ recordId: idAt(columns, position), personId: personAt(person) });
  }
  return {
    created,
    merges: plan.merges.map(
      ([merged, survivor]) => [personAt(merged), personAt(survivor)] as const,
    ),
    revived: plan.revived.map(personAt),
    retired: plan.retired.map(personAt),
    moved,
  };
}

/** Records new to a person that has other records too. */
function joinedRecords(plan: PersonPlan, current: Int32Array): number {
  const sizes = new Map<number, number>();
  for (const person of plan.personOf) sizes.set(person, (sizes.get(person) ?? 0) + 1);
  // A person that had records counts as there before; the first record of a new one founds it and joins nobody.
  const founded = new Set<number>(current);
  let joined = 0;
  for (const [position, person] of plan.personOf.entries()) {
    if (current[position] === person) continue;
    if (founded.has(person) && (sizes.get(person) ?? 0) > 1) joined += 1;
    founded.add(person);
  }
  return joined;
}

function survive({ personId, members }: StalePerson) {
  const names = members.flatMap((member) => [fullName(member), member.name, member.nameLocal]);
  return { personId, values: surviveGoldenRecord(members), nameTokens: nameTokens(...names) };
}
