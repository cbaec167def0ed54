// The keys of a pipeline file and of hims.yaml, from their schemas, and the canonical fields, from the field map.
import { z } from "zod";
import { table } from "./docs-text.mjs";

/** Of hims.yaml; what they mean is written by hand beside them. */
export async function describeConfigKeys() {
  const { configSchema } = await import("../src/platform/config.ts");
  const keys = new Map();
  collect(z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }), "", keys);
  const rows = [...keys]
    .filter(([, key]) => !key.types.has("map"))
    .map(([path, key]) => [`\`${path}\``, ...valueAndDefault(key)]);
  return table(["key", "value", "default"], rows);
}

export async function describePipelineKeys() {
  const { pipelineJsonSchema } = await import("../src/pipelines/pipeline-json-schema.ts");
  const { eventFieldNames, patientFieldNames } = await import("../src/records/field-map.ts");
  const keys = new Map();
  collect(pipelineJsonSchema(), "", keys);
  const rows = [...keys].map(([path, key]) => [
    `\`${path}\``,
    ...valueAndDefault(key),
    [...key.texts].join(" "),
  ]);
  const inCode = (names) => names.map((name) => `\`${name}\``).join(", ");
  return `${table(["key", "value", "default", "meaning"], rows)}

\`FIELD\` is one of the canonical fields.

Of the patient: ${inCode(patientFieldNames)}.

Of an event: ${inCode(eventFieldNames)}.`;
}

function valueAndDefault(key) {
  const value = key.default === undefined ? "" : `\`${JSON.stringify(key.default)}\``;
  return [[...key.types].join(" or "), value];
}

/** Adds the keys below `path`; alternatives are laid over one another. */
function collect(schema, path, keys) {
  for (const part of schema.anyOf ?? []) collect(part, path, keys);
  if (schema.items !== undefined) collect(schema.items, `${path}[]`, keys);
  const isFields = path === "fields" || path === "events[]";
  const entries = Object.entries(schema.properties ?? {});
  // All canonical fields are read alike: one of them stands for all.
  for (const [name, child] of isFields ? entries.slice(0, 1) : entries)
    addKey(`${path === "" ? "" : `${path}.`}${isFields ? "FIELD" : name}`, child, keys);
}

function addKey(path, schema, keys) {
  const key = keys.get(path) ?? { types: new Set(), texts: new Set(), default: undefined };
  keys.set(path, key);
  for (const type of typesOf(schema)) key.types.add(type);
  if (schema.description !== undefined) key.texts.add(schema.description);
  if (schema.default !== undefined) key.default = schema.default;
  // Events are mapped as fields are, which is shown once.
  if (path !== "events[].FIELD") collect(schema, path, keys);
}

function typesOf(schema) {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(typesOf);
  if (schema.const !== undefined) return [`\`${String(schema.const)}\``];
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${shown(value)}\``);
  if (schema.type === "array") return ["list"];
  return [schema.type === "object" ? "map" : (schema.type ?? "text")];
}

function shown(value) {
  return value === "\t" ? "\\t" : String(value);
}
