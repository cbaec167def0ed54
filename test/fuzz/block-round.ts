/** A CSV file through the blocks that ingestion stages, cut anywhere: they must come to what the ordinary way gives. */
import { isDeepStrictEqual } from "node:util";
import { csvFile, readCsvBlocks } from "../../src/connectors/csv-file.ts";
import {
  type ByteBlock,
  type CsvLine,
  linesOf,
  type TextForm,
} from "../../src/connectors/csv-lines.ts";
import {
  type BlockRunner,
  openBlockRunner,
  stageBlocks,
} from "../../src/pipelines/csv-block-pool.ts";
import type { CsvPipeline } from "../../src/pipelines/pipeline-file.ts";
import { RowReading, refuseAadhaarColumn } from "../../src/pipelines/record-reading.ts";
import {
  BlockStage,
  rawHashOf,
  type StagedBlock,
  type StageSetting,
} from "../../src/pipelines/staged-block.ts";
import { HimsError } from "../../src/platform/errors.ts";
import type { FacilityId, SourceFileId } from "../../src/platform/ids.ts";
import { aadhaarSpans } from "../../src/records/aadhaar.ts";
import { mappedColumns } from "../../src/records/field-map.ts";
import { AadhaarWatch } from "../../src/records/mask-row.ts";
import { openChunk } from "../../src/store/raw-archive.ts";
import { allOf, type FileReading, fileOf, readingPlace } from "../support/file-reading.ts";
import type { Draw } from "./mutation.ts";

/** An Aadhaar number with its separators is shorter. */
const reach = 60;
/** From so many bytes on a file is staged in threads. */
const forThreads = 1 << 30;

interface BlockJob {
  readonly pipeline: CsvPipeline;
  readonly bytes: Buffer;
  readonly setting: StageSetting;
  readonly draw: Draw;
  readonly inThreads: boolean;
}

/** Says where blocks and the ordinary way differ; `reading` is what was read of the file before. */
export async function blockFaults(
  reading: FileReading,
  job: Omit<BlockJob, "setting">,
): Promise<readonly string[]> {
  // Some records load that waited in quarantine.
  const waiting = reading.outcomes.filter((_, index) => index % 3 === 0);
  const openHashes = new Set(
    waiting.map(({ place: { offset, length } }) =>
      rawHashOf(reading.archived.subarray(offset, offset + length)),
    ),
  );
  const facilityId = readingPlace.facility.id as FacilityId;
  const fileId = "00000000-0000-0000-0000-000000000000" as SourceFileId;
  const archive = { fileId, key: Buffer.alloc(32) };
  const setting = { mapSource: "p:1", facilityId, openHashes, archive };
  const whole = await told(ordinaryWay({ ...job, setting }), setting);
  const parts = await told(inBlocks({ ...job, setting }), setting);
  return Object.keys(whole)
    .filter((key) => !isDeepStrictEqual(Reflect.get(whole, key), Reflect.get(parts, key)))
    .map(
      (key) => `blocks differ from the ordinary way in ${key}${job.inThreads ? " (threads)" : ""}`,
    );
}

function readingOf({ pipeline, bytes }: BlockJob) {
  const { encoding, delimiter, header } = pipeline.source;
  const expectedColumns = mappedColumns([pipeline.fields, ...pipeline.events]);
  const { signal } = new AbortController();
  return { file: fileOf(bytes), options: { encoding, delimiter, header }, expectedColumns, signal };
}

async function* ordinaryWay(job: BlockJob): AsyncGenerator<StagedBlock> {
  const { file, options, ...connection } = readingOf(job);
  const rows = new RowReading(job.pipeline, readingPlace);
  let seq = 0;
  for await (const batch of csvFile.read(file, options, { ...connection, batchSize: 5 })) {
    const bytes = Buffer.from(batch.bytes);
    const stage = new BlockStage(job.setting, { bytes, offset: batch.offset });
    for (const record of rows.read(batch, bytes)) stage.add(record, record.raw.place.offset);
    yield stage.end(batch, { seq, length: bytes.length });
    seq += 1;
  }
  rows.end();
}

