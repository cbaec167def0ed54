/** How good a partition is against the truth: pairwise (Christen, Data Matching, 2012) and B-cubed (Bagga and Baldwin, 1998). */

export interface Quality {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface Evaluation {
  readonly pairwise: Quality;
  readonly bcubed: Quality;
  /** Clusters found among the judged records. */
  readonly clusters: number;
  /** Pairs put together that are two people. */
  readonly wrongPairs: number;
}

/**
 * @param truth record id -> its true cluster; these records are judged, no others
 * @param found record id -> its found cluster; a record that is not there stands alone
 */
export function evaluatePartition(
  truth: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): Evaluation {
  const together = new Map<string, number>();
  const trueSizes = new Map<string, number>();
  const foundSizes = new Map<string, number>();
  for (const [id, cluster] of truth) {
    const label = found.get(id) ?? `\u0000${id}`;
    add(trueSizes, cluster);
    add(foundSizes, label);
    add(together, `${cluster}\u0001${label}`);
  }
  const [both, inTruth, inFound] = [pairs(together), pairs(trueSizes), pairs(foundSizes)];
  return {
    pairwise: quality(ratio(both, inFound), ratio(both, inTruth)),
    bcubed: bcubed(truth.size, together, { trueSizes, foundSizes }),
    clusters: foundSizes.size,
    wrongPairs: inFound - both,
  };
}

/** Each record's share of its cluster that belongs there, averaged over records. */
function bcubed(
  records: number,
  together: ReadonlyMap<string, number>,
  sizes: { trueSizes: ReadonlyMap<string, number>; foundSizes: ReadonlyMap<string, number> },
): Quality {
  let precision = 0;
  let recall = 0;
  for (const [key, count] of together) {
    const [cluster = "", label = ""] = key.split("\u0001");
    precision += count * (count / (sizes.foundSizes.get(label) ?? count));
    recall += count * (count / (sizes.trueSizes.get(cluster) ?? count));
  }
  return quality(ratio(precision, records), ratio(recall, records));
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function pairs(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += (count * (count - 1)) / 2;
  return sum;
}

/** Of nothing, all is right. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

function quality(precision: number, recall: number): Quality {
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision: rounded(precision), recall: rounded(recall), f1: rounded(f1) };
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
