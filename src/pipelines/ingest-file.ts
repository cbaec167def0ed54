/** One file of a facility into the store: read, masked, landed, normalized, staged, settled, accounted for. One transaction. */
import { createHash, hash, randomUUID } from "node:crypto";
import type { MergeClaim, SourceFacts } from "../clinical/source-facts.ts";
import type { RawBatch, SourceFile } from "../connectors/connector.ts";
import { csvFile } from "../connectors/csv-file.ts";
import { hl7File } from "../connectors/hl7-file.ts";
import { dayIn } from "../platform/calendar-day.ts";
import { HimsError } from "../platform/errors.ts";
import type { SourceFileId } from "../platform/ids.ts";
import { maskAadhaar } from "../records/aadhaar.ts";
import { mappedColumns } from "../records/field-map.ts";
import type { Problem } from "../records/problem.ts";
import { columnKey } from "../records/row-reader.ts";
import type { Transaction } from "../store/database.ts";
import { saveMerges } from "../store/decisions.ts";
import type { Facility } from "../store/facilities.ts";
import {
  closeLoaded,
  listOpenHashes,
  quarantine,
  type Reject,
  supersedeLoaded,
} from "../store/quarantine.ts";
import { type FileKey, newFileKey, sealChunk } from "../store/raw-archive.ts";
import { advanceRun, assertBalanced, type OpenRun, type RunCounts } from "../store/runs.ts";
import { settleEvents } from "../store/settle-events.ts";
import { settlePatients, worthAnalyzing } from "../store/settle-patients.ts";
import {
  type KnownFile,
  landChunks,
  listRecentReads,
  saveSourceFile,
} from "../store/source-files.ts";
import { createStage, StageLines } from "../store/stage.ts";
import { checkGates, checkLayout, type GateLimits, recentFiles } from "./file-gates.ts";
import { LineCount } from "./line-count.ts";
import type { PipelineFile } from "./pipeline-file.ts";
import { type ReadRecord, recordReading } from "./record-reading.ts";
import type { ReplayedItems } from "./replayed-items.ts";
import { givenOut, isGivenOut } from "./returned-rows.ts";
import type { RunContext } from "./run-context.ts";

export interface FileJob {
  readonly pipeline: PipelineFile;
  readonly facility: Facility;
  readonly file: SourceFile;
  readonly sha256: string;
  /** Set when this very content was committed before under this very map: then it is read and counted, and changes nothing. */
  readonly known: KnownFile | null;
  readonly mapSource: string;
  readonly run: OpenRun;
  readonly gates: GateLimits;
  /** Set when quarantined records are read again: their items are closed or stay open, and no new ones are opened. */
  readonly replay: ReplayedItems | null;
}

export interface IngestedFile extends RunCounts {
  /** The same bytes were committed before under the same map. */
  readonly isKnown: boolean;
  readonly layoutLines: number;
  readonly landedOnly: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
}

/** How many records cross the store's boundary at once. */
const batchRecords = 5_000;
const chunkBytes = 1 << 20;

/** @throws HimsError kind `gate` when more records are refused than the pipeline allows */
export async function ingestFile(
  tx: Transaction,
  job: FileJob,
  context: RunContext,
): Promise<IngestedFile> {
  // Files of one facility settle one after the other: two pipelines may feed the same records.
  await tx.rows("select pg_advisory_xact_lock(7212, hashtext($1))", [job.facility.id]);
  const ingest = new FileIngest(tx, job, context);
  await ingest.start();
  await ingest.readAll();
  // Settling a large file takes long: whoever interrupts it just before should not wait for it.
  context.signal.throwIfAborted();
  await ingest.checkGates();
  return ingest.settle();
}

