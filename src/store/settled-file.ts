/** The file whose staged claims become source records, and how those are written. */
import type { FacilityId, RunId, SourceFileId } from "../platform/ids.ts";
import { fieldColumns } from "./patient-columns.ts";

/** The file that is being settled. */
export interface SettledFile {
  readonly fileId: SourceFileId;
  readonly runId: RunId;
  readonly facilityId: FacilityId;
  /** How many raw records were staged: few need no statistics. */
  readonly stagedRecords: number;
}

/** Below this the planner's guess is good enough, and statistics cost more than they give. */
export const worthAnalyzing = 2_000;

const fields = fieldColumns.join(", ");
/** Every column of a source record. */
export const recordColumns = `record_id, version, facility_id, id_system, id_value, ${fields}, facts_hash, map_source, authority, message_time, file_id, line, run_id`;
