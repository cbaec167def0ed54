/** A thread that stages blocks of one CSV file: given its setting once, then a task at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { HimsError } from "../platform/errors.ts";
import type { WorkerAnswer } from "./csv-block-pool.ts";
import { type CsvBlockSetting, CsvBlockStager, type CsvBlockTask } from "./csv-block-stage.ts";
import type { StagedBlock } from "./staged-block.ts";

if (parentPort === null) throw new Error("this file is the body of a worker thread");
const port = parentPort;
const stager = new CsvBlockStager(workerData as CsvBlockSetting);

port.on("message", (task: CsvBlockTask) => {
  const { answer, moved } = answerTo(task);
  port.postMessage(answer, moved);
});

function answerTo(task: CsvBlockTask): { answer: WorkerAnswer; moved: ArrayBuffer[] } {
  const { buffer, byteOffset, byteLength } = task.block.bytes;
  const spent = buffer instanceof ArrayBuffer ? buffer : new ArrayBuffer(0);
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  try {
    // The bytes were copied on their way here.
    const outcome = stager.stage({ ...task, block: { ...task.block, bytes }, isOwn: true });
    return { answer: { outcome, spent }, moved: [...buffersOf(outcome.staged), spent] };
  } catch (error) {
    if (!(error instanceof HimsError)) throw error;
    // An error's class does not cross threads; what it says does.
    const { code, kind, message, hint, at } = error;
    return { answer: { refusal: { code, kind, message, hint, at } }, moved: [] };
  }
}

/** Moved instead of copied: nothing else stands in the memory of what is staged. */
function buffersOf({ claims, events, chunk }: StagedBlock): ArrayBuffer[] {
  return [claims, events, ...(chunk === null ? [] : [chunk.bytes])].flatMap(
    ({ buffer, byteLength }) => (buffer instanceof ArrayBuffer && byteLength > 0 ? [buffer] : []),
  );
}
