/** What people and HL7 merges said of two records: outranks the model, is never deleted, and knows its source. */
import { randomUUID } from "node:crypto";
import type { MergeClaim } from "../clinical/source-facts.ts";
import type { RecordId } from "../platform/ids.ts";
import { recordIdOf } from "../records/patient-record.ts";
import type { Reader, Transaction } from "./database.ts";
import type { SettledFile } from "./settled-file.ts";

export interface Decision {
  readonly kind: "link" | "distinct";
  readonly lo: RecordId;
  readonly hi: RecordId;
  readonly source: "human" | "hl7";
}

/** Keeps merges as decisions, and notes the messages that said something new. A merge of a record with itself says nothing. */
export async function saveMerges(
  tx: Transaction,
  file: SettledFile & { readonly committedAt: Date },
  claims: readonly (MergeClaim & { readonly ordinal: number; readonly line: number })[],
): Promise<void> {
  for (const claim of claims) {
    const ids = [recordIdOf(claim.survivor), recordIdOf(claim.prior)].sort((a, b) =>
      a < b ? -1 : 1,
    );
    const [lo, hi] = ids;
    if (lo === hi || lo === undefined || hi === undefined) continue;
    await tx.rows(
      `with made as (
         insert into decision (decision_id, kind, lo, hi, source, actor, facility_id, run_id, file_id, line, made_at)
         values ($1, 'link', $2, $3, 'hl7', $4, $5, $6, $7, $8, $9)
         on conflict (lo, hi, kind) where source = 'hl7' and state = 'in_force' do nothing returning 1
       ) insert into stage_changed select $10::bigint from made`,
      [
        randomUUID(),
        lo,
        hi,
        `facility:${file.facilityId}`,
        file.facilityId,
        file.runId,
        file.fileId,
        claim.line,
        file.committedAt,
        claim.ordinal,
      ],
    );
  }
}

export function listDecisions(reader: Reader): Promise<Decision[]> {
  return reader.rows<Decision>(
    "select kind, lo, hi, source from decision where state = 'in_force' order by lo, hi, kind, source",
  );
}

/** What people said of records that are gone lies dormant, and holds again when they are back. */
export async function wakeDecisions(tx: Transaction): Promise<void> {
  await tx.rows(`
    update decision d set state = case d.state when 'dormant' then 'in_force' else 'dormant' end
    where d.source = 'human' and d.state in ('in_force', 'dormant')
      and (d.state = 'in_force') <> (
        exists (select from patient_record p where p.record_id = d.lo) and exists (select from patient_record p where p.record_id = d.hi))`);
}
