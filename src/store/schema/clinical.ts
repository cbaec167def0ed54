/** Clinical events and their versions, as migrations/ makes the tables; compared with them by test/store/drizzle-schema.test.ts. */
import {
  bigint,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea } from "./bytea.ts";

/** Columns of an event, current or past; made anew for each table. */
function eventColumns() {
  return {
    recordId: bigint("record_id", { mode: "bigint" }).notNull(),
    eventId: bigint("event_id", { mode: "bigint" }).notNull(),
    version: integer("version").notNull(),
    facilityId: text("facility_id").notNull(),
    kind: text("kind", {
      enum: [
        "encounter",
        "observation",
        "appointment",
        "procedure",
        "medication",
        "immunization",
        "condition",
        "allergy",
        "report",
      ],
    }).notNull(),
    eventKey: text("event_key").notNull(),
    code: text("code"),
    codeSystem: text("code_system"),
    display: text("display"),
    at: text("at"),
    atPrecision: text("at_precision"),
    endAt: text("end_at"),
    status: text("status"),
    encounterId: text("encounter_id"),
    performer: text("performer"),
    note: text("note"),
    detail: jsonb("detail").notNull().default({}),
    contentHash: bytea("content_hash").notNull(),
    messageTime: timestamp("message_time", { withTimezone: true }),
    fileId: uuid("file_id").notNull(),
    line: bigint("line", { mode: "bigint" }).notNull(),
    runId: text("run_id").notNull(),
  };
}

export const clinicalEvent = pgTable(
  "clinical_event",
  {
    ...eventColumns(),
  },
  (table) => [primaryKey({ columns: [table.recordId, table.eventId] })],
);

export const clinicalEventVersion = pgTable(
  "clinical_event_version",
  {
    ...eventColumns(),
    endedRun: text("ended_run").notNull(),
    reason: text("reason", { enum: ["superseded", "history"] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.recordId, table.eventId, table.version] })],
);
