/** `fields:` of a proposed pipeline: mapped columns with their formats and codes, and the constants a clinical export needs. */
import { codeValues } from "../onboarding/code-meaning.ts";
import type { ColumnProfile } from "../onboarding/column-profile.ts";
import type { DateOrderFinding } from "../onboarding/date-order.ts";
import type { MappedColumn, Mapping } from "../onboarding/mapping.ts";
import type { MapField } from "../records/field-map.ts";

/** One entry of `fields:`, in the words of a pipeline file. */
export interface MappedField {
  readonly field: MapField;
  readonly source: {
    readonly column?: string;
    readonly columns?: readonly string[];
    readonly join?: string;
    readonly value?: string;
    readonly format?: string;
    readonly values?: Readonly<Record<string, string>>;
  };
  /** Of the (first) column; null for a constant. */
  readonly confidence: number | null;
  readonly shape: string | null;
  /** Why it is there, where it is not plain; else null. */
  readonly note: string | null;
}

/** In the order people look for them: the patient first, then the event. */
export function pipelineFields(
  mapping: Mapping,
  profiles: ReadonlyMap<string, ColumnProfile>,
  dateOrder: DateOrderFinding,
): readonly MappedField[] {
  const fields = new Map<MapField, MappedField>();
  for (const mapped of mapping.columns) {
    const earlier = fields.get(mapped.field);
    const profile = profiles.get(mapped.column) ?? null;
    fields.set(
      mapped.field,
      earlier === undefined ? fieldOf(mapped, profile, dateOrder) : joined(earlier, mapped),
    );
  }
  for (const field of sharedFields(mapping, fields)) fields.set(field.field, field);
  return [...fields.values()];
}

function fieldOf(
  mapped: MappedColumn,
  profile: ColumnProfile | null,
  dateOrder: DateOrderFinding,
): MappedField {
  const { column, field, confidence } = mapped;
  const isCoded = field === "sex" || field === "relationType";
  const values = isCoded ? codeValues(field, profile?.codes ?? []) : {};
  const format = dateOrder.formats.get(column);
  return {
    field,
    source: {
      column,
      ...(format === undefined ? {} : { format }),
      ...(Object.keys(values).length === 0 ? {} : { values }),
    },
    confidence,
    shape: profile?.shape ?? null,
    note: mapped.against === null ? null : "not what its header says",
  };
}

function joined(earlier: MappedField, { column }: MappedColumn): MappedField {
  const { column: first, columns = first === undefined ? [] : [first] } = earlier.source;
  return { ...earlier, source: { columns: [...columns, column], join: ", " } };
}

/** A visit's day is when the patient was seen, and an age counts from that day; a constant names the kind of fact. */
function sharedFields(
  mapping: Mapping,
  fields: ReadonlyMap<MapField, MappedField>,
): readonly MappedField[] {
  const { eventKind } = mapping;
  const at = fields.get("at");
  const seenAt = fields.get("seenAt");
  const shared: MappedField[] = [];
  if (eventKind !== null && eventKind !== "appointment" && at === undefined && seenAt !== undefined)
    shared.push({ ...seenAt, field: "at", note: "the same column as seenAt" });
  if (fields.has("age") && seenAt === undefined && at !== undefined)
    shared.push({ ...at, field: "seenAt", note: "ages count at this day" });
  if (eventKind !== null)
    shared.push({
      field: "eventKind",
      source: { value: eventKind },
      confidence: null,
      shape: null,
      note: "every row tells one",
    });
  return shared;
}
