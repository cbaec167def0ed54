/** Raw records of one file -> what they say, or why they are refused. Aadhaar numbers are masked on the way, in the bytes as well. */
import { normalizeMessage } from "../clinical/normalize-message.ts";
import { type BoundRowMap, normalizeRow } from "../clinical/normalize-row.ts";
import type { SourceFacts } from "../clinical/source-facts.ts";
import type { CellFrame } from "../connectors/cell-frame.ts";
import type { RawBatch } from "../connectors/connector.ts";
import { HimsError } from "../platform/errors.ts";
import type { FacilityId, IsoDate, RecordId } from "../platform/ids.ts";
import { type Parsed, unparsed } from "../platform/parsed.ts";
import { AadhaarNumberWatch, maskMessage } from "../records/hl7-mask.ts";
import {
  AadhaarWatch,
  type MaskPlan,
  maskPlan,
  maskRow,
  type WatchCounts,
} from "../records/mask-row.ts";
import { maskedLine } from "../records/normalize-name.ts";
import { type RowContext, rowNumber } from "../records/normalize-patient.ts";
import { recordIdOf } from "../records/patient-record.ts";
import type { Problem } from "../records/problem.ts";
import type { RawMessage, RawRecord, RawRow, SourcePlace } from "../records/raw-record.ts";
import { type BoundMap, bindFieldMap } from "../records/row-reader.ts";
import type { ClaimDraft } from "../store/claim-draft.ts";
import type { Facility } from "../store/facilities.ts";
import { maskCandidates, maskFreeBytes, maskTextSpans } from "./archive-mask.ts";
import type { CsvPipeline, Pipeline } from "./pipeline-file.ts";
import { PlainRows } from "./plain-row.ts";

export interface ReadRecord {
  readonly raw: RawRecord;
  readonly said: Parsed<SourceFacts, Problem>;
  /** The record's key, where a refused record has one that can be read. */
  readonly recordId: RecordId | null;
}

export interface RecordReading {
  /** Reads a batch; `bytes` are the batch's own and are masked in place. */
  read(batch: RawBatch, bytes: Buffer): readonly ReadRecord[];
  /** @throws HimsError when the file as a whole must be refused */
  end(): void;
}

/** Reads the records of one block in their order. */
export interface EachReading {
  read(raw: RawRecord): ReadRecord;
  /** A row whose cells are framed in the bytes, by the short way; null when it must go the ordinary way. */
  readPlain(bytes: Buffer, frame: CellFrame, place: StretchPlace): ClaimDraft | null;
  end(length: number): void;
}

/** Where bytes stand in the file. */
export type StretchPlace = Pick<SourcePlace, "offset" | "length">;

export interface ReadingPlace {
  readonly facility: Facility;
  readonly fileName: string;
  readonly fileDate: IsoDate;
  /** The day of the run at the facility. */
  readonly today: IsoDate;
}

export function recordReading(pipeline: Pipeline, place: ReadingPlace): RecordReading {
  return "fields" in pipeline ? new RowReading(pipeline, place) : new MessageReading(place);
}

/** Reads rows of one file, or of some of its blocks. */
export class RowReading implements RecordReading {
  private readonly pipeline: CsvPipeline;
  private readonly place: ReadingPlace;
  private readonly context: RowContext;
  private readonly watch = new AadhaarWatch();
  /** Of the one frame that rows of a file are read in. */
  private plainRows: PlainRows | null | undefined;
  private bound: {
    readonly map: BoundRowMap;
    readonly plan: MaskPlan;
    readonly columns: readonly string[];
  } | null = null;

  constructor(pipeline: CsvPipeline, place: ReadingPlace) {
    this.pipeline = pipeline;
    this.place = place;
    this.context = {
      facilityId: place.facility.id,
      dateOrder: pipeline.source.dateOrder,
      fileDate: place.fileDate,
      // A file's date may be wrong (an archive unpacked with the year 1980); the day of the run is not.
      today: later(place.fileDate, place.today),
      zone: place.facility.timeZone,
    };
  }

