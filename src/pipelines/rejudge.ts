/** Judges rows of an archived file again, as if it came now: only those an undo has put back, with the file's own lineage. */
import type { MergeClaim, SourceFacts } from "../clinical/source-facts.ts";
import { HimsError } from "../platform/errors.ts";
import type { RecordId, RunId } from "../platform/ids.ts";
import { recordIdOf } from "../records/patient-record.ts";
import type { SourcePlace } from "../records/raw-record.ts";
import type { Transaction } from "../store/database.ts";
import { saveMerges } from "../store/decisions.ts";
import { closeLoaded, quarantine, type Reject, supersedeLoaded } from "../store/quarantine.ts";
import { findArchivedFile } from "../store/remap-state.ts";
import { settleEvents } from "../store/settle-events.ts";
import { settlePatients, worthAnalyzing } from "../store/settle-patients.ts";
import { clearStage, copyStage } from "../store/stage.ts";
import { StageLines } from "../store/stage-lines.ts";
import type { LaterFile, Missing, Scope } from "../store/undo-scope.ts";
import { type ArchivedBatch, pipelineThen, readArchivedFile } from "./archived-file.ts";
import type { ReadRecord } from "./record-reading.ts";
import { recordOf, remapFile } from "./remap-file.ts";
import type { RunContext } from "./run-context.ts";
import { rawHashOf } from "./staged-block.ts";

/** What hangs on the scope and is not in it: found while rows are judged, and then all is judged anew with it. */
export class Missed implements Missing {
  readonly records = new Set<RecordId>();
  readonly rawHashes = new Set<string>();
  readonly pairs = new Set<string>();

  get isEmpty(): boolean {
    return this.records.size + this.rawHashes.size + this.pairs.size === 0;
  }
}

export interface Rejudging {
  readonly scope: Scope;
  readonly missed: Missed;
}

export async function rejudgeFile(
  tx: Transaction,
  file: LaterFile,
  rejudging: Rejudging,
  context: RunContext,
): Promise<void> {
  if (file.remapOf !== null) return await rejudgeRemap(tx, file, rejudging, context);
  await clearStage(tx);
  const pipeline = await pipelineThen(file, tx);
  const work = new FileRejudging(tx, file, rejudging);
  const archive = { reader: tx, storeKey: context.storeKey, signal: context.signal };
  for await (const batch of readArchivedFile(file, pipeline, archive)) {
    await work.take(batch);
    const done = batch.batch.offset + batch.bytes.length;
    context.progress.report({
      stage: `again ${file.pipeline} ${file.name}`,
      done,
      total: file.bytes,
      unit: "bytes",
    });
  }
  if (rejudging.missed.isEmpty) await work.settle();
}

/** A replay cannot be judged again: it must be undone before what it hangs on. */
export function replayedSince(replay: { runId: RunId; pipeline: string }): HimsError {
  return new HimsError("HIMS_UNDO_REPLAYED", {
    kind: "usage",
    message: `run ${replay.runId} replayed quarantined records of ${replay.pipeline} that hang on this run`,
    hint: `Undo that one first: hims history undo ${replay.runId}`,
  });
}

/** The rows that stand now, which may be others than those that stood then. */
async function rejudgeRemap(
  tx: Transaction,
  file: LaterFile,
  { scope, missed }: Rejudging,
  context: RunContext,
): Promise<void> {
  const from = file.remapOf === null ? null : await findArchivedFile(tx, file.remapOf);
  if (from === null) throw new Error("a remapped file is not there");
  const takes = (record: ReadRecord, rawHash: string): boolean => {
    const recordId = recordOf(record);
    const isKnown = recordId !== null && scope.records.has(recordId);
    if (!scope.rawHashes.has(`${file.pipeline} ${rawHash}`)) return record.said.ok && isKnown;
    if (recordId !== null && !isKnown) missed.records.add(recordId);
    return true;
  };
  const pipeline = await pipelineThen(file, tx);
  await remapFile(tx, { to: file, from, pipeline, takes }, context);
}

class FileRejudging {
  private readonly tx: Transaction;
  private readonly file: LaterFile;
  private readonly scope: Scope;
  private readonly missed: Missed;
  private readonly closable: string[] = [];
  private readonly merges: (MergeClaim & { ordinal: number; line: number })[] = [];
  private readonly watchesRows: boolean;
  private ordinal = 0;
  private staged = 0;
  private stagedEvents = 0;

