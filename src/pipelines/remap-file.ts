/** Rows of an archived file that stand, or wait in quarantine, read again under another map and judged. */
import type { PatientClaim, SourceFacts } from "../clinical/source-facts.ts";
import { HimsError } from "../platform/errors.ts";
import type { SourceFileId } from "../platform/ids.ts";
import {
  emptyPatientFields,
  type PatientFieldName,
  recordIdOf,
} from "../records/patient-record.ts";
import { patientFieldList } from "../records/record-history.ts";
import type { Transaction } from "../store/database.ts";
import { closeLoaded, quarantine, type Reject } from "../store/quarantine.ts";
import { keepStanding, listStandingLines, restoreTimes } from "../store/remap-state.ts";
import type { RunCounts } from "../store/runs.ts";
import { settleEvents } from "../store/settle-events.ts";
import { countChanged, settlePatients } from "../store/settle-patients.ts";
import { clearStage, copyStage } from "../store/stage.ts";
import { StageLines } from "../store/stage-lines.ts";
import type { ArchivedFile } from "../store/undo-scope.ts";
import { type ArchivedBatch, pipelineThen, readArchivedFile } from "./archived-file.ts";
import type { CsvPipeline, Pipeline } from "./pipeline-file.ts";
import type { ReadRecord } from "./record-reading.ts";
import type { RunContext } from "./run-context.ts";
import { rawHashOf } from "./staged-block.ts";

/** The remapped file as the store names it. */
export type RemappedFile = Pick<
  ArchivedFile,
  "fileId" | "runId" | "pipeline" | "facilityId" | "name" | "mapSource"
>;

export interface Remapping {
  readonly to: RemappedFile;
  /** The file whose rows are read. */
  readonly from: ArchivedFile;
  readonly pipeline: Pipeline;
  /** Whether a row is judged; by a remap itself all are, by an undo those it has put back. */
  readonly takes: (record: ReadRecord, rawHash: string) => boolean;
}

export async function remapFile(
  tx: Transaction,
  { to, from, pipeline, takes }: Remapping,
  context: RunContext,
): Promise<RunCounts> {
  await clearStage(tx);
  const lines = await listStandingLines(tx, from.fileId);
  if (lines.size === 0) return { read: 0, loaded: 0, unchanged: 0, quarantined: 0 };
  const archive = { reader: tx, storeKey: context.storeKey, signal: context.signal };
  const dropped = droppedFields(rowPipeline(await pipelineThen(from, tx)), rowPipeline(pipeline));
  const said = new Map<number, readonly PatientFieldName[]>();
  if (dropped) {
    const before = await pipelineThen(from, tx);
    for await (const { records } of readArchivedFile(from, before, archive))
      for (const record of records)
        if (lines.has(record.raw.place.line)) said.set(record.raw.place.line, fieldsSaid(record));
  }
  const remap = new FileRemap(tx, to, { lines, said, takes });
  for await (const batch of readArchivedFile(from, pipeline, archive)) await remap.take(batch);
  return await remap.settle(from.fileId);
}

/** @throws HimsError HIMS_REMAP_HL7 */
export function rowPipeline(pipeline: Pipeline): CsvPipeline {
  if ("fields" in pipeline) return pipeline;
  throw new HimsError("HIMS_REMAP_HL7", {
    kind: "usage",
    message: "HL7 pipelines have no field map",
    hint: "--remap is for CSV pipelines whose `fields:` were corrected.",
  });
}

/** Whether the other map reads fields that this one does not: what those said must go. */
function droppedFields(before: CsvPipeline, now: CsvPipeline): boolean {
  return Object.keys(before.fields).some((field) => !(field in now.fields));
}

function fieldsSaid({ said }: ReadRecord): readonly PatientFieldName[] {
  const facts = said.ok ? (said.value.patients[0]?.facts ?? {}) : {};
  return patientFieldList.filter((field) => {
    const value = facts[field] ?? null;
    return value !== null && !(Array.isArray(value) && value.length === 0);
  });
}

/** The claim, also clearing what the other map had said and this one says nothing of. */
function clearing(claim: PatientClaim, said: readonly PatientFieldName[]): PatientClaim {
  const gone = said.filter((field) => claim.facts[field] === undefined);
  const cleared = Object.fromEntries(gone.map((field) => [field, emptyPatientFields[field]]));
  return gone.length === 0 ? claim : { ...claim, facts: { ...claim.facts, ...cleared } };
}

interface Rows {
  readonly lines: ReadonlySet<number>;
  /** Fields each line spoke of under the other map. */
  readonly said: ReadonlyMap<number, readonly PatientFieldName[]>;
  readonly takes: Remapping["takes"];
}

class FileRemap {
  private readonly tx: Transaction;
  private readonly to: RemappedFile;
  private readonly rows: Rows;
  private readonly closable: string[] = [];
  private ordinal = 0;
  private staged = 0;
  private quarantined = 0;

  constructor(tx: Transaction, to: RemappedFile, rows: Rows) {
    this.tx = tx;
    this.to = to;
    this.rows = rows;
  }

  async take({ batch, bytes, records }: ArchivedBatch): Promise<void> {
    const stage = new StageLines();
    const rejects: Reject[] = [];
    for (const record of records) {
      const { place } = record.raw;
      this.ordinal += 1;
      if (!this.rows.lines.has(place.line)) continue;
      const start = place.offset - batch.offset;
      const rawHash = rawHashOf(bytes.subarray(start, start + place.length));
      if (!this.rows.takes(record, rawHash)) continue;
      if (record.said.ok) {
        this.closable.push(rawHash);
        this.stage(record.said.value, stage, place.line);
      } else {
        const { recordId } = record;
        rejects.push({ place, rawHash, recordId, problems: record.said.reasons });
      }
    }
    this.quarantined += rejects.length;
    await copyStage(this.tx, stage.take());
    await quarantine(this.tx, this.quarantineFile(), rejects);
  }

  private stage({ patients, messageTime }: SourceFacts, stage: StageLines, line: number): void {
    this.staged += 1;
    const place = { ordinal: this.ordinal, line, messageTime, mapSource: this.to.mapSource };
    for (const claim of patients) stage.add(clearing(claim, this.rows.said.get(line) ?? []), place);
  }

  async settle(from: SourceFileId): Promise<RunCounts> {
    const { tx, to, staged, quarantined } = this;
    const { fileId, runId, facilityId } = to;
    const settled = { fileId, runId, facilityId, stagedRecords: staged };
    await keepStanding(tx, from);
    const patients = await settlePatients(tx, settled);
    await settleEvents(tx, settled);
    await restoreTimes(tx, fileId);
    await closeLoaded(tx, this.quarantineFile(), this.closable);
    const loaded = await countChanged(tx, patients, false);
    return { read: staged + quarantined, loaded, unchanged: staged - loaded, quarantined };
  }

  private quarantineFile() {
    const { pipeline, runId, fileId, name } = this.to;
    return { pipeline, runId, fileId, fileName: name };
  }
}

/** The record a row is about, whether it was refused or not; null where it has no readable number. */
export function recordOf({ said, recordId }: ReadRecord) {
  const key = said.ok ? said.value.patients[0]?.key : undefined;
  return key === undefined ? recordId : recordIdOf(key);
}
