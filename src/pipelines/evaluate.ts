/** Judges the store, or a file of clusters, against a truth that nothing else ever reads. */
import { readFile } from "node:fs/promises";
import { readTable } from "../connectors/table-file.ts";
import { type Evaluation, evaluatePartition } from "../matching/evaluation.ts";
import { HimsError } from "../platform/errors.ts";
import type { Reader } from "../store/database.ts";
import { listPartition } from "../store/link-state.ts";

/** `data` of `hims match evaluate --json`. */
export type EvaluationReport = Evaluation;

/** The store's persons against `truth.csv` (`id,cluster`; id is `facility/mrn`). */
export async function evaluateStore(reader: Reader, truthPath: string): Promise<Evaluation> {
  const truth = await readClusters(truthPath);
  const found = new Map((await listPartition(reader)).map(({ id, person }) => [id, person]));
  refuseStrangeTruth(truth, found, truthPath);
  return evaluatePartition(truth, found);
}

/** A file of clusters (`id,cluster`) against the truth; no store is needed. */
export async function evaluateFile(clustersPath: string, truthPath: string): Promise<Evaluation> {
  const [truth, found] = [await readClusters(truthPath), await readClusters(clustersPath)];
  refuseStrangeTruth(truth, found, truthPath);
  return evaluatePartition(truth, found);
}

/** A truth about other records would give full marks to anything. */
function refuseStrangeTruth(
  truth: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
  file: string,
): void {
  if ([...truth.keys()].some((id) => found.has(id))) return;
  throw new HimsError("HIMS_TRUTH_STRANGE", {
    kind: "usage",
    message: "the truth names none of the records that are judged",
    hint: "For the store an id is facility/mrn; check that the truth is of this store.",
    at: { file },
  });
}

async function readClusters(path: string): Promise<ReadonlyMap<string, string>> {
  const rows = readTable(await readFile(path), { name: path, columns: ["id", "cluster"] });
  const clusters = new Map<string, string>();
  for (const [index, [id = "", cluster = ""]] of rows.entries()) {
    if (clusters.has(id)) {
      throw new HimsError("HIMS_TRUTH_TWICE", {
        kind: "usage",
        message: "one id has two lines",
        hint: "Give each record one line with the one cluster it belongs to.",
        at: { file: path, line: index + 2 },
      });
    }
    clusters.set(id, cluster);
  }
  return clusters;
}
