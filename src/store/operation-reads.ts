/** How the store is doing, in numbers: for metrics and health checks. Counts and pipeline names only. */
import type { Reader } from "./database.ts";

export interface PipelineNumbers {
  readonly pipeline: string;
  /** End of the last run that committed or found nothing new; null when there was none. */
  readonly lastSuccess: Date | null;
  /** Read = loaded + unchanged + quarantined. */
  readonly read: number;
  readonly loaded: number;
  readonly unchanged: number;
  readonly quarantined: number;
  /** Physical lines of committed files, by what they were. */
  readonly lines: Readonly<Record<LineKind, number>>;
  /** Runs by how they ended; dry runs left out. */
  readonly runs: Readonly<Record<string, number>>;
}

export type LineKind = "header" | "layout" | "blank" | "record";

export interface OperationNumbers {
  readonly pipelines: readonly PipelineNumbers[];
  readonly activePersons: number;
  readonly openReviews: number;
  readonly openQuarantine: number;
}

const isDryRun = "coalesce((detail->>'dryRun')::boolean, false)";

/** Sums over all runs; a run under way counts with what it has committed. */
export async function readOperationNumbers(reader: Reader): Promise<OperationNumbers> {
  const pipelines = await reader.rows<PipelineRow>(`
    select pipeline, max(ended_at) filter (where kind <> 'undo' and status in ('succeeded', 'unchanged') and not ${isDryRun}) as last_success,
      sum(read)::float8 as read, sum(loaded)::float8 as loaded, sum(unchanged)::float8 as unchanged,
      sum(quarantined)::float8 as quarantined,
      (select jsonb_object_agg(status, number) from (
        select status, count(*) as number from pipeline_run r
        where r.pipeline = p.pipeline and not ${isDryRun} group by status) by_status) as runs
    from pipeline_run p group by pipeline order by pipeline`);
  const lines = await reader.rows<LinesRow>(`
    select pipeline, sum(header_lines)::float8 as header, sum(jsonb_array_length(layout_lines))::float8 as layout,
      sum(blank_lines)::float8 as blank, sum(record_lines)::float8 as record
    from source_file group by pipeline`);
  const linesOf = new Map(lines.map(({ pipeline, ...kinds }) => [pipeline, kinds]));
  const [counts] = await reader.rows<CountRow>(`
    select (select count(*) from person where state = 'active') as persons,
      (select count(*) from review where state = 'open') as reviews,
      (select count(*) from quarantine where state = 'open') as quarantined`);
  return {
    pipelines: pipelines.map((row) => ({
      pipeline: row.pipeline,
      lastSuccess: row.last_success,
      read: row.read,
      loaded: row.loaded,
      unchanged: row.unchanged,
      quarantined: row.quarantined,
      lines: linesOf.get(row.pipeline) ?? { header: 0, layout: 0, blank: 0, record: 0 },
      runs: row.runs ?? {},
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
  readonly read: number;
  readonly loaded: number;
  readonly unchanged: number;
  readonly quarantined: number;
  readonly runs: Readonly<Record<string, number>> | null;
}

interface LinesRow extends Readonly<Record<LineKind, number>> {
  readonly pipeline: string;
}

interface CountRow {
  readonly persons: bigint;
  readonly reviews: bigint;
  readonly quarantined: bigint;
}