  read(batch: RawBatch, bytes: Buffer): readonly ReadRecord[] {
    const gaps = this.begin(batch.columns ?? [], { ...batch, bytes });
    const read = batch.records.map((raw) => this.one(raw, gaps));
    gaps.end();
    return read;
  }

  /** As `read`, one record after the other. `end` masks what follows the last, up to a length. */
  readEach(columns: readonly string[], block: BlockBytes): EachReading {
    const gaps = this.begin(columns, block);
    return {
      read: (raw) => this.one(raw, gaps),
      readPlain: (bytes, frame, place) => this.plain(bytes, frame, place, gaps),
      end: (length) => gaps.end(length),
    };
  }

  private begin(columns: readonly string[], block: BlockBytes): Gaps {
    this.bound ??= this.bind(columns);
    return new Gaps(block);
  }

  private one(raw: RawRecord, gaps: Gaps): ReadRecord {
    if (raw.kind !== "row") return { raw, said: refused(raw), recordId: null };
    gaps.upTo(raw.place);
    return this.row(raw, gaps);
  }

  private plain(
    bytes: Buffer,
    frame: CellFrame,
    place: StretchPlace,
    gaps: Gaps,
  ): ClaimDraft | null {
    if (this.bound === null) return null;
    const { map, plan } = this.bound;
    if (this.plainRows === undefined) this.plainRows = PlainRows.of(map, plan, this.context, frame);
    const claim = this.plainRows?.read(bytes) ?? null;
    if (claim === null) return null;
    gaps.upTo(place);
    this.watch.seeFrame(bytes, frame, plan);
    return claim;
  }

  private bind(columns: readonly string[]): NonNullable<RowReading["bound"]> {
    const fields = bindFieldMap(this.pipeline.fields, columns);
    const events = this.pipeline.events.map((event) => bindFieldMap(event, columns));
    const missing = [fields, ...events].flatMap((bound) => (bound.ok ? [] : bound.reasons));
    if (missing.length > 0) throw this.missingColumns([...new Set(missing)]);
    const bound = (candidate: Parsed<BoundMap, string>): BoundMap =>
      candidate.ok ? candidate.value : {};
    const map = { record: this.pipeline.record, fields: bound(fields), events: events.map(bound) };
    const plan = maskPlan([map.fields, ...map.events]);
    return { map, plan, columns };
  }

  private missingColumns(missing: readonly string[]): HimsError {
    return new HimsError("HIMS_SOURCE_COLUMNS", {
      kind: "usage",
      message: `the file has no column ${missing.map((name) => JSON.stringify(name)).join(", ")}`,
      hint: "The export's layout differs from `fields:` of the pipeline file; change the map or ask the facility.",
      at: { file: this.place.fileName, line: 1 },
    });
  }

  private row(raw: RawRow, gaps: Gaps): ReadRecord {
    if (this.bound === null) throw new Error("a row came before the header");
    const { map, plan } = this.bound;
    this.watch.see(raw.cells, plan);
    const masked = maskRow(raw.cells, plan);
    if (masked.candidates.length > 0)
      maskCandidates(gaps.bytesOf(raw), masked.candidates, gaps.encoding);
    const said = normalizeRow(masked.cells, map, this.context);
    const mrn = said.ok ? null : rowNumber(map.fields.mrn?.read(raw.cells) ?? null);
    const facilityId = this.place.facility.id;
    return {
      raw,
      said,
      recordId: mrn === null ? null : recordIdOf({ facilityId, system: facilityId, value: mrn }),
    };
  }

  /** What was seen of the mapped identifiers since this was last asked. */
  takeWatchCounts(): WatchCounts {
    return this.watch.take();
  }

  end(): void {
    refuseAadhaarColumn(this.watch, this.bound?.columns ?? [], this.place.fileName);
  }
}

