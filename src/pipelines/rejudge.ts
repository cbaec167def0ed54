/** Judges rows of an archived file again, as if it came now: only those an undo has put back, with the file's own lineage. */
import type { MergeClaim, SourceFacts } from "../clinical/source-facts.ts";
import type { RecordId } from "../platform/ids.ts";
import { recordIdOf } from "../records/patient-record.ts";
import type { SourcePlace } from "../records/raw-record.ts";
import type { Transaction } from "../store/database.ts";
import { saveMerges } from "../store/decisions.ts";
import { closeLoaded, quarantine, type Reject, supersedeLoaded } from "../store/quarantine.ts";
import { findArchivedFile } from "../store/remap-state.ts";
import { settleEvents } from "../store/settle-events.ts";
import { settlePatients } from "../store/settle-patients.ts";
import { worthAnalyzing } from "../store/settled-file.ts";
import { clearStage, copyStage } from "../store/stage.ts";
import { StageLines } from "../store/stage-lines.ts";
import type { LaterFile, Missing, Scope } from "../store/undo-scope.ts";
import { type ArchivedBatch, pipelineThen, readArchivedFile } from "./archived-file.ts";
import type { ReadRecord } from "./record-reading.ts";
import { RejudgedReplay, type ReplayedFate } from "./rejudged-replay.ts";
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
  const replay = await RejudgedReplay.of(tx, file, rejudging.scope);
  const work = new FileRejudging(tx, { file, replay }, rejudging);
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

interface StagePlace {
  readonly lines: StageLines;
  readonly ordinal: number;
  readonly place: SourcePlace;
  /** Null where the file is no replay. */
  readonly fate: ReplayedFate | null;
}

class FileRejudging {
  private readonly tx: Transaction;
  private readonly file: LaterFile;
  private readonly replay: RejudgedReplay | null;
  private readonly scope: Scope;
  private readonly missed: Missed;
  private readonly closable: string[] = [];
  private readonly merges: (MergeClaim & { ordinal: number; line: number })[] = [];
  private readonly watchesRows: boolean;
  private ordinal = 0;
  private staged = 0;
  private stagedEvents = 0;

  constructor(
    tx: Transaction,
    { file, replay }: { readonly file: LaterFile; readonly replay: RejudgedReplay | null },
    { scope, missed }: Rejudging,
  ) {
    this.tx = tx;
    this.file = file;
    this.replay = replay;
    this.scope = scope;
    this.missed = missed;
    this.watchesRows = [...scope.rawHashes].some((key) => key.startsWith(`${file.pipeline} `));
  }

  async take({ batch, bytes, records }: ArchivedBatch): Promise<void> {
    const lines = new StageLines();
    const rejects: Reject[] = [];
    const isWatched = this.watchesRows || this.file.takesOver;
    for (const record of records) {
      const { place } = record.raw;
      const rawHash = isWatched ? rawHashAt(place, batch.offset, bytes) : null;
      const fate = this.replay?.fateAt(place) ?? null;
      const reject = this.takeOne(record, rawHash, { lines, ordinal: this.ordinal, place, fate });
      if (reject !== null) rejects.push(reject);
      this.ordinal += 1;
    }
    await copyStage(this.tx, lines.take());
    if (this.replay === null) await quarantine(this.tx, this.quarantineFile(), rejects);
    else await this.replay.refuse(this.tx, this.quarantineFile(), rejects);
  }

  /** Stages the record, or answers that it is refused, if it is judged again at all. */
  private takeOne(record: ReadRecord, rawHash: string | null, to: StagePlace): Reject | null {
    const { said, recordId } = record;
    if (said.ok) {
      const isSaid = rawHash !== null && to.fate !== "gone";
      if (isSaid && this.isInScope(rawHash)) this.closable.push(rawHash);
      this.stage(said.value, to);
      return null;
    }
    // Without a row of the scope nothing was hashed, and nothing refused is judged again.
    if (rawHash === null) return null;
    const isRefused = to.fate === null ? this.isRefused(record, rawHash) : to.fate === "judged";
    return isRefused ? { place: to.place, rawHash, recordId, problems: said.reasons } : null;
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
    return true;
  }

  /** A raw record is staged whole or not at all: whether it changed anything decides about refused rows of all its records. */
  private stage(facts: SourceFacts, to: StagePlace): void {
    const claims = facts.patients.map((claim) => ({ claim, id: recordIdOf(claim.key) }));
    const merges = facts.merges.map((merge) => ({ merge, pair: pairOf(merge) }));
    const isReplayed = to.fate === "judged" || to.fate === "gone";
    const isTouched =
      this.file.takesOver ||
      isReplayed ||
      claims.some(({ id }) => this.scope.records.has(id)) ||
      merges.some(({ pair }) => this.scope.pairs.has(pair));
    if (!isTouched) return;
    for (const { id } of claims) if (!this.scope.records.has(id)) this.missed.records.add(id);
    for (const { pair } of merges) if (!this.scope.pairs.has(pair)) this.missed.pairs.add(pair);
    if (to.fate === "gone") return;
    if (to.fate === "judged") this.replay?.noteLoaded(to.place);
    const { line } = to.place;
    const place = {
      ordinal: to.ordinal,
      line,
      messageTime: facts.messageTime,
      mapSource: this.file.mapSource,
    };
    this.staged += 1;
    for (const { claim } of claims) {
      this.stagedEvents += claim.events.length;
      to.lines.add(claim, place);
    }
    for (const { merge } of merges) this.merges.push({ ...merge, ordinal: to.ordinal, line });
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
    await this.replay?.close(tx, this.quarantineFile());
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
