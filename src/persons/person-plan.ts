/**
 * Who is who after clustering: which person each cluster is, which persons merge, come back or are new. Pure and deterministic.
 * A person stays with the record that founded it (the first to join it, whose card it may be); of several persons in one
 * cluster the oldest survives. A merged person comes back when its founder is in no older person's cluster any more: what
 * becomes of a person depends on the clusters of now, not on the merges between.
 */

/** What is so now. Positions are those of the feature columns. */
export interface CurrentPersons {
  /** For each record the index of its person, or -1. */
  readonly personOf: Int32Array;
  /** Active and merged persons, the oldest first. */
  readonly persons: readonly CurrentPerson[];
}

export interface CurrentPerson {
  /** Position of the record that founded it; -1 when that record is gone. */
  readonly founder: number;
  /** Position of the first of the records it has now; -1 when it has none. */
  readonly eldest: number;
  /** Index of the person it was merged into; null for an active one; -1 when that one is no more. */
  readonly mergedInto: number | null;
}

export interface PersonPlan {
  /** For each record the person it belongs to from now on: an index of `persons`, or their number + number of the new person. */
  readonly personOf: Int32Array;
  /** How many new persons there are. */
  readonly created: number;
  /** Persons that end in another, or whose end is another from now on: `[merged, survivor]`, both indexes of `persons`. */
  readonly merges: readonly (readonly [number, number])[];
  /** Merged persons that are active again. */
  readonly revived: readonly number[];
  /** Active persons that have no record any more and were not merged. */
  readonly retired: readonly number[];
}

/** @param cluster for each record the smallest position of its cluster */
export function planPersons(cluster: Int32Array, current: CurrentPersons): PersonPlan {
  const { persons } = current;
  const survivors = survivorsOf(cluster, persons);
  const merges: (readonly [number, number])[] = [];
  const revived: number[] = [];
  const retired: number[] = [];
  for (const [person, claimant] of persons.entries()) {
    const root = rootOf(cluster, claimant);
    const survivor = root === null ? undefined : survivors.get(root);
    const isActive = claimant.mergedInto === null;
    if (survivor === undefined && isActive) retired.push(person);
    else if (survivor === person && !isActive) revived.push(person);
    else if (survivor !== undefined && survivor !== person && survivor !== claimant.mergedInto)
      merges.push([person, survivor]);
  }
  return { ...membersOf(cluster, survivors, persons.length), merges, revived, retired };
}

/** The cluster a person claims: its founder's; an active one that lost its founder stays with the first record it has left. */
function rootOf(
  cluster: Int32Array,
  { founder, eldest, mergedInto }: CurrentPerson,
): number | null {
  const position = founder === -1 && mergedInto === null ? eldest : founder;
  return position === -1 ? null : (cluster[position] ?? null);
}

/** For each claimed cluster the oldest person founded in it, else the oldest that has a record there. */
function survivorsOf(
  cluster: Int32Array,
  persons: readonly CurrentPerson[],
): ReadonlyMap<number, number> {
  const survivors = new Map<number, number>();
  for (const isFounded of [true, false]) {
    for (const [person, claimant] of persons.entries()) {
      if ((claimant.founder !== -1) !== isFounded) continue;
      const root = rootOf(cluster, claimant);
      if (root !== null && !survivors.has(root)) survivors.set(root, person);
    }
  }
  return survivors;
}

function membersOf(
  cluster: Int32Array,
  survivors: ReadonlyMap<number, number>,
  existing: number,
): { readonly personOf: Int32Array; readonly created: number } {
  const personOfCluster = new Map(survivors);
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
  return { personOf, created };
}
