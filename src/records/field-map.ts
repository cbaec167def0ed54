/** Which column means what at one facility: the `fields:` part of a pipeline file. Data, not code. */
import { z } from "zod";

/** Canonical patient fields a field map may name (design decisions, "Fields"). */
export const patientFieldNames = [
  "mrn",
  "identifier",
  "abhaNumber",
  "abhaAddress",
  "aadhaar",
  "name",
  "nameLocal",
  "givenName",
  "middleName",
  "familyName",
  "sex",
  "birthDate",
  "age",
  "phone",
  "email",
  "relationName",
  "relationType",
  "addressLine",
  "locality",
  "city",
  "district",
  "state",
  "postalCode",
  "bloodGroup",
  "deceasedAt",
  "motherMrn",
  "guardianMrn",
  "seenAt",
] as const;

/** Canonical event fields. */
export const eventFieldNames = [
  "eventKind",
  "eventId",
  "code",
  "codeSystem",
  "display",
  "at",
  "endAt",
  "status",
  "value",
  "unit",
  "range",
  "flag",
  "dose",
  "route",
  "frequency",
  "quantity",
  "lot",
  "doseNumber",
  "dueAt",
  "encounterId",
  "performer",
  "note",
] as const;

export type PatientMapField = (typeof patientFieldNames)[number];
export type EventMapField = (typeof eventFieldNames)[number];
export type MapField = PatientMapField | EventMapField;

const dateOrder = z.enum(["dmy", "mdy", "ymd"]);
export type DateOrder = z.infer<typeof dateOrder>;

const fieldSourceObject = z
  .strictObject({
    column: z.string().min(1).optional().describe("The column's header, exactly as in the export."),
    columns: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("Several columns, joined by `join`."),
    join: z.string().default(" "),
    value: z.string().min(1).optional().describe("A constant for every row."),
    format: z.string().min(1).optional().describe("Order of a date's parts, e.g. `DD/MM/YYYY`."),
    values: z
      .record(z.string(), z.string())
      .optional()
      .describe("The facility's codes and what they mean, e.g. `{ 1: male, 2: female }`."),
    width: z
      .int()
      .min(2)
      .max(40)
      .optional()
      .describe("Digits every number of the column has; a shorter one has lost its leading zeros."),
    encoding: z
      .literal("krutidev")
      .optional()
      .describe("The column is typed in the Kruti Dev font; without it such text is found out."),
    bad: z
      .enum(["quarantine", "ignore"])
      .optional()
      .describe("What to do with a value that cannot be read; `ignore` keeps the row and warns."),
  })
  .refine(
    (source) =>
      [source.column, source.columns, source.value].filter((part) => part !== undefined).length ===
      1,
    {
      error: "give exactly one of `column`, `columns`, `value`",
    },
  );

const fieldSource = z
  .union([z.string().min(1), fieldSourceObject])
  .transform((source) =>
    typeof source === "string" ? fieldSourceObject.parse({ column: source }) : source,
  );
/** Where one field's text comes from, and how to read it. */
export type FieldSource = z.infer<typeof fieldSourceObject>;

const patientFields = Object.fromEntries(
  patientFieldNames.map((name) => [name, fieldSource.optional()]),
) as {
  [Name in PatientMapField]: z.ZodOptional<typeof fieldSource>;
};
const eventFields = Object.fromEntries(
  eventFieldNames.map((name) => [name, fieldSource.optional()]),
) as {
  [Name in EventMapField]: z.ZodOptional<typeof fieldSource>;
};

/** `fields:` of a CSV pipeline: canonical field -> where it comes from. `mrn` is required. */
export const fieldMapSchema = z.strictObject({
  ...patientFields,
  ...eventFields,
  mrn: fieldSource,
});
/** One entry of `events:`, for rows that carry several facts; it inherits the event fields of `fields:`. */
export const eventMapSchema = z.strictObject(eventFields);

export type FieldMap = z.infer<typeof fieldMapSchema>;
export type EventMap = z.infer<typeof eventMapSchema>;

/** Every column a map asks for, without repeats. */
export function mappedColumns(maps: readonly (FieldMap | EventMap)[]): readonly string[] {
  const columns = new Set<string>();
  for (const map of maps) {
    for (const source of Object.values(map)) {
      if (source?.column !== undefined) columns.add(source.column);
      for (const column of source?.columns ?? []) columns.add(column);
    }
  }
  return [...columns];
}
