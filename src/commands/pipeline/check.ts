import { string as stringArg } from "@oclif/core/args";
import type { PipelineCheck } from "../../pipelines/pipeline-check.ts";
import { visibleLine } from "../../platform/visible-text.ts";
import { HimsCommand } from "../base-command.ts";

interface PipelineCheckResult {
  readonly pipelines: readonly PipelineCheck[];
}

export default class PipelineCheckCommand extends HimsCommand<PipelineCheckResult> {
  static override summary =
    "Check pipeline files, and their maps against the first file of their source.";
  static override description =
    "Without a name, all pipelines of the workspace. Mistakes are told with file, line and column.";
  static override strict = false;
  static override args = {
    name: stringArg({
      description: "Name of a pipeline, or path of its file; several may follow.",
    }),
  };

  async run(): Promise<PipelineCheckResult> {
    const { argv } = await this.parse(PipelineCheckCommand);
    const { checkPipeline } = await import("../../pipelines/pipeline-check.ts");
    const { requestedPipelines } = await import("../../pipelines/requested-pipelines.ts");
    const request = { names: argv.map(String), all: argv.length === 0 };
    const requested = requestedPipelines(request, this.workspace(), await this.environment());
    const pipelines: PipelineCheck[] = [];
    for (const pipeline of requested) {
      const { check, error } = await checkPipeline(
        pipeline,
        this.workspace().filesFolder,
        this.signal,
      );
      pipelines.push(check);
      if (error !== null) this.failWith(error, "in the result");
    }
    return { pipelines };
  }

  protected render({ pipelines }: PipelineCheckResult): string {
    if (pipelines.length === 0) return "there is no pipeline in this workspace yet";
    return pipelines.map(checkText).join("\n");
  }
}

function checkText({ pipeline, ok, file, unmappedColumns, error }: PipelineCheck): string {
  const held = file === null ? "no file to hold it against" : visibleLine(file);
  const lines = [ok ? `ok     ${pipeline}: ${held}` : `NO     ${pipeline}: ${error?.code ?? ""}`];
  if (error !== undefined) lines.push(`       ${error.message}`, `       hint: ${error.hint}`);
  if (unmappedColumns.length > 0)
    lines.push(`       not mapped: ${unmappedColumns.map(visibleLine).join(", ")}`);
  return lines.join("\n");
}
