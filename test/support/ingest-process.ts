/** An ingest in a process of its own, for tests that kill it: stands still at the second batch and says so. */
import { writeSync } from "node:fs";
import { parse } from "yaml";
import { ingest } from "../../src/pipelines/ingest.ts";
import { pipelineSchema } from "../../src/pipelines/pipeline-file.ts";
import { Database, type StoreAddress } from "../../src/store/database.ts";
import { aRunContext, everyDefault } from "./ingest-context.ts";

interface Task {
  readonly address: StoreAddress;
  readonly folder: string;
  readonly yaml: string;
}

const { address, folder, yaml } = JSON.parse(process.argv[2] ?? "") as Task;
const silent = () => undefined;
let reports = 0;
const context = {
  ...aRunContext(await Database.connect(address), {
    folder,
    signal: new AbortController().signal,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  }),
  progress: {
    report() {
      reports += 1;
      if (reports !== 2) return;
      writeSync(1, "in mid-file\n");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
    },
    finish: silent,
  },
};
const pipeline = { ...pipelineSchema.parse(parse(yaml)), path: `${folder}/pipeline.yaml`, folder };
await ingest(pipeline, everyDefault, context);
