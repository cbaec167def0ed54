/**
 * A replay that an undo judges again. Its rows say what they said; but each stood for a quarantined record, and without the
 * undone run that record may never have waited: then nobody would have mended it, and its row says nothing.
 */
import { HimsError } from "../platform/errors.ts";
import type { SourcePlace } from "../records/raw-record.ts";
import type { Transaction } from "../store/database.ts";
import type { QuarantineFile, Reject } from "../store/quarantine.ts";
import { closeMended, keepOpen, type MendedItem } from "../store/quarantine-mending.ts";
import { listReplayed, type ReplayedRecord } from "../store/replayed-records.ts";
import type { LaterFile, Scope } from "../store/undo-scope.ts";

/** What becomes of a row: it is as it was, it has its say again, or nobody would have replayed it. */
export type ReplayedFate = "untouched" | "judged" | "gone";

export class RejudgedReplay {
  private readonly rows: ReadonlyMap<number, ReplayedRecord>;
  private readonly file: LaterFile;
  private readonly scope: Scope;
  private readonly loaded: MendedItem[] = [];

  private constructor(file: LaterFile, scope: Scope, rows: readonly ReplayedRecord[]) {
    this.file = file;
    this.scope = scope;
    this.rows = new Map(rows.map((row) => [row.line, row]));
  }

  /** Of a replay; null for any other file. Asks what waits at this moment: files before it must be judged by now. */
  static async of(tx: Transaction, file: LaterFile, scope: Scope): Promise<RejudgedReplay | null> {
    return file.isReplay ? new RejudgedReplay(file, scope, await listReplayed(tx, file)) : null;
  }

  /**
   * Whether the row's record waits in the scope: its item is put back to how it was, and hangs on what is judged.
   * @throws HimsError HIMS_UNDO_REPLAYED
   */
  fateAt({ line }: SourcePlace): ReplayedFate {
    const row = this.rows.get(line);
    if (row === undefined) throw replayUnknown(this.file);
    if (!this.scope.rawHashes.has(`${this.file.pipeline} ${row.rawHash}`)) return "untouched";
    if (row.openId === null) return "gone";
    // It would have read another text than it did.
    if (!row.byHand && !row.isSameText) throw replayUnknown(this.file);
    return "judged";
  }

  noteLoaded(place: SourcePlace): void {
    const item = this.itemAt(place);
    if (item !== null) this.loaded.push(item.item);
  }

  /** Items of the scope that are refused again wait on, as they did when the replay came. */
  async refuse(tx: Transaction, file: QuarantineFile, rejects: readonly Reject[]): Promise<void> {
    for (const byHand of [true, false]) {
      const items = rejects.flatMap(({ place, problems }) => {
        const found = this.itemAt(place);
        return found?.byHand === byHand ? [{ ...found.item, problems }] : [];
      });
      await keepOpen(tx, file, { items, byHand });
    }
  }

  async close(tx: Transaction, file: QuarantineFile): Promise<void> {
    const byHand = [...this.rows.values()].some((row) => row.byHand);
    if (this.loaded.length > 0) await closeMended(tx, file, { items: this.loaded, byHand });
  }

  private itemAt({ line, offset, length }: SourcePlace) {
    const row = this.rows.get(line);
    if (row === undefined || row.openId === null) return null;
    return { byHand: row.byHand, item: { id: row.openId, offset, length } };
  }
}

/** Its rows would have said something else, had the run not been: they cannot be judged again. */
function replayUnknown({ runId, pipeline }: LaterFile): HimsError {
  return new HimsError("HIMS_UNDO_REPLAYED", {
    kind: "usage",
    message: `run ${runId} replayed quarantined records of ${pipeline} that hang on this run`,
    hint: `Undo that one first: hims history undo ${runId}`,
  });
}