class FileIngest {
  private readonly tx: Transaction;
  private readonly job: FileJob;
  private readonly context: RunContext;
  private readonly fileId = randomUUID() as SourceFileId;
  private readonly fileKey: FileKey;
  private openHashes: ReadonlySet<string> = new Set();
  private readonly closable: string[] = [];
  private readonly merges: (MergeClaim & { ordinal: number; line: number })[] = [];
  private readonly landedOnly = new Map<string, number>();
  private readonly warnings = new Map<string, number>();
  private readonly digest = createHash("sha256");
  private landed = { seq: 0, waiting: [] as Buffer[], bytes: 0 };
  private read = 0;
  private staged = 0;
  private stagedEvents = 0;
  private landedRecords = 0;
  private quarantined = 0;
  private lines = { header: 0, blank: 0, record: 0, layout: [] as number[] };
  private readonly physicalLines = new LineCount();
  private columns: readonly string[] | null = null;
  private encoding = "utf-8";

  constructor(tx: Transaction, job: FileJob, context: RunContext) {
    this.tx = tx;
    this.job = job;
    this.context = context;
    this.fileKey = newFileKey(context.storeKey, this.fileId);
  }

  async start(): Promise<void> {
    if (this.job.known === null) await createStage(this.tx);
    this.openHashes = await listOpenHashes(this.tx, this.job.pipeline.name);
  }

  async readAll(): Promise<void> {
    const { pipeline, facility, file } = this.job;
    const reading = recordReading(pipeline, {
      facility,
      fileName: file.name,
      fileDate: dayIn(this.job.known?.modifiedAt ?? file.modifiedAt, facility.timeZone),
      today: dayIn(this.context.clock.now(), facility.timeZone),
    });
    // The store takes one batch in while the next is read and normalized.
    let underWay: Promise<void> = Promise.resolve();
    try {
      for await (const batch of this.batches()) {
        const bytes = Buffer.from(batch.bytes);
        this.digest.update(batch.bytes);
        this.checkLayout(batch);
        const records = reading.read(batch, bytes);
        const work = this.accept(batch, bytes, records);
        await underWay;
        underWay = work();
        // Awaited in the next round; a failure must not be reported as unhandled meanwhile.
        underWay.catch(() => undefined);
        this.report(batch);
      }
    } finally {
      await underWay;
    }
    reading.end();
    await this.land(true);
    this.refuseChangedFile();
  }

  private batches(): AsyncIterable<RawBatch> {
    const { pipeline, file } = this.job;
    const connection = { signal: this.context.signal, batchSize: batchRecords };
    if (!("fields" in pipeline)) {
      const options =
        pipeline.source.encoding === "auto" ? {} : { encoding: pipeline.source.encoding };
      return hl7File.read(file, options, { ...connection, expectedColumns: [] });
    }
    const { encoding, delimiter, header } = pipeline.source;
    const expectedColumns = mappedColumns([pipeline.fields, ...pipeline.events]);
    return csvFile.read(file, { encoding, delimiter, header }, { ...connection, expectedColumns });
  }

  /** Counts a batch and prepares its lines; the returned work sends them. */
  private accept(
    batch: RawBatch,
    bytes: Buffer,
    records: readonly ReadRecord[],
  ): () => Promise<void> {
    const lines = new StageLines();
    const rejects: Reject[] = [];
    const firstOrdinal = this.read;
    let accepted = 0;
    for (const [index, record] of records.entries()) {
      const rawHash = this.rawHashOf(record, batch, bytes);
      if (!record.said.ok) {
        const { place } = record.raw;
        rejects.push({
          place,
          rawHash: rawHash ?? "",
          recordId: record.recordId,
          problems: record.said.reasons,
        });
        continue;
      }
      accepted += 1;
      this.job.replay?.accept(record.raw.place);
      if (rawHash !== null && this.openHashes.has(rawHash)) this.closable.push(rawHash);
      this.stage(record.said.value, {
        lines,
        ordinal: firstOrdinal + index,
        line: record.raw.place.line,
      });
    }
    assertBalanced({
      read: records.length,
      loaded: accepted,
      unchanged: 0,
      quarantined: rejects.length,
    });
    this.read += records.length;
    this.quarantined += rejects.length;
    this.countLines(batch);
    this.landed.waiting.push(bytes);
    this.landed.bytes += bytes.length;
    return async () => {
      if (this.job.known !== null) return;
      await lines.copy(this.tx);
      if (this.job.replay === null) await quarantine(this.tx, this.quarantineFile(), rejects);
      else await this.job.replay.refuse(this.tx, this.quarantineFile(), rejects);
      await this.land(false);
    };
  }

