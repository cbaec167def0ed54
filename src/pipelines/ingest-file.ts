/** One file of a facility into the store: read, masked, landed, normalized, staged, settled, accounted for. One transaction. */
import { createHash, randomUUID } from "node:crypto";
import type { MergeClaim, SourceFacts } from "../clinical/source-facts.ts";
import type { RawBatch, SourceFile } from "../connectors/connector.ts";
import { dayIn } from "../platform/calendar-day.ts";
import { HimsError } from "../platform/errors.ts";
import type { IsoDate, SourceFileId } from "../platform/ids.ts";
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
import { type KnownFile, landChunks, saveSourceFile } from "../store/source-files.ts";
import { createStage, StageLines } from "../store/stage.ts";
import { fileBatches, rawHashOf } from "./file-batches.ts";
import type { PipelineFile } from "./pipeline-file.ts";
import { readingPlanOf } from "./reading-plan.ts";
import { type ReadRecord, recordReading } from "./record-reading.ts";
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
  /** Percent of records; above it nothing of the file is committed. Null: no gate. */
  readonly maxQuarantine: number | null;
}

export interface IngestedFile extends RunCounts {
  /** The same bytes were committed before under the same map. */
  readonly isKnown: boolean;
  readonly layoutLines: number;
  readonly landedOnly: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
}

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
  ingest.checkGate();
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
  private columns: readonly string[] | null = null;
  private encoding = "utf-8";
  private readonly today: IsoDate;

  constructor(tx: Transaction, job: FileJob, context: RunContext) {
    this.tx = tx;
    this.job = job;
    this.context = context;
    this.fileKey = newFileKey(context.storeKey, this.fileId);
    this.today = dayIn(context.clock.now(), job.facility.timeZone);
  }

  async start(): Promise<void> {
    if (this.job.known === null) await createStage(this.tx);
    this.openHashes = await listOpenHashes(this.tx, this.job.pipeline.name);
  }

  async readAll(): Promise<void> {
    const { pipeline, facility, file, known } = this.job;
    const reading = recordReading(pipeline, {
      facility,
      fileName: file.name,
      fileDate: dayIn(known?.modifiedAt ?? file.modifiedAt, facility.timeZone),
      today: this.today,
    });
    // The store takes one batch in while the next is read and normalized.
    let underWay: Promise<void> = Promise.resolve();
    try {
      for await (const batch of fileBatches(pipeline, file, this.context.signal)) {
        const bytes = Buffer.from(batch.bytes);
        this.digest.update(batch.bytes);
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
      await quarantine(this.tx, this.quarantineFile(), rejects);
      await this.land(false);
    };
  }

  private rawHashOf(record: ReadRecord, batch: RawBatch, bytes: Buffer): string | null {
    if (record.said.ok && this.openHashes.size === 0) return null;
    return rawHashOf(record.raw.place, batch.offset, bytes);
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

  private countLines(batch: RawBatch): void {
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

  checkGate(): void {
    const { maxQuarantine, file } = this.job;
    const percent = this.read === 0 ? 0 : (this.quarantined / this.read) * 100;
    if (maxQuarantine === null || percent <= maxQuarantine) return;
    throw new HimsError("HIMS_GATE_QUARANTINE", {
      kind: "gate",
      message: `${this.quarantined} of ${this.read} records are refused (${percent.toFixed(2)} %), more than ${maxQuarantine} %`,
      hint: `Nothing of this file was committed. Mend the export or the field map; --max-quarantine ${Math.ceil(percent)} would pass.`,
      at: { file: file.name },
    });
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
    await this.save(counts);
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
      committedAt: this.context.clock.now(),
      repeatOf: job.known?.archiveId ?? null,
      plan: readingPlanOf(job.pipeline),
      reading: {
        today: this.today,
        timeZone: job.facility.timeZone,
        authorities: job.facility.authorities,
      },
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
