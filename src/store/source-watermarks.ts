/** How far each pipeline has read a source that only grows. */
import type { Reader, Transaction } from "./database.ts";
import type { OpenRun } from "./runs.ts";

/** The last value that was read and committed, as text; null before the first run. */
export async function findWatermark(reader: Reader, pipeline: string): Promise<string | null> {
  const [row] = await reader.rows<{ value: string }>(
    "select value from source_watermark where pipeline = $1",
    [pipeline],
  );
  return row?.value ?? null;
}

/** Moves on in the transaction that commits what was read up to there. */
export async function saveWatermark(
  tx: Transaction,
  run: Pick<OpenRun, "runId" | "pipeline">,
  read: { readonly value: string; readonly at: Date },
): Promise<void> {
  await tx.rows(
    `insert into source_watermark (pipeline, value, run_id, read_at) values ($1, $2, $3, $4)
     on conflict (pipeline) do update set value = excluded.value, run_id = excluded.run_id, read_at = excluded.read_at`,
    [run.pipeline, read.value, run.runId, read.at],
  );
}

/** A query begins anew after an undo: which rows the run had brought is not told by where it ended. Known rows stay unchanged. */
export async function forgetWatermark(tx: Transaction, pipeline: string): Promise<void> {
  await tx.rows("delete from source_watermark where pipeline = $1", [pipeline]);
}