  private rawHashOf(record: ReadRecord, batch: RawBatch, bytes: Buffer): string | null {
    if (record.said.ok && this.openHashes.size === 0) return null;
    const start = record.raw.place.offset - batch.offset;
    const raw = bytes.subarray(start, start + record.raw.place.length);
    // The line end is no part of the content: the last line of a file may lack it.
    let end = raw.length;
    while (end > 0 && (raw[end - 1] === 0x0a || raw[end - 1] === 0x0d)) end -= 1;
    return hash("sha256", raw.subarray(0, end), "hex").slice(0, 32);
  }

  private stage(
    facts: SourceFacts,
    to: { lines: StageLines; ordinal: number; line: number },
  ): void {
    for (const warning of facts.warnings) count(this.warnings, warningKey(warning));
    if (facts.landedOnly !== null) {
      count(this.landedOnly, facts.landedOnly);
      this.landedRecords += 1;
      return;
    }
    this.staged += 1;
    const place = {
      ordinal: to.ordinal,
      line: to.line,
      messageTime: facts.messageTime,
      mapSource: this.job.mapSource,
    };
    for (const claim of facts.patients) {
      this.stagedEvents += claim.events.length;
      to.lines.add(claim, place);
    }
    for (const merge of facts.merges)
      this.merges.push({ ...merge, ordinal: to.ordinal, line: to.line });
  }

  /** Of two columns with one header the first is read: whoever mapped it should know. */
  private noteDoubleHeaders(columns: readonly string[]): void {
    const { pipeline } = this.job;
    if (!("fields" in pipeline)) return;
    const keys = new Set(columns.map(columnKey));
    for (const column of mappedColumns([pipeline.fields, ...pipeline.events]))
      if (keys.has(columnKey(`${column} (2)`))) count(this.warnings, `header_twice:${column}`);
  }

  /** Before the first row is read: in another layout no row means what it says. */
  private checkLayout({ columns }: RawBatch): void {
    const { pipeline, file, replay } = this.job;
    if (this.columns !== null || columns === null || replay !== null) return;
    if (isGivenOut(columns)) throw givenOut(file.name);
    if (!("fields" in pipeline) || pipeline.expect === undefined) return;
    for (const warning of checkLayout(pipeline.expect, columns, file.name))
      count(this.warnings, warning);
  }

  private countLines(batch: RawBatch): void {
    this.physicalLines.see(batch.bytes, batch.encoding);
    // A file without a header has a patient's row for one.
    if (this.columns === null) this.noteDoubleHeaders(batch.columns ?? []);
    this.columns ??= batch.columns?.map(maskAadhaar) ?? null;
    this.encoding = batch.encoding;
    this.lines.header += batch.lines.headerLines;
    this.lines.blank += batch.lines.blankLines;
    this.lines.record += batch.lines.recordLines;
    for (const line of batch.lines.layoutLines) this.lines.layout.push(line);
  }

  /** Seals whole chunks of what was read; at the end, the rest. */
  private async land(isEnd: boolean): Promise<void> {
    if (this.job.known !== null) return;
    const { waiting, bytes } = this.landed;
    if (bytes === 0 || (bytes < chunkBytes && !isEnd)) return;
    const { seq } = this.landed;
    this.landed = { seq: seq + 1, waiting: [], bytes: 0 };
    const sealed = sealChunk(Buffer.concat(waiting), this.fileKey.key, this.fileId, seq);
    await landChunks(this.tx, this.fileId, [{ seq, bytes: sealed }]);
  }

  /** The content that was hashed is the content that was loaded, or nothing is. */
  private refuseChangedFile(): void {
    if (this.digest.digest("hex") === this.job.sha256) return;
    throw new HimsError("HIMS_SOURCE_CHANGED", {
      kind: "unreachable",
      message: "the file changed while it was read",
      hint: "Let the export finish (write it under another name, then rename it), then run again: nothing of it was loaded.",
      at: { file: this.job.file.name },
    });
  }

