/** Which quarantined records the lines of a replayed file stood for: kept, so that an undo can judge the lines again. */
import type { SourceFileId } from "../platform/ids.ts";
import type { Reader, Transaction } from "./database.ts";
import type { QuarantineFile } from "./quarantine.ts";

/** Notes it while the items are as they were when the text was made: before any of them is closed or changed. */
export async function saveReplayed(
  tx: Transaction,
  { fileId }: QuarantineFile,
  replayed: { readonly idOfLine: ReadonlyMap<number, string>; readonly byHand: boolean },
): Promise<void> {
  const lines = [...replayed.idOfLine].map(([line, id]) => ({ line, id }));
  await tx.rows(
    `insert into replayed_record (file_id, line, raw_hash, by_hand, given_file)
     select $1, i.line, q.raw_hash, $3, q.mended_file
     from jsonb_to_recordset($2::jsonb) as i(line bigint, id bigint) join quarantine q on q.quarantine_id = i.id`,
    [fileId, JSON.stringify(lines), replayed.byHand],
  );
}

export interface ReplayedRecord {
  readonly line: number;
  readonly rawHash: string;
  readonly byHand: boolean;
  /** The item with this raw hash that is open now, or null. */
  readonly openId: string | null;
  /** Whether the text that was read again is the item's latest one now as well. */
  readonly isSameText: boolean;
}

/** What the lines of a replayed file stood for, and whether those records wait now. Nothing for files of before 0005_replayed. */
export function listReplayed(
  reader: Reader,
  { fileId, pipeline }: { readonly fileId: SourceFileId; readonly pipeline: string },
): Promise<readonly ReplayedRecord[]> {
  return reader.rows<ReplayedRecord>(
    `select r.line::float8 as line, r.raw_hash as "rawHash", r.by_hand as "byHand", q.quarantine_id::text as "openId",
       r.given_file is not distinct from q.mended_file as "isSameText"
     from replayed_record r
       left join quarantine q on q.pipeline = $2 and q.raw_hash = r.raw_hash and q.state = 'open'
     where r.file_id = $1`,
    [fileId, pipeline],
  );
}
