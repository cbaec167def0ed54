/** One file of a facility into the store: read, masked, landed, normalized, staged, settled, accounted for. One transaction. */
import { createHash, randomUUID } from "node:crypto";
import type { SourceFile } from "../connectors/connector.ts";
import { dayIn } from "../platform/calendar-day.ts";
import { HimsError } from "../platform/errors.ts";
import type { IsoDate, SourceFileId } from "../platform/ids.ts";
import { maskAadhaar } from "../records/aadhaar.ts";
import { mappedColumns } from "../records/field-map.ts";
import { columnKey } from "../records/row-reader.ts";
import type { Transaction } from "../store/database.ts";
import { saveMerges } from "../store/decisions.ts";
import type { Facility } from "../store/facilities.ts";
import { closeLoaded, listOpenHashes, quarantine, supersedeLoaded } from "../store/quarantine.ts";
import { type FileKey, newFileKey } from "../store/raw-archive.ts";
import { advanceRun, assertBalanced, type OpenRun, type RunCounts } from "../store/runs.ts";
import { settleEvents } from "../store/settle-events.ts";
import { countChanged, settlePatients } from "../store/settle-patients.ts";
import { worthAnalyzing } from "../store/settled-file.ts";
import {
  type KnownFile,
  landChunks,
  listRecentReads,
  saveSourceFile,
} from "../store/source-files.ts";
import { copyStage, createStage } from "../store/stage.ts";
import { checkGates, checkLayout, type GateLimits, recentFiles } from "./file-gates.ts";
import type { PipelineFile } from "./pipeline-file.ts";
import { readingPlanOf } from "./reading-plan.ts";
import type { ReadingPlace } from "./record-reading.ts";
import type { ReplayedItems } from "./replayed-items.ts";
import { givenOut, isGivenOut } from "./returned-rows.ts";
import type { RunContext } from "./run-context.ts";
import { stageCsvFile, stageHl7File } from "./stage-file.ts";
import { count, type PlacedMerge, type StagedBlock, type StageSetting } from "./staged-block.ts";

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
  /** Seconds until all of it was staged; settling comes after. */
  readonly stageSeconds: number;
}

/** @throws HimsError kind `gate` when more records are refused than the pipeline allows */
export async function ingestFile(
  tx: Transaction,
  job: FileJob,
  context: RunContext,
): Promise<IngestedFile> {
  // Files of one facility settle one after the other: two pipelines may feed the same records.
  await tx.rows("select pg_advisory_xact_lock(7212, hashtext($1))", [job.facility.id]);
  const ingest = new FileIngest(tx, job, context);
  const started = performance.now();
  await ingest.start();
  await ingest.readAll();
  const stageSeconds = (performance.now() - started) / 1000;
  // Settling a large file takes long: whoever interrupts it just before should not wait for it.
  context.signal.throwIfAborted();
  await ingest.checkGates();
  return { ...(await ingest.settle()), stageSeconds };
}

