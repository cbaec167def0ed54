/** What a block of a file came to: lines for the stage, refused records, counts, and its bytes for the archive. */
import { hash } from "node:crypto";
import type { MergeClaim, SourceFacts } from "../clinical/source-facts.ts";
import type { LineCounts, RawBatch } from "../connectors/connector.ts";
import type { FacilityId, SourceFileId } from "../platform/ids.ts";
import type { Problem } from "../records/problem.ts";
import type { SourcePlace } from "../records/raw-record.ts";
import type { ClaimDraft } from "../store/claim-draft.ts";
import type { Reject } from "../store/quarantine.ts";
import { sealChunk } from "../store/raw-archive.ts";
import { StageLines } from "../store/stage-lines.ts";
import type { ReadRecord } from "./record-reading.ts";

/** A merge and the raw record that said it. */
export type PlacedMerge = MergeClaim & { readonly ordinal: number; readonly line: number };

/** Crosses threads: nothing in it but plain data. */
export interface StagedBlock {
  /** Raw records; read = staged + landed only + rejects. */
  readonly read: number;
  readonly staged: number;
  readonly stagedEvents: number;
  readonly landedOnly: ReadonlyMap<string, number>;
  readonly rejects: readonly Reject[];
  /** Raw hashes of records that load and wait in quarantine. */
  readonly closable: readonly string[];
  readonly merges: readonly PlacedMerge[];
  /** Warnings by `field:rule`. */
  readonly warnings: ReadonlyMap<string, number>;
  /** COPY text (see `StageLines`). */
  readonly claims: Uint8Array;
  readonly events: Uint8Array;
  /** To be called once the claims are no longer needed: their memory is used again. */
  readonly release?: () => void;
  readonly lines: LineCounts;
  readonly columns: readonly string[] | null;
  readonly encoding: string;
  /** Where the block ends in the file, in bytes. */
  readonly end: number;
  /** The masked bytes, sealed for the archive; null when nothing is to be kept. */
  readonly chunk: { readonly seq: number; readonly bytes: Uint8Array } | null;
}

/** What every block of a file is staged with. */
export interface StageSetting {
  readonly mapSource: string;
  readonly facilityId: FacilityId;
  /** Raw hashes that wait in quarantine. */
  readonly openHashes: ReadonlySet<string>;
  /** Null: the file is known, and is only read and counted. */
  readonly archive: { readonly fileId: SourceFileId; readonly key: Uint8Array } | null;
}

interface BlockEnd {
  readonly seq: number;
  readonly length: number;
  /** Memory for the lines of the next block. */
  readonly spare?: ArrayBuffer | null;
}

type Stretch = Pick<SourcePlace, "offset" | "length">;

/** Gathers the records of one block. */
export class BlockStage {
  private readonly setting: StageSetting;
  /** The block's own bytes: a record that can be read is masked once it is added, all of them at the end. */
  private readonly bytes: Buffer;
  private readonly offset: number;
  private readonly stageLines: StageLines;
  private readonly landedOnly = new Map<string, number>();
  private readonly warnings = new Map<string, number>();
  private readonly rejects: Omit<Reject, "rawHash">[] = [];
  private readonly closable: string[] = [];
  private readonly merges: PlacedMerge[] = [];
  private read = 0;
  private staged = 0;
  private stagedEvents = 0;

  /** @param lines empty; who stages block after block lets them use the same memory */
  constructor(
    setting: StageSetting,
    { bytes, offset }: { readonly bytes: Buffer; readonly offset: number },
    lines = new StageLines(),
  ) {
    this.setting = setting;
    this.bytes = bytes;
    this.offset = offset;
    this.stageLines = lines;
  }

  /** `ordinal` gives the order of records in the file. */
  add(record: ReadRecord, ordinal: number): void {
    this.read += 1;
    const { place } = record.raw;
    if (record.said.ok) {
      this.noteLoaded(place);
      this.stage(record.said.value, ordinal, place.line);
    } else {
      const { recordId, said } = record;
      this.rejects.push({ place, recordId, problems: said.reasons });
    }
  }

  /** A row that went the short way; its place in the file is its order. */
  addPlain(claim: ClaimDraft, place: Omit<SourcePlace, "lineCount">): void {
    this.read += 1;
    this.staged += 1;
    this.noteLoaded(place);
    const { archive, mapSource, facilityId } = this.setting;
    if (archive === null) return;
    const { line, offset: ordinal } = place;
    this.stageLines.addDraft(facilityId, claim, { ordinal, line, mapSource });
  }

  private noteLoaded(place: Stretch): void {
    if (this.setting.openHashes.size === 0) return;
    const rawHash = this.rawHash(place);
    if (this.setting.openHashes.has(rawHash)) this.closable.push(rawHash);
  }

  private rawHash(place: Stretch): string {
    const start = place.offset - this.offset;
    return rawHashOf(this.bytes.subarray(start, start + place.length));
  }

  private stage(facts: SourceFacts, ordinal: number, line: number): void {
    for (const warning of facts.warnings) count(this.warnings, warningKey(warning));
    if (facts.landedOnly !== null) {
      count(this.landedOnly, facts.landedOnly);
      return;
    }
    this.staged += 1;
    for (const merge of facts.merges) this.merges.push({ ...merge, ordinal, line });
    const { messageTime } = facts;
    const { archive, mapSource } = this.setting;
    for (const claim of facts.patients) {
      this.stagedEvents += claim.events.length;
      if (archive !== null) this.stageLines.add(claim, { ordinal, line, messageTime, mapSource });
    }
  }

  /** The block as it goes to the store: the first `length` of its bytes, as chunk `seq` of the archive. */
  end(
    batch: Pick<RawBatch, "lines" | "columns" | "encoding">,
    { seq, length, spare = null }: BlockEnd,
  ): StagedBlock {
    const { archive } = this.setting;
    const { read, staged, stagedEvents, landedOnly, closable, merges, warnings } = this;
    // Only now are the bytes of records that could not be read masked, as they will be whenever they are hashed again.
    const rejects = this.rejects.map((one) => ({ ...one, rawHash: this.rawHash(one.place) }));
    const { lines, columns, encoding } = batch;
    const bytes = this.bytes.subarray(0, length);
    return {
      ...{ read, staged, stagedEvents, landedOnly, rejects, closable, merges, warnings },
      ...{ lines, columns, encoding },
      ...this.stageLines.take(spare),
      end: this.offset + length,
      chunk:
        archive === null || length === 0
          ? null
          : { seq, bytes: sealChunk(bytes, archive.key, archive.fileId, seq) },
    };
  }
}

/** Hex hash of a record's bytes as landed. */
export function rawHashOf(raw: Buffer): string {
  // The line end is no part of the content: the last line of a file may lack it.
  let end = raw.length;
  while (end > 0 && (raw[end - 1] === 0x0a || raw[end - 1] === 0x0d)) end -= 1;
  return hash("sha256", raw.subarray(0, end), "hex").slice(0, 32);
}

export function count(counts: Map<string, number>, key: string, times = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + times);
}

function warningKey(warning: Problem): string {
  return warning.field === null ? warning.rule : `${warning.field}:${warning.rule}`;
}
