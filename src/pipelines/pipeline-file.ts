/** The schema of `pipelines/*.yaml`: one file per feed of a hospital. Paths in it are relative to the file itself. */
import { Cron } from "croner";
import { z } from "zod";
import { eventKinds } from "../clinical/clinical-event.ts";
import { eventKindOf } from "../clinical/event-kind.ts";
import {
  type EventMap,
  eventMapSchema,
  type FieldMap,
  type FieldSource,
  fieldMapSchema,
} from "../records/field-map.ts";
import { sexOf } from "../records/sex-code.ts";
import { checkPlace, fileOrQueryPlace, filePlace } from "./source-schema.ts";

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "use lower-case letters, digits and hyphens")
  // The ledger's names of our own runs.
  .refine((text) => text !== "link" && text !== "cards", "this name is taken by HIMS itself");
const facilityId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "use letters, digits, `.`, `_` and `-`");

const timeZone = z.string().refine(isTimeZone, "not a time zone such as Asia/Kolkata");

export const ownerships = ["delhi_govt", "central", "civic", "private"] as const;
export const facilityKinds = ["hospital", "polyclinic", "dispensary", "mohalla_clinic"] as const;

/** A facility written into its pipeline file is registered by the first run, if it is not there yet. */
export const facilitySchema = z.strictObject({
  id: facilityId,
  name: z.string().min(1),
  ownership: z.enum(ownerships).nullable().default(null),
  kind: z.enum(facilityKinds).nullable().default(null),
  authorities: z
    .array(z.string().min(1))
    .default([])
    .describe("Assigning authorities this facility owns (HL7 PID-3.4, MSH-4)."),
  timeZone: timeZone.default("Asia/Kolkata"),
});

const maxUnpackedGigabytes = z
  .number()
  .positive()
  .default(64)
  .describe("How large the content of a `.gz`, `.zip` or `.xlsx` may be.");
const csvSourceKeys = z.strictObject({
  type: z.literal("csv"),
  ...fileOrQueryPlace,
  encoding: z
    .string()
    .default("auto")
    .describe("`auto`, or a WHATWG label such as `windows-1252`."),
  delimiter: z.enum(["auto", ",", ";", "\t", "|"]).default("auto"),
  header: z
    .union([z.literal("auto"), z.literal("none"), z.int().min(1)])
    .default("auto")
    .describe("Line of the header, `auto`, or `none`: columns are then called 1, 2, 3."),
  dateOrder: z.enum(["dmy", "mdy", "ymd"]).default("dmy"),
  sheet: z
    .union([z.string().min(1), z.int().min(1)])
    .optional()
    .describe("Sheet of an `.xlsx`, by name or number; without it the first that has the header."),
  maxUnpackedGigabytes,
});
const csvSource = csvSourceKeys.superRefine(checkPlace);
const hl7Source = z
  .strictObject({
    type: z.literal("hl7"),
    ...filePlace,
    encoding: z.string().default("auto"),
    maxUnpackedGigabytes,
  })
  .superRefine(checkPlace);

const percent = z
  .union([z.number().min(0).max(100), z.string().regex(/^\d{1,3}(\.\d+)?%$/)])
  .transform((value) => Number.parseFloat(String(value)));

const cron = z
  .string()
  .refine(isCron, "not a cron expression of five fields, such as `30 1 * * *`")
  .describe("Minute, hour, day of month, month, day of week.");

const common = {
  version: z.literal(1),
  name,
  description: z.string().optional(),
  facility: z.union([facilityId, facilitySchema]),
  schedule: z
    .union([cron, z.strictObject({ cron, timeZone: timeZone.default("Asia/Kolkata") })])
    .transform((value) =>
      typeof value === "string" ? { cron: value, timeZone: "Asia/Kolkata" } : value,
    )
    .optional(),
  gate: z
    .strictObject({
      max_quarantine: percent
        .optional()
        .describe("Percent of records; above it nothing of the file is committed."),
      min_rows: z
        .int()
        .min(0)
        .optional()
        .describe("Records; below it nothing of the file is committed."),
      max_drop: percent
        .optional()
        .describe(
          "Percent below the median of the last five files whose names differ in digits alone; beyond it nothing of the file is committed.",
        ),
    })
    .default({}),
};

