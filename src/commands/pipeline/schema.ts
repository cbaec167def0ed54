import { HimsCommand } from "../base-command.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

export default class PipelineSchema extends HimsCommand<JsonSchema> {
  static override summary = "Print the JSON schema of pipeline files, for editors.";
  static override description =
    "Put `# yaml-language-server: $schema=PATH` on the first line of a pipeline file.";

  async run(): Promise<JsonSchema> {
    await this.parse(PipelineSchema);
    const { pipelineJsonSchema } = await import("../../pipelines/pipeline-json-schema.ts");
    return pipelineJsonSchema();
  }

  protected render(schema: JsonSchema): string {
    return JSON.stringify(schema, null, 2);
  }
}
