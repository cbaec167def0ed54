/** Reads a YAML file that people write: all its mistakes at once, each with file, line and column, none with a value. */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  type Alias,
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
} from "yaml";
import { z } from "zod";
import { HimsError } from "./errors.ts";
import { type Environment, resolveReferences } from "./secret-references.ts";
import { suggestionOr } from "./suggestion.ts";

/** One mistake: lines and columns count from 1. */
export interface YamlMistake {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface YamlOptions {
  /** Resolves `${env:NAME}`; `${file:PATH}` is relative to the file's folder. */
  readonly environment: Environment;
  /** Told of every text with a reference: how it is written, and the secret it stands for. */
  readonly onReference?: (reference: {
    readonly written: string;
    readonly resolved: string;
  }) => void;
}

/**
 * @returns the parsed content, references to secrets resolved
 * @throws HimsError HIMS_CONFIG (usage) whose message has a line for every mistake and whose place is the first
 */
export function readYamlFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  options: YamlOptions,
): z.output<Schema> {
  const lineCounter = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const mistakes: YamlMistake[] = document.errors.map((error) => ({
    ...place(error.pos[0]),
    // The parser's own text may quote the line, its code does not.
    message: `not valid YAML (${error.code.toLowerCase().replaceAll("_", " ")})`,
  }));
  if (mistakes.length > 0) throw configError(path, mistakes);

  const source = { environment: options.environment, folder: dirname(path) };
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value !== "string" || !scalar.value.includes("${")) return;
      const resolved = resolveReferences(scalar.value, source);
      if (resolved.ok) {
        options.onReference?.({ written: scalar.value, resolved: resolved.text });
        scalar.value = resolved.text;
      } else mistakes.push({ ...place(offsetOf(scalar)), message: resolved.reason });
    },
  });
  const content = contentOf(document);
  if (content === null) {
    const { offset, message } = aliasMistake(document);
    throw configError(path, [...mistakes, { ...place(offset), message }]);
  }
  const checked = schema.safeParse(content.value);
  if (checked.success && mistakes.length === 0) return checked.data;
  for (const issue of checked.error?.issues ?? []) {
    for (const { path: at, message, onKey } of explain(issue, schema)) {
      mistakes.push({ ...place(offsetAt(document, at, onKey)), message });
    }
  }
  throw configError(path, mistakes);
}

/** Null where an alias (`*name`) names nothing, or aliases of aliases would grow without end. */
function contentOf(document: Document): { readonly value: unknown } | null {
  try {
    return { value: document.toJS() };
  } catch (error) {
    if (error instanceof ReferenceError) return null;
    throw error;
  }
}

/** At the alias that names nothing, else at the first of too many. */
function aliasMistake(document: Document): { readonly offset: number; readonly message: string } {
  const aliases: Alias[] = [];
  visit(document, { Alias: (_, alias) => void aliases.push(alias) });
  const dangling = aliases.find((alias) => alias.resolve(document) === undefined);
  const message =
    dangling === undefined
      ? "aliases (*name) stand for too much; write it out"
      : "this alias (*name) has no anchor (&name) before it";
  const alias = dangling ?? aliases[0];
  return { offset: alias === undefined ? 0 : offsetOf(alias), message };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new HimsError("HIMS_CONFIG_UNREADABLE", {
      kind: "usage",
      message: "this file cannot be read",
      hint: "Check that it exists and that you may read it.",
      at: { file: path },
      cause,
    });
  }
}

function configError(path: string, mistakes: readonly YamlMistake[]): HimsError {
  const sorted = [...mistakes].sort((a, b) => a.line - b.line || a.column - b.column);
  const first = sorted[0];
  return new HimsError("HIMS_CONFIG", {
    kind: "usage",
    message: sorted.map((m) => `${path}:${m.line}:${m.column}  ${m.message}`).join("\n"),
    hint: sorted.length === 1 ? "Correct this line." : `Correct these ${sorted.length} lines.`,
    at: { file: path, line: first?.line ?? 1, column: first?.column ?? 1 },
  });
}

interface Explanation {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The mistake is the key itself, not its value. */
  readonly onKey: boolean;
}

function explain(issue: z.core.$ZodIssue, schema: z.ZodType): readonly Explanation[] {
  if (issue.code === "unrecognized_keys") {
    const known = knownKeysAt(schema, issue.path);
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `unknown key "${key}". ${suggestionOr(key, known, `Known here: ${known.join(", ")}.`)}`,
      onKey: true,
    }));
  }
  if (issue.code === "invalid_union") {
    // The branch that got furthest is the one that was meant: report its mistakes.
    const branches = [...issue.errors].sort((a, b) => depth(b) - depth(a));
    const nested = (branches[0] ?? []).map((inner) => ({
      ...inner,
      path: [...issue.path, ...inner.path],
    }));
    if (nested.length > 0) return nested.flatMap((inner) => explain(inner, schema));
  }
  const where = issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `;
  return [{ path: issue.path, message: `${where}${issue.message}`, onKey: false }];
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

/** The keys an object may have at a path of the schema; all branches of a union together. */
function knownKeysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
  let nodes: readonly JsonSchema[] = alternatives(root as JsonSchema);
  for (const step of path) {
    nodes = nodes.flatMap((node) => {
      const next =
        typeof step === "number"
          ? node.items
          : (node.properties?.[String(step)] ?? node.additionalProperties);
      return typeof next === "object" ? alternatives(next) : [];
    });
  }
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

/** As much of a JSON schema as leads to the known keys. */
interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

function alternatives(node: JsonSchema): readonly JsonSchema[] {
  const inner = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return [node, ...inner.flatMap(alternatives)];
}

/** Where a path stands in the file; a missing value stands where its nearest parent does. */
function offsetAt(document: Document, path: readonly PropertyKey[], onKey: boolean): number {
  for (let length = path.length; length > 0; length--) {
    const key = keyNode(document, path.slice(0, length));
    const value = document.getIn(path.slice(0, length), true);
    const node = onKey ? (key ?? value) : (value ?? key);
    if (isNode(node)) return offsetOf(node);
  }
  return document.contents === null ? 0 : offsetOf(document.contents);
}

function keyNode(document: Document, path: readonly PropertyKey[]): unknown {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return null;
  return parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)))
    ?.key;
}

function offsetOf(node: { readonly range?: readonly number[] | null }): number {
  return node.range?.[0] ?? 0;
}
