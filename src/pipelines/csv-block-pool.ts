/** Who stages the blocks of a CSV file: worker threads for a large one, this thread for a small one. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type ByteBlock, joinBlocks } from "../connectors/csv-lines.ts";
import { HimsError, type HimsErrorOptions } from "../platform/errors.ts";
import { workerFile } from "../platform/worker-file.ts";
import {
  type CsvBlockOutcome,
  type CsvBlockSetting,
  CsvBlockStager,
  type CsvBlockTask,
} from "./csv-block-stage.ts";

export interface BlockRunner extends AsyncDisposable {
  run(task: CsvBlockTask): Promise<CsvBlockOutcome>;
  /** Blocks that may be under way while the first of them is waited for. */
  readonly ahead: number;
}

/** What a worker thread says to a task. */
export type WorkerAnswer =
  /** With the memory that the block came in. */
  | { readonly outcome: CsvBlockOutcome; readonly spent: ArrayBuffer }
  | {
      readonly refusal: Pick<HimsError, "code" | "kind" | "message" | "hint" | "at">;
    };

/** Starting threads costs what reading so many bytes does. */
const worthThreadsBytes = 6 << 20;
/** Each thread has a heap of its own: more of them would need more memory than reading is worth. */
const mostThreads = 4;
/** For each thread: none should wait while the store takes in a block, or while an earlier block is slow. */
const blocksAhead = 3;
/** So that a thread need not wait for this one between two blocks. */
const tasksPerThread = 2;
/** Blocks that are kept for use again; a block of the same file is hardly ever longer than the first by more than the slack. */
const mostSpares = 16;
const slack = 1.25;
/** MB; a block and what becomes of it need far less. */
const threadHeap = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 };

/** Threads for a file of so many bytes, or none. */
export function openBlockRunner(setting: CsvBlockSetting, bytes: number): BlockRunner {
  const threads = Math.min(mostThreads, availableParallelism());
  return bytes < worthThreadsBytes || threads < 2
    ? new OwnThread(setting)
    : new BlockPool(setting, threads);
}

/**
 * Stages blocks in their order. A block that ends inside a quoted cell gives its last lines to the next one,
 * which is then staged again with them: rare, and exactly what reading from the start would have given.
 */
export async function* stageBlocks(
  blocks: AsyncIterable<ByteBlock>,
  runner: BlockRunner,
): AsyncGenerator<CsvBlockOutcome> {
  const underWay: { block: ByteBlock; seq: number; outcome: Promise<CsvBlockOutcome> }[] = [];
  let rest: ByteBlock | null = null;
  let seq = 0;
  const begin = (block: ByteBlock, number: number) => {
    const outcome = runner.run({ block, seq: number, isLast: false });
    // Awaited when its turn comes; until then a failure must not count as unhandled.
    outcome.catch(() => undefined);
    return { block, seq: number, outcome };
  };
  const settleFirst = async (): Promise<CsvBlockOutcome[]> => {
    const outcome = await underWay.shift()?.outcome;
    if (outcome === undefined) return [];
    const [next] = underWay;
    if (outcome.rest !== null && next !== undefined)
      underWay[0] = begin(joinBlocks(outcome.rest, next.block), next.seq);
    else rest = outcome.rest;
    return [outcome];
  };
  for await (const block of blocks) {
    underWay.push(begin(rest === null ? block : joinBlocks(rest, block), seq));
    rest = null;
    seq += 1;
    if (underWay.length > runner.ahead) yield* await settleFirst();
  }
  while (underWay.length > 0) yield* await settleFirst();
  if (rest !== null) yield await runner.run({ block: rest, seq, isLast: true });
}

class OwnThread implements BlockRunner {
  readonly ahead = 0;
  private readonly stager: CsvBlockStager;

  constructor(setting: CsvBlockSetting) {
    this.stager = new CsvBlockStager(setting);
  }