  constructor(tx: Transaction, file: LaterFile, { scope, missed }: Rejudging) {
    this.tx = tx;
    this.file = file;
    this.scope = scope;
    this.missed = missed;
    this.watchesRows = [...scope.rawHashes].some((key) => key.startsWith(`${file.pipeline} `));
  }

  async take({ batch, bytes, records }: ArchivedBatch): Promise<void> {
    const lines = new StageLines();
    const rejects: Reject[] = [];
    for (const record of records) {
      const { place } = record.raw;
      const ordinal = this.ordinal;
      this.ordinal += 1;
      const isWatched = this.watchesRows || this.file.takesOver;
      const rawHash = isWatched ? rawHashAt(place, batch.offset, bytes) : null;
      if (record.said.ok) {
        if (rawHash !== null && this.isInScope(rawHash)) this.closable.push(rawHash);
        this.stage(record.said.value, { lines, ordinal, line: place.line });
        continue;
      }
      if (rawHash !== null && this.isRefused(record, rawHash))
        rejects.push({
          place,
          rawHash,
          recordId: record.recordId,
          problems: record.said.reasons,
        });
    }
    await copyStage(this.tx, lines.take());
    await quarantine(this.tx, this.quarantineFile(), rejects);
  }

  private isInScope(rawHash: string): boolean {
    return this.scope.rawHashes.has(`${this.file.pipeline} ${rawHash}`);
  }

  /** Whether a refused row is judged again; what it hangs together with must be as well. */
  private isRefused({ recordId }: ReadRecord, rawHash: string): boolean {
    if (!this.isInScope(rawHash)) {
      if (!this.file.takesOver) return false;
      this.missed.rawHashes.add(`${this.file.pipeline} ${rawHash}`);
    }
    if (recordId !== null && !this.scope.records.has(recordId)) this.missed.records.add(recordId);
    this.refuseReplayed();
    return true;
  }

  /** Rows that a clerk mended stand for items that may be other ones now, or none: nobody can say what the clerk would have done. */
  private refuseReplayed(): void {
    if (this.file.isReplay) throw replayedSince(this.file);
  }

  /** A raw record is staged whole or not at all: whether it changed anything decides about refused rows of all its records. */
  private stage(
    facts: SourceFacts,
    to: { lines: StageLines; ordinal: number; line: number },
  ): void {
    const claims = facts.patients.map((claim) => ({ claim, id: recordIdOf(claim.key) }));
    const merges = facts.merges.map((merge) => ({ merge, pair: pairOf(merge) }));
    const isTouched =
      this.file.takesOver ||
      claims.some(({ id }) => this.scope.records.has(id)) ||
      merges.some(({ pair }) => this.scope.pairs.has(pair));
    if (!isTouched) return;
    this.refuseReplayed();
    const place = {
      ordinal: to.ordinal,
      line: to.line,
      messageTime: facts.messageTime,
      mapSource: this.file.mapSource,
    };
    this.staged += 1;
    for (const { claim, id } of claims) {
      if (!this.scope.records.has(id)) this.missed.records.add(id);
      this.stagedEvents += claim.events.length;
      to.lines.add(claim, place);
    }
    for (const { merge, pair } of merges) {
      if (!this.scope.pairs.has(pair)) this.missed.pairs.add(pair);
      this.merges.push({ ...merge, ordinal: to.ordinal, line: to.line });
    }
  }

  async settle(): Promise<void> {
    const { tx, file, staged } = this;
    const { fileId, runId, facilityId, committedAt } = file;
    const settled = { fileId, runId, facilityId, stagedRecords: staged };
    if (staged > worthAnalyzing) await tx.rows("analyze stage_claim");
    await settlePatients(tx, settled);
    if (this.stagedEvents > 0) await settleEvents(tx, settled);
    await saveMerges(tx, { ...settled, committedAt }, this.merges);
    await closeLoaded(tx, this.quarantineFile(), this.closable);
    await supersedeLoaded(tx, this.quarantineFile());
  }

  private quarantineFile() {
    const { pipeline, runId, fileId, name } = this.file;
    return { pipeline, runId, fileId, fileName: name };
  }
}

/** A merge by its two records, the smaller id first. */
function pairOf({ survivor, prior }: MergeClaim): string {
  const ids = [recordIdOf(survivor), recordIdOf(prior)];
  return ids.sort((a, b) => (a < b ? -1 : 1)).join(" ");
}

function rawHashAt(place: SourcePlace, offset: number, bytes: Buffer): string {
  const start = place.offset - offset;
  return rawHashOf(bytes.subarray(start, start + place.length));
}
