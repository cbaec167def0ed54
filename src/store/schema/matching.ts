/** What matching and people said of two records, as migrations/ makes the tables; compared with them by test/store/drizzle-schema.test.ts. */
import {
  bigint,
  doublePrecision,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";

export const matchModel = pgTable("match_model", {
  modelId: text("model_id").primaryKey(),
  name: text("name").notNull(),
  body: jsonb("body").notNull(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
});

export const edge = pgTable(
  "edge",
  {
    lo: bigint("lo", { mode: "bigint" }).notNull(),
    hi: bigint("hi", { mode: "bigint" }).notNull(),
    weight: doublePrecision("weight").notNull(),
    pattern: text("pattern").notNull(),
    modelId: text("model_id")
      .notNull()
      .references(() => matchModel.modelId),
  },
  (table) => [primaryKey({ columns: [table.lo, table.hi] })],
);

export const decision = pgTable("decision", {
  decisionId: uuid("decision_id").primaryKey(),
  kind: text("kind", { enum: ["link", "distinct"] }).notNull(),
  lo: bigint("lo", { mode: "bigint" }).notNull(),
  hi: bigint("hi", { mode: "bigint" }).notNull(),
  source: text("source", { enum: ["human", "hl7"] }).notNull(),
  actor: text("actor").notNull(),
  reason: text("reason"),
  facilityId: text("facility_id"),
  runId: text("run_id"),
  fileId: uuid("file_id"),
  line: bigint("line", { mode: "bigint" }),
  state: text("state", { enum: ["in_force", "dormant", "revoked"] })
    .notNull()
    .default("in_force"),
  madeAt: timestamp("made_at", { withTimezone: true }).notNull(),
});

export const review = pgTable("review", {
  reviewId: uuid("review_id").primaryKey(),
  lo: bigint("lo", { mode: "bigint" }).notNull(),
  hi: bigint("hi", { mode: "bigint" }).notNull(),
  reason: text("reason").notNull(),
  state: text("state", { enum: ["open", "decided", "obsolete"] })
    .notNull()
    .default("open"),
  runId: text("run_id").notNull(),
});