  async run(task: CsvBlockTask): Promise<CsvBlockOutcome> {
    return this.stager.stage(task);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

interface Waiting {
  readonly task: CsvBlockTask;
  readonly resolve: (outcome: CsvBlockOutcome) => void;
  readonly reject: (error: unknown) => void;
}

class BlockPool implements BlockRunner {
  readonly ahead: number;
  private readonly threads: BlockThread[];
  private readonly queue: Waiting[] = [];

  constructor(setting: CsvBlockSetting, threads: number) {
    this.ahead = threads * blocksAhead;
    const memory = { blocks: new SpareMemory(), claims: new SpareMemory() };
    this.threads = Array.from({ length: threads }, () => new BlockThread(setting, memory));
  }

  run(task: CsvBlockTask): Promise<CsvBlockOutcome> {
    return new Promise((resolve, reject) => {
      this.queue.push({ task, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    const [least] = this.threads.toSorted((a, b) => a.tasks - b.tasks);
    if (least === undefined || least.tasks >= tasksPerThread) return;
    const waiting = this.queue.shift();
    if (waiting === undefined) return;
    least
      .stage(waiting.task)
      .then(waiting.resolve, waiting.reject)
      .finally(() => this.next());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.end()));
  }
}

/** Memory that goes from thread to thread and back: garbage collection follows large buffers, however few objects there are. */
class SpareMemory {
  private readonly spares: ArrayBuffer[] = [];

  give(memory: ArrayBuffer): void {
    if (this.spares.length < mostSpares) this.spares.push(memory);
  }

  /** Of at least so many bytes; null where there is none. */
  take(bytes: number): ArrayBuffer | null {
    const found = this.spares.findIndex((memory) => memory.byteLength >= bytes);
    return found === -1 ? null : (this.spares.splice(found, 1)[0] ?? null);
  }
}

interface PoolMemory {
  readonly blocks: SpareMemory;
  readonly claims: SpareMemory;
}

/** One worker thread; it takes its tasks in order. */
class BlockThread {
  private readonly worker: Worker;
  private readonly memory: PoolMemory;
  private readonly waiting: Waiting[] = [];
  private failure: unknown = null;

  constructor(setting: CsvBlockSetting, memory: PoolMemory) {
    this.memory = memory;
    this.worker = new Worker(workerFile("pipelines/csv-block-worker"), {
      workerData: setting,
      resourceLimits: threadHeap,
    });
    this.worker.on("message", (answer: WorkerAnswer) => this.answered(answer));
    // A thread that breaks down is a bug, or out of memory: the file is rolled back.
    this.worker.on("error", (error) => {
      this.failure = error;
      for (const { reject } of this.waiting.splice(0)) reject(error);
    });
  }

  get tasks(): number {
    return this.waiting.length;
  }

  stage(task: CsvBlockTask): Promise<CsvBlockOutcome> {
    if (this.failure !== null) return Promise.reject(this.failure);
    return new Promise<CsvBlockOutcome>((resolve, reject) => {
      this.waiting.push({ task, resolve, reject });
      const bytes = this.copyOf(task.block.bytes);
      const spare = this.memory.claims.take(1);
      const moved = spare === null ? [bytes.buffer] : [bytes.buffer, spare];
      this.worker.postMessage({ ...task, block: { ...task.block, bytes }, spare }, moved);
    });
  }

  /** The block's bytes may be needed once more, so that a copy goes. */
  private copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const memory =
      this.memory.blocks.take(bytes.length) ?? new ArrayBuffer(Math.ceil(bytes.length * slack));
    const copy = new Uint8Array(memory, 0, bytes.length);
    copy.set(bytes);
    return copy;
  }

  private answered(answer: WorkerAnswer): void {
    const first = this.waiting.shift();
    if ("refusal" in answer) {
      first?.reject(errorOf(answer.refusal));
      return;
    }
    this.memory.blocks.give(answer.spent);
    first?.resolve(this.received(answer.outcome));
  }

  /** Buffers come out of a thread as plain arrays of bytes. */
  private received(outcome: CsvBlockOutcome): CsvBlockOutcome {
    const { rest, staged } = outcome;
    const { buffer } = staged.claims;
    const release = () => {
      if (buffer instanceof ArrayBuffer) this.memory.claims.give(buffer);
    };
    return {
      ...outcome,
      staged: { ...staged, release },
      rest: rest === null ? null : { ...rest, bytes: bufferOf(rest.bytes) },
    };
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function errorOf({
  code,
  kind,
  message,
  hint,
  at,
}: Extract<WorkerAnswer, { refusal: unknown }>["refusal"]): HimsError {
  const options: HimsErrorOptions = { kind, message, hint, ...(at === null ? {} : { at }) };
  return new HimsError(code, options);
}
