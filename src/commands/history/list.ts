import { integer, string } from "@oclif/core/flags";
import type { RunRow } from "../../store/runs.ts";
import { HimsCommand } from "../base-command.ts";
import { textTable } from "../text-table.ts";

interface HistoryListResult {
  readonly runs: readonly RunRow[];
}

export default class HistoryList extends HimsCommand<HistoryListResult> {
  static override summary = "List past runs, newest first.";
  static override flags = {
    pipeline: string({ description: "Only runs of this pipeline.", helpValue: "NAME" }),
    limit: integer({ description: "How many at most.", default: 20, min: 1, helpValue: "N" }),
  };

  async run(): Promise<HistoryListResult> {
    const { flags } = await this.parse(HistoryList);
    const { listRuns } = await import("../../store/runs.ts");
    await using store = await this.openReader();
    const filter = { pipeline: flags.pipeline ?? null, limit: flags.limit };
    return { runs: await listRuns(store.reader, filter) };
  }

  protected render({ runs }: HistoryListResult): string {
    if (runs.length === 0) return "no run yet";
    return textTable([
      ["run", "pipeline", "status", "started (UTC)", "read", "loaded", "unchanged", "quarantined"],
      ...runs.map((run) => [
        run.id,
        run.pipeline,
        run.dryRun ? `${run.status} (dry run)` : run.status,
        run.startedAt.toISOString().slice(0, 19).replace("T", " "),
        run.read,
        run.loaded,
        run.unchanged,
        run.quarantined,
      ]),
    ]);
  }
}