class FileIngest {
  private readonly tx: Transaction;
  private readonly job: FileJob;
  private readonly context: RunContext;
  private readonly fileId = randomUUID() as SourceFileId;
  private readonly fileKey: FileKey;
  private openHashes: ReadonlySet<string> = new Set();
  private readonly closable: string[] = [];
  private readonly merges: PlacedMerge[] = [];
  private readonly landedOnly = new Map<string, number>();
  private readonly warnings = new Map<string, number>();
  private readonly digest = createHash("sha256");
  private read = 0;
  private staged = 0;
  private stagedEvents = 0;
  private landedRecords = 0;
  private quarantined = 0;
  private lines = { header: 0, blank: 0, record: 0, layout: [] as number[] };
  private physicalLines: number | null = null;
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
    await this.job.replay?.note(this.tx, this.quarantineFile());
  }

  async readAll(): Promise<void> {
    // The store takes one block in while the next ones are read and normalized.
    let underWay: Promise<void> = Promise.resolve();
    try {
      for await (const block of this.blocks()) {
        this.account(block);
        await underWay;
        underWay = this.send(block);
        // Awaited in the next round; a failure must not be reported as unhandled meanwhile.
        underWay.catch(() => undefined);
        this.report(block);
      }
    } finally {
      await underWay;
    }
    this.refuseChangedFile();
  }

  private blocks(): AsyncIterable<StagedBlock> {
    const { pipeline, facility, file, known, mapSource } = this.job;
    const place: ReadingPlace = {
      facility,
      fileName: file.name,
      fileDate: dayIn(known?.modifiedAt ?? file.modifiedAt, facility.timeZone),
      today: this.today,
    };
    const setting: StageSetting = {
      mapSource,
      facilityId: facility.id,
      openHashes: this.openHashes,
      archive: known === null ? { fileId: this.fileId, key: this.fileKey.key } : null,
    };
    const witness = {
      seeColumns: (columns: readonly string[]) => this.checkLayout(columns),
      seeLines: (total: number) => {
        this.physicalLines = total;
      },
    };
    const { digest, context } = this;
    const reading = { file, place, setting, digest, signal: context.signal, witness };
    return "fields" in pipeline
      ? stageCsvFile({ ...reading, pipeline })
      : stageHl7File({ ...reading, pipeline });
  }

  private account(block: StagedBlock): void {
    const landed = [...block.landedOnly.values()].reduce((sum, number) => sum + number, 0);
    assertBalanced({
      read: block.read,
      loaded: block.staged + landed,
      unchanged: 0,
      quarantined: block.rejects.length,
    });
    this.read += block.read;
    this.staged += block.staged;
    this.stagedEvents += block.stagedEvents;
    this.landedRecords += landed;
    this.quarantined += block.rejects.length;
    for (const rawHash of block.closable) this.closable.push(rawHash);
    for (const merge of block.merges) this.merges.push(merge);
    for (const [type, number] of block.landedOnly) count(this.landedOnly, type, number);
    for (const [warning, number] of block.warnings) count(this.warnings, warning, number);
    this.countLines(block);
  }

  private async send(block: StagedBlock): Promise<void> {
    if (this.job.known !== null) return;
    await copyStage(this.tx, block);
    block.release?.();
    if (this.job.replay === null) await quarantine(this.tx, this.quarantineFile(), block.rejects);
    else await this.job.replay.refuse(this.tx, this.quarantineFile(), block.rejects);
    if (block.chunk !== null) await landChunks(this.tx, this.fileId, [block.chunk]);
  }

  /** In another layout than the agreed one no row means what it says. */
  private checkLayout(columns: readonly string[]): void {
    const { pipeline, file, replay } = this.job;
    if (replay !== null) return;
    if (isGivenOut(columns)) throw givenOut(file.name);
    if (!("fields" in pipeline) || pipeline.expect === undefined) return;
    for (const warning of checkLayout(pipeline.expect, columns, file.name))
      count(this.warnings, warning);
  }

  private countLines({ columns, encoding, lines }: StagedBlock): void {
    if (this.columns === null) this.noteDoubleHeaders(columns ?? []);
    // A file without a header has a patient's row for one.
    this.columns ??= columns?.map(maskAadhaar) ?? null;
    this.encoding = encoding;
    this.lines.header += lines.headerLines;
    this.lines.blank += lines.blankLines;
    this.lines.record += lines.recordLines;
    for (const line of lines.layoutLines) this.lines.layout.push(line);
  }

  /** Of two columns with one header the first is read: whoever mapped it should know. */
  private noteDoubleHeaders(columns: readonly string[]): void {
    const { pipeline } = this.job;
    if (!("fields" in pipeline)) return;
    const keys = new Set(columns.map(columnKey));
    for (const column of mappedColumns([pipeline.fields, ...pipeline.events]))
      if (keys.has(columnKey(`${column} (2)`))) count(this.warnings, `header_twice:${column}`);
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

  async settle(): Promise<Omit<IngestedFile, "stageSeconds">> {
    const { tx, job } = this;
    const settled = {
      fileId: this.fileId,
      runId: job.run.runId,
      facilityId: job.facility.id,
      stagedRecords: this.staged,
    };
    let loaded = 0;
    if (job.known === null) {
      if (this.staged > worthAnalyzing) await tx.rows("analyze stage_claim (record_id)");
      const patients = await settlePatients(tx, settled);
      if (this.stagedEvents > 0) await settleEvents(tx, settled);
      await saveMerges(tx, { ...settled, committedAt: this.context.clock.now() }, this.merges);
      await closeLoaded(tx, this.quarantineFile(), this.closable);
      await job.replay?.close(tx, this.quarantineFile(), this.lines.layout);
      await supersedeLoaded(tx, this.quarantineFile());
      await job.replay?.noteWaiting(tx, this.quarantineFile());
      const isOneClaimEach = "fields" in job.pipeline && this.stagedEvents === 0;
      loaded = (await countChanged(tx, patients, isOneClaimEach)) + this.landedRecords;
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
      lines: this.physicalLines,
      committedAt: this.context.clock.now(),
      archiveId: job.known?.archiveId ?? null,
      isRepeat: job.known !== null,
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

  private report({ end }: StagedBlock): void {
    const { file, pipeline } = this.job;
    this.context.progress.report({
      stage: `${pipeline.name} ${file.name}`,
      done: end,
      total: file.isPacked === true ? null : file.bytes,
      unit: "bytes",
    });
  }
}
