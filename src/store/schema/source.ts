/** Source files as they were read, and what was refused, as migrations/ makes the tables; compared with them by test/store/drizzle-schema.test.ts. */
import {
  bigint,
  boolean,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea } from "./bytea.ts";

export const sourceFile = pgTable("source_file", {
  fileId: uuid("file_id").primaryKey(),
  runId: text("run_id").notNull(),
  pipeline: text("pipeline").notNull(),
  facilityId: text("facility_id").notNull(),
  name: text("name").notNull(),
  sha256: text("sha256").notNull(),
  bytes: bigint("bytes", { mode: "bigint" }).notNull(),
  modifiedAt: timestamp("modified_at", { withTimezone: true }).notNull(),
  encoding: text("encoding").notNull(),
  fieldMapHash: text("field_map_hash").notNull(),
  dataKey: bytea("data_key").notNull(),
  storeKeyId: text("store_key_id").notNull(),
  read: bigint("read", { mode: "bigint" }).notNull(),
  loaded: bigint("loaded", { mode: "bigint" }).notNull(),
  unchanged: bigint("unchanged", { mode: "bigint" }).notNull(),
  quarantined: bigint("quarantined", { mode: "bigint" }).notNull(),
  headerLines: bigint("header_lines", { mode: "bigint" }).notNull(),
  blankLines: bigint("blank_lines", { mode: "bigint" }).notNull(),
  recordLines: bigint("record_lines", { mode: "bigint" }).notNull(),
  layoutLines: jsonb("layout_lines").notNull(),
  landedOnly: jsonb("landed_only").notNull(),
  warnings: jsonb("warnings").notNull(),
  columns: jsonb("columns"),
  committedAt: timestamp("committed_at", { withTimezone: true }).notNull(),
  lines: bigint("lines", { mode: "bigint" }),
  loadNo: bigint("load_no", { mode: "bigint" }).generatedByDefaultAsIdentity().notNull(),
  planHash: text("plan_hash"),
  reading: jsonb("reading"),
  archiveId: uuid("archive_id"),
  isRepeat: boolean("is_repeat").notNull().default(false),
  undoneRun: text("undone_run"),
  remapOf: uuid("remap_of"),
  standsAt: bigint("stands_at", { mode: "bigint" }),
});

export const readingPlan = pgTable("reading_plan", {
  planHash: text("plan_hash").primaryKey(),
  body: jsonb("body").notNull(),
});

export const rawChunk = pgTable(
  "raw_chunk",
  {
    fileId: uuid("file_id")
      .notNull()
      .references(() => sourceFile.fileId),
    seq: integer("seq").notNull(),
    bytes: bytea("bytes").notNull(),
  },
  (table) => [primaryKey({ columns: [table.fileId, table.seq] })],
);

export const quarantine = pgTable("quarantine", {
  quarantineId: bigint("quarantine_id", { mode: "bigint" })
    .primaryKey()
    .generatedAlwaysAsIdentity(),
  pipeline: text("pipeline").notNull(),
  rawHash: text("raw_hash").notNull(),
  runId: text("run_id").notNull(),
  fileId: uuid("file_id").notNull(),
  fileName: text("file_name").notNull(),
  line: bigint("line", { mode: "bigint" }).notNull(),
  byteOffset: bigint("byte_offset", { mode: "bigint" }).notNull(),
  byteLength: bigint("byte_length", { mode: "bigint" }).notNull(),
  recordId: bigint("record_id", { mode: "bigint" }),
  problems: jsonb("problems").notNull(),
  state: text("state", { enum: ["open", "closed", "superseded"] })
    .notNull()
    .default("open"),
  endedRun: text("ended_run"),
  endedFile: uuid("ended_file"),
  earlier: jsonb("earlier").notNull().default([]),
  mendedFile: uuid("mended_file"),
  mendedOffset: bigint("mended_offset", { mode: "bigint" }),
  mendedLength: bigint("mended_length", { mode: "bigint" }),
});

export const replayedRecord = pgTable(
  "replayed_record",
  {
    fileId: uuid("file_id")
      .notNull()
      .references(() => sourceFile.fileId),
    line: bigint("line", { mode: "bigint" }).notNull(),
    rawHash: text("raw_hash").notNull(),
    byHand: boolean("by_hand").notNull(),
    givenFile: uuid("given_file"),
  },
  (table) => [primaryKey({ columns: [table.fileId, table.line] })],
);

export const sourceWatermark = pgTable("source_watermark", {
  pipeline: text("pipeline").primaryKey(),
  value: text("value").notNull(),
  runId: text("run_id").notNull(),
  readAt: timestamp("read_at", { withTimezone: true }).notNull(),
});