/** @throws HimsError HIMS_AADHAAR_COLUMN when a column of mapped identifiers is one of Aadhaar numbers */
export function refuseAadhaarColumn(
  watch: AadhaarWatch,
  columns: readonly string[],
  fileName: string,
): void {
  const [position] = watch.suspicious();
  if (position === undefined) return;
  throw new HimsError("HIMS_AADHAAR_COLUMN", {
    kind: "usage",
    message: `most values of the column ${JSON.stringify(maskedLine(columns[position] ?? ""))} are Aadhaar numbers`,
    hint: "Aadhaar numbers are never stored and never a key: map another column, or map this one to `aadhaar`.",
    at: { file: fileName, line: 1 },
  });
}

/** Reads messages of one file. */
export class MessageReading implements RecordReading {
  private readonly context: {
    readonly facilityId: FacilityId;
    readonly zone: string;
    readonly ownAuthorities: readonly string[];
  };

  private readonly fileName: string;
  private readonly watch = new AadhaarNumberWatch();

  constructor({ facility, fileName }: ReadingPlace) {
    this.fileName = fileName;
    this.context = {
      facilityId: facility.id,
      zone: facility.timeZone,
      ownAuthorities: facility.authorities,
    };
  }

  read(batch: RawBatch, bytes: Buffer): readonly ReadRecord[] {
    const gaps = new Gaps({ ...batch, bytes });
    const read = batch.records.map((raw) => {
      if (raw.kind !== "message") return { raw, said: refused(raw), recordId: null };
      gaps.upTo(raw.place);
      return this.message(raw, gaps);
    });
    gaps.end();
    return read;
  }

  private message(raw: RawMessage, gaps: Gaps): ReadRecord {
    this.watch.see(raw.message);
    const { message, spans } = maskMessage(raw.message);
    if (spans.length > 0) {
      const { text, charset } = raw.message;
      const encoding = gaps.encoding.startsWith("utf-16") ? gaps.encoding : charset;
      maskTextSpans(gaps.bytesOf(raw), { text, encoding }, spans);
    }
    return { raw, said: normalizeMessage(message, this.context), recordId: null };
  }

  end(): void {
    const [name] = this.watch.suspicious();
    if (name === undefined) return;
    throw new HimsError("HIMS_AADHAAR_IDENTIFIER", {
      kind: "usage",
      message: `most patient numbers of ${JSON.stringify(name)} are Aadhaar numbers`,
      hint: "Aadhaar numbers are never stored and never a key: ask the sender for its own patient numbers, with Aadhaar typed as such.",
      at: { file: this.fileName },
    });
  }
}

function later(left: IsoDate, right: IsoDate): IsoDate {
  return left < right ? right : left;
}

function refused(raw: RawRecord): Parsed<SourceFacts, Problem> {
  if (raw.kind === "unreadable") return unparsed(raw.problem);
  throw new Error(`a ${raw.kind} came from a connector of another kind`);
}

/** Bytes of a file that are masked in place. */
export interface BlockBytes {
  readonly bytes: Buffer;
  /** Where they stand in the file. */
  readonly offset: number;
  readonly encoding: string;
}

/** The bytes of a batch between its good records: whatever stands there is masked without regard to cells. */
class Gaps {
  readonly encoding: string;
  private readonly bytes: Buffer;
  private readonly offset: number;
  private at = 0;

  constructor({ bytes, offset, encoding }: BlockBytes) {
    this.encoding = encoding;
    this.bytes = bytes;
    this.offset = offset;
  }

  bytesOf(raw: RawRecord): Buffer {
    const start = raw.place.offset - this.offset;
    return this.bytes.subarray(start, start + raw.place.length);
  }

  upTo({ offset, length }: StretchPlace): void {
    const start = offset - this.offset;
    if (start > this.at) maskFreeBytes(this.bytes.subarray(this.at, start), this.encoding);
    this.at = start + length;
  }

  end(length = this.bytes.length): void {
    if (this.at < length) maskFreeBytes(this.bytes.subarray(this.at, length), this.encoding);
  }
}
