import { dirname } from "node:path";
import { string as stringArg } from "@oclif/core/args";
import type { PipelineFile } from "../../pipelines/pipeline-file.ts";
import { HimsCommand } from "../base-command.ts";

export default class PipelineShow extends HimsCommand<PipelineFile> {
  static override summary =
    "Show a pipeline as HIMS reads it, defaults included, secrets as they are referred to.";
  static override args = {
    name: stringArg({ description: "Name of the pipeline, or path of its file.", required: true }),
  };

  async run(): Promise<PipelineFile> {
    const { args } = await this.parse(PipelineShow);
    const { findPipelineFile } = await import("../../pipelines/pipeline-list.ts");
    const { pipelineSchema } = await import("../../pipelines/pipeline-file.ts");
    const { readYamlFile } = await import("../../platform/yaml-file.ts");
    const path = findPipelineFile(args.name, this.workspace());
    const references = new Map<string, string>();
    const pipeline = readYamlFile(path, pipelineSchema, {
      environment: await this.environment(),
      onReference: ({ written, resolved }) => references.set(resolved, written),
    });
    return { ...withReferences(pipeline, references), path, folder: dirname(path) };
  }

  protected render({ path, folder: _, ...pipeline }: PipelineFile): string {
    return `${path}\n${JSON.stringify(pipeline, null, 2)}`;
  }
}

/** Puts back what was written for a secret, wherever it went. @param references by what they stand for */
function withReferences<Value>(value: Value, references: ReadonlyMap<string, string>): Value {
  if (typeof value === "string") return (references.get(value) ?? value) as Value;
  if (Array.isArray(value)) return value.map((item) => withReferences(item, references)) as Value;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    references.get(key) ?? key,
    withReferences(inner, references),
  ]);
  return Object.fromEntries(entries) as Value;
}
