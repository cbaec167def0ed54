import { HimsCommand } from "../base-command.ts";
import { textTable } from "../text-table.ts";

/** What a file with mistakes cannot tell is null. */
interface PipelineSummary {
  readonly name: string;
  readonly facility: string | null;
  readonly type: string | null;
  readonly source: string | null;
  readonly schedule: string | null;
  readonly ok: boolean;
}

interface PipelineListResult {
  readonly pipelines: readonly PipelineSummary[];
}

export default class PipelineList extends HimsCommand<PipelineListResult> {
  static override summary = "List the pipelines of the workspace.";

  async run(): Promise<PipelineListResult> {
    await this.parse(PipelineList);
    const { requestedPipelines } = await import("../../pipelines/requested-pipelines.ts");
    const requested = requestedPipelines(
      { names: [], all: true },
      this.workspace(),
      await this.environment(),
    );
    const pipelines = requested.map((pipeline) => {
      const { name } = pipeline;
      if ("error" in pipeline)
        return { name, facility: null, type: null, source: null, schedule: null, ok: false };
      const { facility, source, schedule } = pipeline.file;
      return {
        name,
        facility: typeof facility === "string" ? facility : facility.id,
        type: source.type,
        source: source.at === "" ? "sql" : source.at,
        schedule: schedule?.cron ?? null,
        ok: true,
      };
    });
    return { pipelines };
  }

  protected render({ pipelines }: PipelineListResult): string {
    if (pipelines.length === 0) return "no pipeline yet: hims onboard FILE writes one";
    return textTable([
      ["name", "facility", "type", "source", "schedule", ""],
      ...pipelines.map(({ name, facility, type, source, schedule, ok }) => [
        name,
        facility,
        type,
        source,
        schedule,
        ok ? "" : `has mistakes: hims pipeline check ${name}`,
      ]),
    ]);
  }
}
