/** Prometheus metrics. Labels are pipeline names, route patterns and status codes: nothing of any person. */
import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { isConnectionLoss } from "../platform/failure.ts";
import type { Reader } from "../store/database.ts";
import {
  type OperationNumbers,
  type PipelineNumbers,
  readOperationNumbers,
} from "../store/operation-reads.ts";

const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Counts every request and answers `/metrics`, from this machine alone unless with a key of scope `metrics.read`. */
export function registerMetrics(app: FastifyInstance, reader: Reader): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: "hims_http_request_duration_seconds",
    help: "Time to answer a request.",
    labelNames: ["method", "route", "status"],
    buckets: durationBuckets,
    registers: [registry],
  });
  app.addHook("onResponse", async (request, reply) => {
    const route = request.is404 ? "unmatched" : (request.routeOptions.url ?? "unmatched");
    const labels = { method: request.method, route, status: reply.statusCode };
    durations.observe(labels, reply.elapsedTime / 1_000);
  });
  const gauges = makeGauges(registry);
  app.get("/metrics", {
    config: { access: { scope: "metrics.read", openTo: "loopback" } },
    schema: { tags: ["operations"], summary: "Prometheus metrics" },
    handler: async (_request, reply) => {
      showNumbers(gauges, await numbersOrNull(reader));
      return reply.type(registry.contentType).send(await registry.metrics());
    },
  });
}

type Gauges = ReturnType<typeof makeGauges>;

function makeGauges(registry: Registry) {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge<Label>({ name, help, labelNames: [...labelNames], registers: [registry] });
  return {
    up: gauge("hims_database_up", "1 while the database answers.", []),
    lastSuccess: gauge(
      "hims_pipeline_last_success_timestamp_seconds",
      "End of a pipeline's last run that succeeded or found nothing new.",
      ["pipeline"],
    ),
    rows: gauge(
      "hims_pipeline_rows",
      "Records of all runs of a pipeline: read, and by where they came to rest (they add up to read).",
      ["pipeline", "outcome"],
    ),
    lines: gauge(
      "hims_pipeline_lines",
      "Physical lines of a pipeline's committed files: header, layout, blank, record.",
      ["pipeline", "kind"],
    ),
    runs: gauge("hims_pipeline_runs", "Runs of a pipeline by how they ended, dry runs left out.", [
      "pipeline",
      "status",
    ]),
    persons: gauge("hims_persons", "Active people in the master patient index.", []),
    reviews: gauge("hims_reviews_pending", "Pairs that wait for a person's decision.", []),
    quarantine: gauge("hims_quarantine_open", "Records in quarantine.", []),
  };
}

/** A scrape must also succeed while the database is away: that is when somebody looks. */
async function numbersOrNull(reader: Reader): Promise<OperationNumbers | null> {
  try {
    return await readOperationNumbers(reader);
  } catch (error) {
    if (isConnectionLoss(error)) return null;
    throw error;
  }
}

function showNumbers(gauges: Gauges, numbers: OperationNumbers | null): void {
  gauges.up.set(numbers === null ? 0 : 1);
  if (numbers === null) return;
  for (const gauge of [gauges.rows, gauges.lines, gauges.runs, gauges.lastSuccess]) gauge.reset();
  for (const numbersOf of numbers.pipelines) showPipeline(gauges, numbersOf);
  gauges.persons.set(numbers.activePersons);
  gauges.reviews.set(numbers.openReviews);
  gauges.quarantine.set(numbers.openQuarantine);
}

function showPipeline(gauges: Gauges, numbers: PipelineNumbers): void {
  const { pipeline, lastSuccess, read, loaded, unchanged, quarantined } = numbers;
  if (lastSuccess !== null) gauges.lastSuccess.set({ pipeline }, lastSuccess.getTime() / 1_000);
  for (const [outcome, rows] of Object.entries({ read, loaded, unchanged, quarantined }))
    gauges.rows.set({ pipeline, outcome }, rows);
  for (const [kind, lines] of Object.entries(numbers.lines))
    gauges.lines.set({ pipeline, kind }, lines);
  for (const [status, runs] of Object.entries(numbers.runs))
    gauges.runs.set({ pipeline, status }, runs);
}