  /** A file that is known changes nothing, however few its records are. */
  async checkGates(): Promise<void> {
    const { gates, known, file, pipeline } = this.job;
    const isNew = known === null;
    const recent =
      isNew && gates.maxDrop !== null
        ? await listRecentReads(this.tx, {
            pipeline: pipeline.name,
            name: maskAadhaar(file.name),
            limit: recentFiles,
          })
        : [];
    const limits = isNew ? gates : { ...gates, minRows: null };
    checkGates({ read: this.read, quarantined: this.quarantined, recent }, limits, file.name);
  }

  async settle(): Promise<IngestedFile> {
    const { tx, job } = this;
    const settled = {
      fileId: this.fileId,
      runId: job.run.runId,
      facilityId: job.facility.id,
      stagedRecords: this.staged,
    };
    let loaded = 0;
    if (job.known === null) {
      if (this.staged > worthAnalyzing) await tx.rows("analyze stage_claim");
      await settlePatients(tx, settled);
      if (this.stagedEvents > 0) await settleEvents(tx, settled);
      await saveMerges(tx, { ...settled, committedAt: this.context.clock.now() }, this.merges);
      await closeLoaded(tx, this.quarantineFile(), this.closable);
      await job.replay?.close(tx, this.quarantineFile());
      await supersedeLoaded(tx, this.quarantineFile());
      const [changed] = await tx.rows<{ records: number }>(
        "select count(distinct ordinal)::int as records from stage_changed",
      );
      loaded = (changed?.records ?? 0) + this.landedRecords;
    }
    const accepted = this.staged + this.landedRecords;
    const counts = {
      read: this.read,
      loaded,
      unchanged: accepted - loaded,
      quarantined: this.quarantined,
    };
    assertBalanced(counts);
    if (job.known === null) await this.save(counts);
    const outcome = {
      ...counts,
      isKnown: job.known !== null,
      layoutLines: this.lines.layout.length,
      landedOnly: Object.fromEntries(this.landedOnly),
      warnings: Object.fromEntries(this.warnings),
    };
    await advanceRun(tx, job.run, {
      ...outcome,
      watermark: { file: maskAadhaar(job.file.name), sha256: job.sha256 },
    });
    return outcome;
  }

  private async save(counts: RunCounts): Promise<void> {
    const { job } = this;
    await saveSourceFile(this.tx, {
      ...counts,
      fileId: this.fileId,
      runId: job.run.runId,
      pipeline: job.pipeline.name,
      facilityId: job.facility.id,
      name: maskAadhaar(job.file.name),
      sha256: job.sha256,
      bytes: job.file.bytes,
      modifiedAt: job.file.modifiedAt,
      encoding: this.encoding,
      fieldMapHash: job.mapSource,
      dataKey: this.fileKey.wrapped,
      storeKeyId: this.context.storeKey.id,
      headerLines: this.lines.header,
      blankLines: this.lines.blank,
      recordLines: this.lines.record,
      layoutLines: this.lines.layout,
      landedOnly: Object.fromEntries(this.landedOnly),
      warnings: Object.fromEntries(this.warnings),
      columns: this.columns,
      lines: this.columns === null ? null : this.physicalLines.total,
      committedAt: this.context.clock.now(),
    });
  }

  private quarantineFile() {
    return {
      pipeline: this.job.pipeline.name,
      runId: this.job.run.runId,
      fileId: this.fileId,
      fileName: maskAadhaar(this.job.file.name),
    };
  }

  private report(batch: RawBatch): void {
    const { file, pipeline } = this.job;
    const done = batch.offset + batch.bytes.length;
    this.context.progress.report({
      stage: `${pipeline.name} ${file.name}`,
      done,
      total: file.bytes,
      unit: "bytes",
    });
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function warningKey(warning: Problem): string {
  return warning.field === null ? warning.rule : `${warning.field}:${warning.rule}`;
}
