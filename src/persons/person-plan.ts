/**
 * Who is who after clustering: which person each cluster is, which persons merge, which are new. Pure and deterministic.
 * A person stays with the record that founded it (the first to join it, whose card it may be); of several persons in one
 * cluster the oldest survives.
 */

/** What is so now. Positions are those of the feature columns. */
export interface CurrentPersons {
  /** For each record the index of its person, or -1. */
  readonly personOf: Int32Array;
  /** For each record the run since which it belongs to that person; earlier runs sort first. */
  readonly since: readonly string[];
  /** Age rank of each person: smaller is older. */
  readonly createdNo: readonly bigint[];
}

export interface PersonPlan {
  /** For each record the person it belongs to from now on: an index below `existing`, or `existing` + number of the new person. */
  readonly personOf: Int32Array;
  /** How many new persons there are. */
  readonly created: number;
  /** Persons that end in another: `[merged, survivor]`, both indexes of existing persons. */
  readonly merges: readonly (readonly [number, number])[];
  /** Persons that have no record any more and were not merged. */
  readonly retired: readonly number[];
}

/** @param cluster for each record the smallest position of its cluster */
export function planPersons(cluster: Int32Array, current: CurrentPersons): PersonPlan {
  const existing = current.createdNo.length;
  const claims = claimsOf(cluster, current);
  const personOfCluster = new Map<number, number>();
  const merges: (readonly [number, number])[] = [];
  for (const [root, persons] of claims.byCluster) {
    const [survivor, ...merged] = [...persons].sort((a, b) =>
      compare(current.createdNo[a], current.createdNo[b]),
    );
    if (survivor === undefined) continue;
    personOfCluster.set(root, survivor);
    for (const person of merged) merges.push([person, survivor]);
  }
  let created = 0;
  const personOf = new Int32Array(cluster.length);
  for (const [record, root] of cluster.entries()) {
    let person = personOfCluster.get(root);
    if (person === undefined) {
      person = existing + created;
      created += 1;
      personOfCluster.set(root, person);
    }
    personOf[record] = person;
  }
  const kept = new Set([...claims.byCluster.values()].flatMap((persons) => [...persons]));
  const retired = current.createdNo.flatMap((_, person) => (kept.has(person) ? [] : [person]));
  return { personOf, created, merges, retired };
}

function compare(a: bigint | undefined, b: bigint | undefined): number {
  return (a ?? 0n) < (b ?? 0n) ? -1 : 1;
}

/** Each person claims the cluster of its founder; of records that came in one run, the one with the smallest id. */
function claimsOf(
  cluster: Int32Array,
  current: CurrentPersons,
): { readonly byCluster: Map<number, Set<number>> } {
  const founders = new Map<number, number>();
  for (const [record, person] of current.personOf.entries()) {
    const founder = founders.get(person);
    if (person === -1) continue;
    if (founder === undefined || (current.since[record] ?? "") < (current.since[founder] ?? ""))
      founders.set(person, record);
  }
  const byCluster = new Map<number, Set<number>>();
  for (const [person, founder] of founders) {
    const root = cluster[founder] ?? founder;
    const persons = byCluster.get(root) ?? new Set<number>();
    persons.add(person);
    byCluster.set(root, persons);
  }
  return { byCluster };
}
