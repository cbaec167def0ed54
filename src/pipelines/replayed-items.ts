/** Which quarantined record stands on which line of a file that is replayed, and what became of it while the file was read. */
import type { SourceFile } from "../connectors/connector.ts";
import type { Transaction } from "../store/database.ts";
import type { QuarantineFile, Reject } from "../store/quarantine.ts";
import {
  closeMended,
  keepOpen,
  listOpenIds,
  type MendedItem,
} from "../store/quarantine-mending.ts";
import { saveReplayed } from "../store/replayed-records.ts";

/** What a replay reads. */
export interface ReplayFiles {
  readonly items: ReadonlyMap<SourceFile, ReplayedItems>;
  /** Every open item that was asked for, whether its row could be read or not. */
  readonly ids: ReadonlySet<string>;
}

export class ReplayedItems {
  /** The items that load unless they are found to be refused: each record of the file is one of them. */
  private readonly itemOfLine: Map<number, MendedItem>;
  /** Whether a clerk gave the text; else it is the archive's own. */
  private readonly byHand: boolean;
  /** What waits in the pipeline after this file, by id; null until it has settled. A row that loads may supersede others' items. */
  waiting: ReadonlySet<string> | null = null;

  constructor(itemOfLine: ReadonlyMap<number, MendedItem>, byHand: boolean) {
    this.itemOfLine = new Map(itemOfLine);
    this.byHand = byHand;
  }

  /** Before the first line is judged: what each of them stands for. */
  async note(tx: Transaction, file: QuarantineFile): Promise<void> {
    const idOfLine = new Map([...this.itemOfLine].map(([line, { id }]) => [line, id]));
    await saveReplayed(tx, file, { idOfLine, byHand: this.byHand });
  }

  /** Instead of opening items: these are open. */
  async refuse(tx: Transaction, file: QuarantineFile, rejects: readonly Reject[]): Promise<void> {
    const items = rejects.map(({ place, problems }) => {
      const item = this.itemOfLine.get(place.line);
      if (item === undefined) throw new Error("a replayed line belongs to no quarantined record");
      this.itemOfLine.delete(place.line);
      return { ...item, problems };
    });
    await keepOpen(tx, file, { items, byHand: this.byHand });
  }

  /** @param layoutLines lines that were taken for titles or totals, and so were not read as records */
  async close(
    tx: Transaction,
    file: QuarantineFile,
    layoutLines: readonly number[],
  ): Promise<void> {
    for (const line of layoutLines) this.itemOfLine.delete(line);
    const items = [...this.itemOfLine.values()];
    await closeMended(tx, file, { items, byHand: this.byHand });
  }

  async noteWaiting(tx: Transaction, { pipeline }: QuarantineFile): Promise<void> {
    this.waiting = await listOpenIds(tx, pipeline);
  }
}
