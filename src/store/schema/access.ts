/** API keys and the access log, as migrations/ makes the tables; compared with them by test/store/drizzle-schema.test.ts. */
import { bigint, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { bytea } from "./bytea.ts";

export const apiKey = pgTable("api_key", {
  keyId: text("key_id").primaryKey(),
  keyHash: bytea("key_hash").notNull().unique(),
  label: text("label").notNull(),
  scopes: text("scopes").array().notNull(),
  facilityId: text("facility_id"),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  revokedAt: timestamp("revoked_at", { withTimezone: true }),
});

export const accessLog = pgTable("access_log", {
  entryId: bigint("entry_id", { mode: "bigint" }).primaryKey().generatedAlwaysAsIdentity(),
  at: timestamp("at", { withTimezone: true }).notNull(),
  actor: text("actor").notNull(),
  purpose: text("purpose").notNull(),
  action: text("action").notNull(),
  resource: text("resource").notNull(),
  personId: uuid("person_id"),
  outcome: text("outcome").notNull(),
  sealNo: bigint("seal_no", { mode: "bigint" }),
});

export const accessSeal = pgTable("access_seal", {
  sealNo: bigint("seal_no", { mode: "bigint" }).primaryKey(),
  entries: bigint("entries", { mode: "bigint" }).notNull(),
  previousHash: bytea("previous_hash").notNull(),
  hash: bytea("hash").notNull(),
  sealedAt: timestamp("sealed_at", { withTimezone: true }).notNull(),
});
