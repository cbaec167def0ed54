/** Finding and reading pipeline files: by name in the workspace, or by path anywhere. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { HimsError } from "../platform/errors.ts";
import type { Environment } from "../platform/secret-references.ts";
import { suggestionOr } from "../platform/suggestion.ts";
import type { Workspace } from "../platform/workspace.ts";
import { readYamlFile } from "../platform/yaml-file.ts";
import { refuseLiteralSecrets } from "./literal-secrets.ts";
import { type PipelineFile, pipelineSchema } from "./pipeline-file.ts";

/** Raised when normalizing changes what a row becomes: the rows of every map then count as changed. */
const normalizerVersion = 1;

/** Reads one pipeline, by name (`ddu-opd`) or by path (`x/ddu-opd.yaml`). Errors carry file, line and column. */
export function loadPipeline(
  nameOrPath: string,
  workspace: Workspace,
  environment: Environment,
): PipelineFile {
  const path = findPipelineFile(nameOrPath, workspace);
  const resolved = new Set<string>();
  const content = readYamlFile(path, pipelineSchema, {
    environment,
    onReference: (reference) => resolved.add(reference.resolved),
  });
  const pipeline = { ...content, path, folder: dirname(path) };
  refuseLiteralSecrets(pipeline, resolved);
  return pipeline;
}

/** Every pipeline of the workspace, in order of file name. */
export function loadAllPipelines(
  workspace: Workspace,
  environment: Environment,
): readonly PipelineFile[] {
  return pipelineFiles(workspace).map((path) => loadPipeline(path, workspace, environment));
}

export function pipelineFiles(workspace: Workspace): readonly string[] {
  if (!existsSync(workspace.pipelinesFolder)) return [];
  return readdirSync(workspace.pipelinesFolder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(workspace.pipelinesFolder, name));
}

/** Path of a pipeline file, by name or by path. @throws HimsError HIMS_PIPELINE_UNKNOWN */
export function findPipelineFile(nameOrPath: string, workspace: Workspace): string {
  if (/\.ya?ml$/.test(nameOrPath)) {
    const path = resolve(nameOrPath);
    if (existsSync(path)) return path;
    throw unknownPipeline(nameOrPath, workspace);
  }
  const files = pipelineFiles(workspace);
  const found = files.find((path) => basename(path).replace(/\.ya?ml$/, "") === nameOrPath);
  if (found === undefined) throw unknownPipeline(nameOrPath, workspace);
  return found;
}

function unknownPipeline(name: string, workspace: Workspace): HimsError {
  const names = pipelineFiles(workspace).map((path) => basename(path).replace(/\.ya?ml$/, ""));
  const known =
    names.length === 0
      ? "There is no pipeline in this workspace yet."
      : `Known here: ${names.slice(0, 20).join(", ")}.`;
  return new HimsError("HIMS_PIPELINE_UNKNOWN", {
    kind: "usage",
    message: `there is no pipeline ${JSON.stringify(name)}`,
    hint: suggestionOr(name, names, known),
    at: { file: workspace.pipelinesFolder },
  });
}

/** What wrote a record's facts: `<pipeline>:<hash of everything that decides how its rows are read>`. */
export function mapSourceOf(pipeline: PipelineFile): string {
  if (!("fields" in pipeline)) return `hl7:${normalizerVersion}`;
  const { fields, events, record, source } = pipeline;
  const text = JSON.stringify([normalizerVersion, record, fields, events, source.dateOrder]);
  return `${pipeline.name}:${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}
