/** Which quarantined record stands on which line of a file that is replayed, and what became of it while the file was read. */
import type { SourceFile } from "../connectors/connector.ts";
import type { Transaction } from "../store/database.ts";
import type { QuarantineFile, Reject } from "../store/quarantine.ts";
import { closeMended, keepOpen, type MendedItem } from "../store/quarantine-mending.ts";

/** What a replay reads. */
export interface ReplayFiles {
  readonly items: ReadonlyMap<SourceFile, ReplayedItems>;
  /** Every open item that was asked for, whether its row could be read or not. */
  readonly ids: ReadonlySet<string>;
}

/** Place of a record as read; only what items need of it. */
interface ReadPlace {
  readonly line: number;
  readonly offset: number;
  readonly length: number;
}

export class ReplayedItems {
  private readonly idOfLine: ReadonlyMap<number, string>;
  /** Whether a clerk gave the text; else it is the archive's own. */
  private readonly byHand: boolean;
  private readonly loaded: MendedItem[] = [];
  /** Items that the last reading closed. */
  cleared = 0;

  constructor(idOfLine: ReadonlyMap<number, string>, byHand: boolean) {
    this.idOfLine = idOfLine;
    this.byHand = byHand;
  }

  /** A record that loads. */
  accept(place: ReadPlace): void {
    this.loaded.push(this.itemAt(place));
  }

  /** Instead of opening items: these are open. */
  async refuse(tx: Transaction, file: QuarantineFile, rejects: readonly Reject[]): Promise<void> {
    const items = rejects.map(({ place, problems }) => ({ ...this.itemAt(place), problems }));
    await keepOpen(tx, file, { items, byHand: this.byHand });
  }

  async close(tx: Transaction, file: QuarantineFile): Promise<void> {
    const items = this.loaded;
    this.cleared = await closeMended(tx, file, { items, byHand: this.byHand });
  }

  private itemAt({ line, offset, length }: ReadPlace): MendedItem {
    const id = this.idOfLine.get(line);
    if (id === undefined) throw new Error("a replayed line belongs to no quarantined record");
    return { id, offset, length };
  }
}
