/**
 * `cluster(edges, decisions) -> partition`: a pure function of its input, recomputed in full each time, so that bulk and
 * night-by-night give one answer. Precedence: human decisions, then vetoes, then HL7 merges, then the model's edges.
 */
import type { FeatureColumns } from "./feature-columns.ts";
import { canBeOnePerson, type Edge } from "./link.ts";

/** What people and senders said, as positions in the columns. */
export interface PairDecision {
  readonly kind: "link" | "distinct";
  readonly lo: number;
  readonly hi: number;
  readonly source: "human" | "hl7";
}

export interface Partition {
  /** For each record the smallest position of its cluster. */
  readonly cluster: Int32Array;
  /** HL7 merges that a veto stopped: a person must look at them. */
  readonly vetoed: readonly PairDecision[];
}

export function cluster(
  columns: FeatureColumns,
  edges: readonly Edge[],
  decisions: readonly PairDecision[],
): Partition {
  const clusters = new Clusters(
    columns,
    decisions.filter((decision) => decision.kind === "distinct"),
  );
  const links = inOrder(decisions.filter((decision) => decision.kind === "link"));
  for (const { lo, hi, source } of links) if (source === "human") clusters.join(lo, hi);
  const vetoed = links.filter(
    ({ lo, hi, source }) => source === "hl7" && !clusters.joinUnlessVetoed(lo, hi),
  );
  const byWeight = [...edges].sort((a, b) => b.weight - a.weight || a.lo - b.lo || a.hi - b.hi);
  for (const { lo, hi } of byWeight) {
    // A record without a sex must not bridge a man and a woman: all of both sides must be able to be one person.
    if (clusters.canMeet(lo, hi)) clusters.joinUnlessVetoed(lo, hi);
  }
  return { cluster: clusters.labels(), vetoed };
}

function inOrder(decisions: readonly PairDecision[]): readonly PairDecision[] {
  return [...decisions].sort((a, b) => a.lo - b.lo || a.hi - b.hi);
}

/** Union-find that knows each cluster's ABHA numbers and whom it must not meet. */
class Clusters {
  private readonly parent: Int32Array;
  private readonly abha: Float64Array;
  private readonly strangers = new Map<number, Set<number>>();
  private readonly columns: FeatureColumns;
  /** Members of clusters of more than one. */
  private readonly members = new Map<number, number[]>();

  constructor(columns: FeatureColumns, distinct: readonly PairDecision[]) {
    this.columns = columns;
    this.parent = Int32Array.from({ length: columns.size }, (_, index) => index);
    this.abha = Float64Array.from(columns.abha);
    for (const { lo, hi } of distinct) {
      this.strangersOf(lo).add(hi);
      this.strangersOf(hi).add(lo);
    }
  }

  join(left: number, right: number): void {
    const [a, b] = [this.find(left), this.find(right)];
    if (a === b) return;
    const [root, child] = a < b ? [a, b] : [b, a];
    this.parent[child] = root;
    this.members.set(root, [...this.membersOf(root), ...this.membersOf(child)]);
    this.members.delete(child);
    if (this.abha[root] === 0) this.abha[root] = this.abha[child] ?? 0;
    const strangers = this.strangers.get(child);
    if (strangers !== undefined)
      for (const stranger of strangers) this.strangersOf(root).add(stranger);
  }

  private membersOf(root: number): readonly number[] {
    return this.members.get(root) ?? [root];
  }

  canMeet(left: number, right: number): boolean {
    const [a, b] = [this.find(left), this.find(right)];
    return (
      a === b ||
      this.membersOf(a).every((one) =>
        this.membersOf(b).every((other) => canBeOnePerson(this.columns, one, other)),
      )
    );
  }

  /** False when a veto stands between the two clusters. */
  joinUnlessVetoed(left: number, right: number): boolean {
    const [a, b] = [this.find(left), this.find(right)];
    if (a === b) return true;
    const [abhaA = 0, abhaB = 0] = [this.abha[a], this.abha[b]];
    if (abhaA !== 0 && abhaB !== 0 && abhaA !== abhaB) return false;
    if (this.areStrangers(a, b)) return false;
    this.join(a, b);
    return true;
  }

  private areStrangers(a: number, b: number): boolean {
    for (const stranger of this.strangers.get(a) ?? []) if (this.find(stranger) === b) return true;
    return false;
  }

  private strangersOf(root: number): Set<number> {
    const known = this.strangers.get(root) ?? new Set<number>();
    this.strangers.set(root, known);
    return known;
  }

  private find(index: number): number {
    let root = index;
    while ((this.parent[root] ?? root) !== root) root = this.parent[root] ?? root;
    let at = index;
    while (at !== root) {
      const next = this.parent[at] ?? root;
      this.parent[at] = root;
      at = next;
    }
    return root;
  }

  labels(): Int32Array {
    return Int32Array.from({ length: this.parent.length }, (_, index) => this.find(index));
  }
}
