/** Cards, their keys and batches, as migrations/ makes the tables; compared with them by test/store/drizzle-schema.test.ts. */
import {
  bigint,
  date,
  integer,
  jsonb,
  pgTable,
  smallint,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea } from "./bytea.ts";

export const cardKey = pgTable("card_key", {
  kid: smallint("kid").primaryKey(),
  publicKey: bytea("public_key").notNull(),
  notBefore: date("not_before").notNull(),
  notAfter: date("not_after").notNull(),
  status: text("status", { enum: ["published", "withdrawn"] }).notNull(),
});

export const cardBatch = pgTable("card_batch", {
  batchId: text("batch_id").primaryKey(),
  runId: text("run_id").notNull(),
  layout: text("layout").notNull(),
  out: text("out").notNull(),
  firstFile: integer("first_file").notNull(),
  state: text("state", { enum: ["making", "made"] }).notNull(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  cards: bigint("cards", { mode: "bigint" }).notNull().default(0n),
  held: jsonb("held").notNull().default({}),
  files: jsonb("files").notNull().default([]),
});

export const card = pgTable("card", {
  serial: bigint("serial", { mode: "bigint" }).primaryKey(),
  personId: uuid("person_id").notNull(),
  healthId: text("health_id").notNull(),
  issue: integer("issue").notNull(),
  state: text("state", {
    enum: ["active", "superseded", "suspended", "lost", "revoked"],
  }).notNull(),
  kid: smallint("kid")
    .notNull()
    .references(() => cardKey.kid),
  token: text("token").notNull(),
  face: jsonb("face").notNull(),
  issuedOn: date("issued_on").notNull(),
  batchId: text("batch_id").notNull(),
  seq: integer("seq").notNull(),
  file: text("file"),
  page: integer("page"),
});

export const cardScan = pgTable("card_scan", {
  scanId: bigint("scan_id", { mode: "bigint" }).primaryKey().generatedAlwaysAsIdentity(),
  serial: bigint("serial", { mode: "bigint" }).notNull(),
  at: timestamp("at", { withTimezone: true }).notNull(),
  place: text("place"),
});
