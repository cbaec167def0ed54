/** A whole file as staged blocks, in its order. */
import type { Hash } from "node:crypto";
import type { SourceFile } from "../connectors/connector.ts";
import { type CsvBlock, readCsvBlocks } from "../connectors/csv-file.ts";
import { type ByteBlock, countLines } from "../connectors/csv-lines.ts";
import { mappedColumns } from "../records/field-map.ts";
import { AadhaarWatch } from "../records/mask-row.ts";
import { type BlockRunner, openBlockRunner, stageBlocks } from "./csv-block-pool.ts";
import { fileBatches } from "./file-batches.ts";
import type { CsvPipeline, Hl7Pipeline } from "./pipeline-file.ts";
import { MessageReading, type ReadingPlace, refuseAadhaarColumn } from "./record-reading.ts";
import { BlockStage, type StagedBlock, type StageSetting } from "./staged-block.ts";

interface FileReading<Pipeline> {
  readonly pipeline: Pipeline;
  readonly file: SourceFile;
  readonly place: ReadingPlace;
  readonly setting: StageSetting;
  /** Fed with the bytes that were read. */
  readonly digest: Hash;
  readonly signal: AbortSignal;
  readonly witness: ReadingWitness;
}

/** Told what a CSV file is, apart from those who stage its blocks. */
export interface ReadingWitness {
  /** Before the first row is staged. @throws HimsError to refuse the file */
  seeColumns(columns: readonly string[]): void;
  /** At the end: physical lines, counted by what ends them. */
  seeLines(total: number): void;
}

/** @throws HimsError when the file as a whole must be refused, at its end at the latest */
export async function* stageCsvFile(
  reading: FileReading<CsvPipeline>,
): AsyncGenerator<StagedBlock> {
  const { pipeline, file, place, setting, signal } = reading;
  const { encoding, delimiter, header } = pipeline.source;
  const expectedColumns = mappedColumns([pipeline.fields, ...pipeline.events]);
  const options = { encoding, delimiter, header };
  const blocks = readCsvBlocks(file, { options, expectedColumns, signal });
  // The first block tells the layout, which those who stage it must know.
  const first = await blocks.next();
  if (first.done === true) return;
  const { form, layout } = first.value;
  reading.witness.seeColumns(layout.columns);
  await using runner = openBlockRunner({ ...setting, pipeline, place, form, layout }, file.bytes);
  const watch = new AadhaarWatch();
  const bytes = hashed(first.value, blocks, reading);
  yield* watched(bytes, runner, watch);
  refuseAadhaarColumn(watch, layout.columns, file.name);
}

async function* hashed(
  { block: first, form }: CsvBlock,
  others: AsyncIterable<CsvBlock>,
  { digest, witness }: Pick<FileReading<CsvPipeline>, "digest" | "witness">,
): AsyncGenerator<ByteBlock> {
  digest.update(first.bytes);
  yield first;
  let last = first;
  for await (const { block } of others) {
    digest.update(block.bytes);
    yield block;
    last = block;
  }
  witness.seeLines(last.line - 1 + countLines(last.bytes, form));
}

async function* watched(
  blocks: AsyncIterable<ByteBlock>,
  runner: BlockRunner,
  watch: AadhaarWatch,
): AsyncGenerator<StagedBlock> {
  for await (const outcome of stageBlocks(blocks, runner)) {
    watch.add(outcome.watch);
    yield outcome.staged;
  }
}

/** @throws HimsError when the file as a whole must be refused, at its end at the latest */
export async function* stageHl7File(
  reading: FileReading<Hl7Pipeline>,
): AsyncGenerator<StagedBlock> {
  const { pipeline, file, place, setting, signal } = reading;
  const records = new MessageReading(place);
  let read = 0;
  let seq = 0;
  for await (const batch of fileBatches(pipeline, file, signal)) {
    reading.digest.update(batch.bytes);
    const bytes = Buffer.from(batch.bytes);
    const stage = new BlockStage(setting, { bytes, offset: batch.offset });
    for (const record of records.read(batch, bytes)) {
      stage.add(record, read);
      read += 1;
    }
    yield stage.end(batch, { seq, length: bytes.length });
    seq += 1;
  }
  records.end();
}
