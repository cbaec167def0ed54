import { string as stringArg } from "@oclif/core/args";
import type { PipelineFile } from "../../pipelines/pipeline-file.ts";
import { HimsCommand } from "../base-command.ts";

export default class PipelineShow extends HimsCommand<PipelineFile> {
  static override summary = "Show a pipeline as HIMS reads it, defaults included.";
  static override args = {
    name: stringArg({ description: "Name of the pipeline, or path of its file.", required: true }),
  };

  async run(): Promise<PipelineFile> {
    const { args } = await this.parse(PipelineShow);
    const { loadPipeline } = await import("../../pipelines/pipeline-list.ts");
    return loadPipeline(args.name, this.workspace(), await this.environment());
  }

  protected render({ path, folder: _, ...pipeline }: PipelineFile): string {
    return `${path}\n${JSON.stringify(pipeline, null, 2)}`;
  }
}
