/** Judges the store, or a file of clusters, against a truth that nothing else ever reads. */
import { readFile } from "node:fs/promises";
import { readTable } from "../connectors/table-file.ts";
import { type Evaluation, evaluatePartition } from "../matching/evaluation.ts";
import type { Reader } from "../store/database.ts";
import { listPartition } from "../store/link-state.ts";

/** `data` of `hims match evaluate --json`. */
export type EvaluationReport = Evaluation;

/** The store's persons against `truth.csv` (`id,cluster`; id is `facility/mrn`). */
export async function evaluateStore(reader: Reader, truthPath: string): Promise<Evaluation> {
  const truth = await readClusters(truthPath);
  const found = new Map((await listPartition(reader)).map(({ id, person }) => [id, person]));
  return evaluatePartition(truth, found);
}

/** A file of clusters (`id,cluster`) against the truth; no store is needed. */
export async function evaluateFile(clustersPath: string, truthPath: string): Promise<Evaluation> {
  return evaluatePartition(await readClusters(truthPath), await readClusters(clustersPath));
}

async function readClusters(path: string): Promise<ReadonlyMap<string, string>> {
  const rows = readTable(await readFile(path), { name: path, columns: ["id", "cluster"] });
  return new Map(rows.map(([id = "", cluster = ""]) => [id, cluster]));
}
