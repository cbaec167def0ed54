/** The master patient index, as migrations/ makes the tables; compared with them by test/store/drizzle-schema.test.ts. */
import { bigint, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";

export const person = pgTable("person", {
  personId: uuid("person_id").primaryKey(),
  createdNo: bigint("created_no", { mode: "bigint" }).generatedByDefaultAsIdentity().unique(),
  state: text("state", { enum: ["active", "merged", "retired"] }).notNull(),
  mergedInto: uuid("merged_into"),
  createdRun: text("created_run").notNull(),
  changedRun: text("changed_run").notNull(),
});

export const personMember = pgTable(
  "person_member",
  {
    recordId: bigint("record_id", { mode: "bigint" }).notNull(),
    personId: uuid("person_id").notNull(),
    sinceRun: text("since_run").notNull(),
    untilRun: text("until_run"),
    survivedVersion: integer("survived_version").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.recordId, table.sinceRun, table.personId] })],
);

export const goldenValue = pgTable(
  "golden_value",
  {
    personId: uuid("person_id").notNull(),
    field: text("field").notNull(),
    value: text("value").notNull(),
    recordId: bigint("record_id", { mode: "bigint" }).notNull(),
    rule: text("rule").notNull(),
  },
  (table) => [primaryKey({ columns: [table.personId, table.field] })],
);

export const personNameToken = pgTable(
  "person_name_token",
  {
    token: text("token").notNull(),
    personId: uuid("person_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.token, table.personId] })],
);

export const healthId = pgTable("health_id", {
  healthId: text("health_id").primaryKey(),
  personId: uuid("person_id").notNull(),
  state: text("state", { enum: ["current", "alias", "retired"] }).notNull(),
  runId: text("run_id").notNull(),
  madeFor: uuid("made_for"),
});
