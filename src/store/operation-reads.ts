/** How the store is doing, in numbers: for metrics and health checks. Counts and pipeline names only. */
import type { Reader } from "./database.ts";

export interface PipelineNumbers {
  readonly pipeline: string;
  /** End of the last run that committed or found nothing new; null when there was none. */
  readonly lastSuccess: Date | null;
  readonly loaded: number;
  readonly unchanged: number;
  readonly quarantined: number;
}

export interface OperationNumbers {
  readonly pipelines: readonly PipelineNumbers[];
  readonly activePersons: number;
  readonly openReviews: number;
  readonly openQuarantine: number;
}

/** Sums over all runs; a run under way counts with what it has committed. */
export async function readOperationNumbers(reader: Reader): Promise<OperationNumbers> {
  const pipelines = await reader.rows<PipelineRow>(`
    select pipeline, max(ended_at) filter (where kind <> 'undo' and status in ('succeeded', 'unchanged')) as last_success,
      sum(loaded)::bigint as loaded, sum(unchanged)::bigint as unchanged, sum(quarantined)::bigint as quarantined
    from pipeline_run group by pipeline order by pipeline`);
  const [counts] = await reader.rows<CountRow>(`
    select (select count(*) from person where state = 'active') as persons,
      (select count(*) from review where state = 'open') as reviews,
      (select count(*) from quarantine where state = 'open') as quarantined`);
  return {
    pipelines: pipelines.map((row) => ({
      pipeline: row.pipeline,
      lastSuccess: row.last_success,
      loaded: Number(row.loaded),
      unchanged: Number(row.unchanged),
      quarantined: Number(row.quarantined),
    })),
    activePersons: Number(counts?.persons ?? 0),
    openReviews: Number(counts?.reviews ?? 0),
    openQuarantine: Number(counts?.quarantined ?? 0),
  };
}

/** Answers when the database does. @throws whatever the connection fails with */
export async function pingStore(reader: Reader): Promise<void> {
  await reader.rows("select 1");
}

interface PipelineRow {
  readonly pipeline: string;
  readonly last_success: Date | null;
  readonly loaded: bigint;
  readonly unchanged: bigint;
  readonly quarantined: bigint;
}

interface CountRow {
  readonly persons: bigint;
  readonly reviews: bigint;
  readonly quarantined: bigint;
}
