/** Facilities and runs, as migrations/ makes the tables; compared with them by test/store/drizzle-schema.test.ts. */
import { bigint, integer, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

export const storeMeta = pgTable("store_meta", {
  key: text("key").primaryKey(),
  value: text("value").notNull(),
});

export const facility = pgTable("facility", {
  facilityId: text("facility_id").primaryKey(),
  name: text("name").notNull(),
  ownership: text("ownership", { enum: ["delhi_govt", "central", "civic", "private"] }),
  kind: text("kind", { enum: ["hospital", "polyclinic", "dispensary", "mohalla_clinic"] }),
  state: text("state", { enum: ["active", "paused"] })
    .notNull()
    .default("active"),
  timeZone: text("time_zone").notNull().default("Asia/Kolkata"),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
});

export const assigningAuthority = pgTable("assigning_authority", {
  authority: text("authority").primaryKey(),
  facilityId: text("facility_id")
    .notNull()
    .references(() => facility.facilityId),
});

export const pipelineRun = pgTable(
  "pipeline_run",
  {
    pipeline: text("pipeline").notNull(),
    slot: text("slot").notNull(),
    attempt: integer("attempt").notNull().default(1),
    runId: text("run_id").notNull().unique(),
    kind: text("kind", { enum: ["ingest", "link", "cards", "undo"] }).notNull(),
    facilityId: text("facility_id"),
    status: text("status", {
      enum: [
        "running",
        "succeeded",
        "unchanged",
        "stale",
        "gated",
        "failed",
        "cancelled",
        "undone",
      ],
    }).notNull(),
    fencingToken: bigint("fencing_token", { mode: "bigint" }).notNull(),
    worker: text("worker").notNull(),
    startedAt: timestamp("started_at", { withTimezone: true }).notNull(),
    endedAt: timestamp("ended_at", { withTimezone: true }),
    files: integer("files").notNull().default(0),
    read: bigint("read", { mode: "bigint" }).notNull().default(0n),
    loaded: bigint("loaded", { mode: "bigint" }).notNull().default(0n),
    unchanged: bigint("unchanged", { mode: "bigint" }).notNull().default(0n),
    quarantined: bigint("quarantined", { mode: "bigint" }).notNull().default(0n),
    layoutLines: bigint("layout_lines", { mode: "bigint" }).notNull().default(0n),
    landedOnly: jsonb("landed_only").notNull().default({}),
    warnings: jsonb("warnings").notNull().default({}),
    watermark: jsonb("watermark"),
    detail: jsonb("detail").notNull().default({}),
  },
  (table) => [primaryKey({ columns: [table.pipeline, table.slot] })],
);
