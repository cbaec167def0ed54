/** Source records, their versions and identifiers, as migrations/ makes the tables; compared with them by test/store/drizzle-schema.test.ts. */
import {
  bigint,
  date,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea } from "./bytea.ts";

/** Columns of a source record besides its id, current or past; made anew for each table. */
function recordColumns() {
  return {
    version: integer("version").notNull(),
    facilityId: text("facility_id").notNull(),
    idSystem: text("id_system").notNull(),
    idValue: text("id_value").notNull(),
    name: text("name"),
    nameLocal: text("name_local"),
    givenName: text("given_name"),
    middleName: text("middle_name"),
    familyName: text("family_name"),
    sex: text("sex", { enum: ["male", "female", "other"] }),
    birthDate: date("birth_date"),
    birthPrecision: text("birth_precision", { enum: ["day", "month", "year", "estimated"] }),
    phones: text("phones").array().notNull().default([]),
    email: text("email"),
    relationName: text("relation_name"),
    relationType: text("relation_type"),
    addressLine: text("address_line"),
    locality: text("locality"),
    city: text("city"),
    district: text("district"),
    state: text("state"),
    postalCode: text("postal_code"),
    bloodGroup: text("blood_group"),
    deceasedAt: text("deceased_at"),
    motherMrn: text("mother_mrn"),
    guardianMrn: text("guardian_mrn"),
    seenAt: text("seen_at"),
    identifiers: jsonb("identifiers").notNull().default([]),
    factsHash: bytea("facts_hash").notNull(),
    mapSource: text("map_source").notNull(),
    authority: text("authority", { enum: ["patient", "event"] }).notNull(),
    messageTime: timestamp("message_time", { withTimezone: true }),
    fileId: uuid("file_id").notNull(),
    line: bigint("line", { mode: "bigint" }).notNull(),
    runId: text("run_id").notNull(),
  };
}

export const patientRecord = pgTable("patient_record", {
  recordId: bigint("record_id", { mode: "bigint" }).primaryKey(),
  ...recordColumns(),
});

export const patientRecordVersion = pgTable(
  "patient_record_version",
  {
    recordId: bigint("record_id", { mode: "bigint" }).notNull(),
    ...recordColumns(),
    endedRun: text("ended_run").notNull(),
    reason: text("reason", { enum: ["superseded", "history"] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.recordId, table.version] })],
);

export const identifier = pgTable(
  "identifier",
  {
    recordId: bigint("record_id", { mode: "bigint" }).notNull(),
    system: text("system").notNull(),
    value: text("value").notNull(),
    type: text("type"),
  },
  (table) => [primaryKey({ columns: [table.recordId, table.system, table.value] })],
);