const expectedLayout = z
  .strictObject({
    columns: z.array(z.string().min(1)).min(1).describe("Headers that were agreed on."),
    extra: z
      .enum(["allow", "warn", "refuse"])
      .default("allow")
      .describe("What to do about columns that were not agreed on."),
    missing: z
      .enum(["refuse", "warn"])
      .default("refuse")
      .describe("What to do about agreed columns that are not there."),
  })
  .describe("The layout that was agreed on with the facility.");

const csvPipelineObject = z.strictObject({
  ...common,
  source: csvSource,
  record: z
    .enum(["patient", "event"])
    .default("patient")
    .describe("`patient` rows own demographics; `event` rows fill blanks only."),
  expect: expectedLayout.optional(),
  fields: fieldMapSchema,
  events: z
    .array(eventMapSchema)
    .default([])
    .describe("Further facts a row carries, each inheriting the event fields of `fields`."),
});

/** Words in the map itself are checked with it: a wrong one would quarantine every row of the night. */
const csvPipeline = csvPipelineObject.superRefine((pipeline, context) => {
  const maps = [
    { map: pipeline.fields, at: ["fields"] },
    ...pipeline.events.map((map, index) => ({ map, at: ["events", index] })),
  ];
  for (const { map, at } of maps) {
    for (const { path, message } of wrongWords(map)) {
      context.addIssue({ code: "custom", path: [...at, ...path], message });
    }
  }
});
const hl7Pipeline = z.strictObject({ ...common, source: hl7Source });

/** A whole pipeline file. */
export const pipelineSchema = z.union([csvPipeline, hl7Pipeline]);
export type CsvPipeline = z.infer<typeof csvPipeline>;
export type Hl7Pipeline = z.infer<typeof hl7Pipeline>;
export type Pipeline = CsvPipeline | Hl7Pipeline;
export type PipelineFile = Pipeline & {
  /** Absolute path of the file, and the folder that `source.at` is relative to. */
  readonly path: string;
  readonly folder: string;
};

interface WrongWord {
  readonly path: readonly string[];
  readonly message: string;
}

function wrongWords(map: FieldMap | EventMap): readonly WrongWord[] {
  const kinds = `not a kind of event: ${eventKinds.join(", ")}`;
  const sexes = "not a sex: male, female, other, unknown";
  return [
    ...wordsOf("eventKind", map.eventKind, (word) => (eventKindOf(word) === null ? kinds : null)),
    ...("sex" in map
      ? wordsOf("sex", map.sex, (word) => (sexOf(word) === null ? sexes : null))
      : []),
    ...Object.entries(map).flatMap(([field, source]) =>
      source?.format === undefined || isDateFormat(source.format)
        ? []
        : [{ path: [field, "format"], message: "not a date format such as DD/MM/YYYY" }],
    ),
  ];
}

/** The words a field map itself gives a field: its constant, and what its codes mean. */
function wordsOf(
  field: string,
  source: FieldSource | undefined,
  complaint: (word: string) => string | null,
): readonly WrongWord[] {
  const given = [
    ...(source?.value === undefined ? [] : [{ path: [field, "value"], word: source.value }]),
    ...Object.entries(source?.values ?? {}).map(([code, word]) => ({
      path: [field, "values", code],
      word,
    })),
  ];
  return given.flatMap(({ path, word }) => {
    const message = complaint(word);
    return message === null ? [] : [{ path, message }];
  });
}

/** Parts of a date in some order, with or without a time: only the order is taken from it. */
function isDateFormat(format: string): boolean {
  return /^[dmyhsat:/.,\s-]+$/i.test(format) && /y/i.test(format);
}

function isCron(text: string): boolean {
  if (text.trim().split(/\s+/).length !== 5) return false;
  try {
    return new Cron(text, { paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
