/** A thread that stages blocks of one CSV file: given its setting once, then a task at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { HimsError } from "../platform/errors.ts";
import type { WorkerAnswer } from "./csv-block-pool.ts";
import { type CsvBlockSetting, CsvBlockStager, type CsvBlockTask } from "./csv-block-stage.ts";

if (parentPort === null) throw new Error("this file is the body of a worker thread");
const port = parentPort;
const stager = new CsvBlockStager(workerData as CsvBlockSetting);

port.on("message", (task: CsvBlockTask) => {
  const { answer, moved } = answerTo(task);
  port.postMessage(answer, moved);
});

function answerTo(task: CsvBlockTask): { answer: WorkerAnswer; moved: ArrayBuffer[] } {
  try {
    const block = { ...task.block, bytes: Buffer.from(task.block.bytes) };
    const outcome = stager.stage({ ...task, block });
    return { answer: { outcome }, moved: buffersOf(outcome.staged) };
  } catch (error) {
    if (!(error instanceof HimsError)) throw error;
    // An error's class does not cross threads; what it says does.
    const { code, kind, message, hint, at } = error;
    return { answer: { refusal: { code, kind, message, hint, at } }, moved: [] };
  }
}

/** Moved instead of copied, where a view is all there is of its buffer. */
function buffersOf({
  claims,
  events,
  chunk,
}: {
  claims: Uint8Array;
  events: Uint8Array;
  chunk: { bytes: Uint8Array } | null;
}): ArrayBuffer[] {
  return [claims, events, ...(chunk === null ? [] : [chunk.bytes])].flatMap(
    ({ buffer, byteLength }) =>
      buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0
        ? [buffer]
        : [],
  );
}