async function* inBlocks(job: BlockJob): AsyncGenerator<StagedBlock> {
  const { file, ...reading } = readingOf(job);
  const found = await allOf(readCsvBlocks(file, reading));
  const [first] = found;
  if (first === undefined) return;
  const { form, layout } = first;
  const blocks = found.flatMap(({ block }) =>
    cutAnywhere(block, { form, headerEnd: layout.headerEnd, draw: job.draw }),
  );
  const { pipeline, setting, draw } = job;
  const blockSetting = { ...setting, pipeline, place: readingPlace, form, layout };
  await using opened = openBlockRunner(blockSetting, job.inThreads ? forThreads : 0);
  const runner: BlockRunner = {
    run: (task) => opened.run(task),
    ahead: opened.ahead + draw(3),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const watch = new AadhaarWatch();
  for await (const outcome of stageBlocks(each(blocks), runner)) {
    watch.add(outcome.watch);
    yield outcome.staged;
  }
  refuseAadhaarColumn(watch, layout.columns, file.name);
}

/** The header stays in one block, as it does in the first of every file. */
function cutAnywhere(
  block: ByteBlock,
  { form, headerEnd, draw }: { form: TextForm; headerEnd: number; draw: Draw },
): readonly ByteBlock[] {
  const lines = linesOf(block, form);
  const often = 1 + draw(Math.max(4, lines.length / 2));
  const blocks: ByteBlock[] = [];
  let first = lines[0];
  for (const [index, next] of [...lines.slice(1), null].entries()) {
    const line = lines[index];
    if (first === undefined || line === undefined) continue;
    const mayEnd = line.line >= headerEnd && draw(often) === 0 && !parts(lines, index + 1);
    if (next !== null && !mayEnd) continue;
    const start = first.offset - block.offset;
    const end = line.offset + line.length - block.offset;
    const skip = start === 0 ? block.skip : 0;
    blocks.push({
      bytes: block.bytes.subarray(start, end),
      offset: first.offset,
      line: first.line,
      skip,
    });
    first = next ?? undefined;
  }
  return blocks;
}

/**
 * True where an Aadhaar number would go on over the line end, between two lines that may both be broken: it is masked
 * only where one block holds all of it (docs/explanation/broken-files.md).
 */
function parts(lines: readonly CsvLine[], at: number): boolean {
  const textOf = (some: readonly CsvLine[]) => some.map(({ text }) => text).join("\n");
  const before = `${textOf(lines.slice(Math.max(0, at - 3), at))}\n`.slice(-reach);
  const after = textOf(lines.slice(at, at + 3)).slice(0, reach);
  return aadhaarSpans(before + after).some(
    ({ start, end }) => start < before.length && end > before.length,
  );
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** All that was staged, however it was cut. */
async function told(blocks: AsyncGenerator<StagedBlock>, setting: StageSetting) {
  const taken: StagedBlock[] = [];
  let refusedBy: string | null = null;
  try {
    for await (const block of blocks) taken.push(block);
  } catch (error) {
    if (!(error instanceof HimsError)) throw error;
    refusedBy = `${error.code}: ${error.message}`;
  }
  // What is staged of a file that is refused in the end depends on where it was cut, and is rolled back.
  const isWhole = refusedBy === null;
  return { refusedBy, ...(isWhole ? sumOf(taken, setting) : {}) };
}

function sumOf(blocks: readonly StagedBlock[], { archive }: StageSetting) {
  const total = (numberOf: (block: StagedBlock) => number) =>
    blocks.reduce((sum, block) => sum + numberOf(block), 0);
  const joined = (bytesOf: (block: StagedBlock) => Uint8Array) =>
    Buffer.concat(blocks.map(bytesOf)).toString();
  const counts = (of: (block: StagedBlock) => ReadonlyMap<string, number>) => {
    const sums = new Map<string, number>();
    for (const [key, times] of blocks.flatMap((block) => [...of(block)]))
      sums.set(key, (sums.get(key) ?? 0) + times);
    return sums;
  };
  return {
    read: total(({ read }) => read),
    staged: total(({ staged }) => staged),
    stagedEvents: total(({ stagedEvents }) => stagedEvents),
    claims: joined(({ claims }) => claims),
    events: joined(({ events }) => events),
    rejects: blocks.flatMap(({ rejects }) => rejects),
    closable: blocks.flatMap(({ closable }) => closable),
    merges: blocks.flatMap(({ merges }) => merges),
    warnings: counts(({ warnings }) => warnings),
    landedOnly: counts(({ landedOnly }) => landedOnly),
    headerLines: total(({ lines }) => lines.headerLines),
    blankLines: total(({ lines }) => lines.blankLines),
    recordLines: total(({ lines }) => lines.recordLines),
    layoutLines: blocks.flatMap(({ lines }) => lines.layoutLines),
    columns: blocks[0]?.columns ?? null,
    encoding: blocks[0]?.encoding ?? null,
    end: blocks.at(-1)?.end ?? 0,
    archived: blocks
      .map(({ chunk }) =>
        chunk === null || archive === null
          ? ""
          : openChunk(chunk.bytes, archive.key, archive.fileId, chunk.seq).toString("latin1"),
      )
      .join(""),
  };
}
