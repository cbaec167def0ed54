/** The part of a pipeline file that decides what its rows become, kept with each file that was read by it. */
import { createHash } from "node:crypto";
import type { ReadingPlan } from "../store/reading-plans.ts";
import {
  type CsvPipeline,
  type Hl7Pipeline,
  type Pipeline,
  pipelineSchema,
} from "./pipeline-file.ts";

/** Never where the source is: that may hold secrets. */
export function readingPlanOf(pipeline: Pipeline): ReadingPlan {
  const body = "fields" in pipeline ? csvPlan(pipeline) : hl7Plan(pipeline);
  const hash = createHash("sha256").update(JSON.stringify(body)).digest("hex").slice(0, 32);
  return { hash, body };
}

function csvPlan({ version, name, source, record, fields, events }: CsvPipeline) {
  const { type, encoding, delimiter, header, dateOrder } = source;
  const read = { type, at: archived, encoding, delimiter, header, dateOrder };
  return { version, name, facility: archived, source: read, record, fields, events };
}

function hl7Plan({ version, name, source: { type, encoding } }: Hl7Pipeline) {
  return { version, name, facility: archived, source: { type, at: archived, encoding } };
}

/** Stands for the place of a source that is not asked any more. */
const archived = "archive";

/** A plan as a pipeline that can read again. @throws when the body was not written by `readingPlanOf` */
export function pipelineOfPlan(body: unknown): Pipeline {
  return pipelineSchema.parse(body);
}
