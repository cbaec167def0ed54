/** One block of a CSV file, from bytes to what is staged of it. The same work in a worker thread and without one. */

import { CellFrame } from "../connectors/cell-frame.ts";
import type { CsvLayout } from "../connectors/csv-layout.ts";
import {
  type ByteBlock,
  bytesOfLine,
  eachLine,
  isPlainBlock,
  plainLineAt,
  type TextForm,
} from "../connectors/csv-lines.ts";
import { CsvRows } from "../connectors/csv-rows.ts";
import type { WatchCounts } from "../records/mask-row.ts";
import { StageLines } from "../store/stage-lines.ts";
import type { CsvPipeline } from "./pipeline-file.ts";
import { type EachReading, type ReadingPlace, RowReading } from "./record-reading.ts";
import { BlockStage, type StagedBlock, type StageSetting } from "./staged-block.ts";

/** The same for all blocks of a file; plain data, so that it crosses threads. */
export interface CsvBlockSetting extends StageSetting {
  readonly pipeline: CsvPipeline;
  readonly place: ReadingPlace;
  readonly form: TextForm;
  readonly layout: CsvLayout;
}

export interface CsvBlockTask {
  readonly block: ByteBlock;
  /** Number of the block, and so of its chunk in the archive. */
  readonly seq: number;
  /** Nothing follows: a quote that is open stays open. */
  readonly isLast: boolean;
  /** The block's bytes are for this task alone, and may be masked where they are. */
  readonly isOwn?: boolean;
  /** Memory that may be used for what is staged. */
  readonly spare?: ArrayBuffer | null;
}

export interface CsvBlockOutcome {
  readonly staged: StagedBlock;
  /** How Aadhaar-like the mapped identifiers of the block are. */
  readonly watch: WatchCounts;
  /** The lines at its end that wait for a quote to close, and belong to the next block; null when none do. */
  readonly rest: ByteBlock | null;
}

/** Stages blocks of one file. @throws HimsError HIMS_SOURCE_COLUMNS when the layout lacks mapped columns */
export class CsvBlockStager {
  private readonly setting: CsvBlockSetting;
  private readonly reading: RowReading;
  private readonly frame: CellFrame;
  private readonly lines = new StageLines();

  constructor(setting: CsvBlockSetting) {
    this.setting = setting;
    this.frame = new CellFrame(setting.layout);
    this.reading = new RowReading(setting.pipeline, setting.place);
  }

  stage({ block, seq, isLast, isOwn = false, spare = null }: CsvBlockTask): CsvBlockOutcome {
    const { form, layout } = this.setting;
    const { columns } = layout;
    // Masking must not touch bytes that may be read once more.
    const bytes = isOwn ? block.bytes : Buffer.from(block.bytes);
    const { offset } = block;
    const stage = new BlockStage(this.setting, { bytes, offset }, this.lines);
    const reading = this.reading.readEach(columns, { bytes, offset, encoding: form.encoding });
    const rows = new CsvRows(layout, {
      // Where a row begins in the file tells its place among the others, whatever block it came in.
      take: (raw) => stage.add(reading.read(raw), raw.place.offset),
      bytesOf: (line) => bytesOfLine(block, line),
      encoding: form.encoding,
    });
    if (isPlainBlock(block, form)) this.eachPlainLine(block, { reading, rows, stage });
    else eachLine(block, form, (line) => rows.add(line));
    if (isLast) rows.end();
    const length = (rows.waitingFrom ?? offset + bytes.length) - offset;
    reading.end(length);
    const lines = rows.takeLineCounts();
    return {
      staged: stage.end({ lines, columns, encoding: form.encoding }, { seq, length, spare }),
      watch: this.reading.takeWatchCounts(),
      rest: length === bytes.length ? null : restOf(block, length, lines),
    };
  }

  /** Plain rows are read from their bytes; any other line, and what belongs to it, as text. */
  private eachPlainLine(block: ByteBlock, { reading, rows, stage }: BlockReading): void {
    const { frame } = this;
    const { headerEnd } = this.setting.layout;
    const { bytes, offset } = block;
    let start = block.skip;
    for (let line = block.line; start < bytes.length; line += 1) {
      const taken = frame.take(bytes, start);
      const end = Math.abs(taken);
      const place = { line, offset: offset + start, length: end - start };
      const isAlone = taken > 0 && line > headerEnd && rows.waitingFrom === null;
      const claim = isAlone ? reading.readPlain(bytes, frame, place) : null;
      if (claim === null) rows.add(plainLineAt(block, { line, start, end }));
      else {
        rows.countRow();
        stage.addPlain(claim, place);
      }
      start = end;
    }
  }
}

/** What a block is read by. */
interface BlockReading {
  readonly reading: EachReading;
  readonly rows: CsvRows;
  readonly stage: BlockStage;
}

/** What follows the first `length` bytes, which hold the lines counted. */
function restOf(block: ByteBlock, length: number, spent: StagedBlock["lines"]): ByteBlock {
  const lines = spent.headerLines + spent.blankLines + spent.layoutLines.length + spent.recordLines;
  return {
    bytes: Buffer.from(block.bytes.subarray(length)),
    offset: block.offset + length,
    line: block.line + lines,
    skip: length === 0 ? block.skip : 0,
  };
}
