import { string as stringArg } from "@oclif/core/args";
import { HimsError } from "../../platform/errors.ts";
import { visibleLine } from "../../platform/visible-text.ts";
import type { RunRow } from "../../store/runs.ts";
import type { FileReport } from "../../store/source-files.ts";
import { HimsCommand } from "../base-command.ts";
import { grouped } from "../text-table.ts";

/** Header + layout + blank + record lines of each file are its lines. */
interface HistoryShowResult {
  readonly run: RunRow;
  readonly files: readonly FileReport[];
}

export default class HistoryShow extends HimsCommand<HistoryShowResult> {
  static override summary = "Show one run, its files, and where each of their lines went.";
  static override args = { run: stringArg({ description: "Id of the run.", required: true }) };

  async run(): Promise<HistoryShowResult> {
    const { args } = await this.parse(HistoryShow);
    const { findRun } = await import("../../store/runs.ts");
    const { listFilesOfRun } = await import("../../store/source-files.ts");
    await using store = await this.openReader();
    const run = await findRun(store.reader, args.run);
    if (run === null) throw unknownRun();
    return { run, files: await listFilesOfRun(store.reader, args.run) };
  }

  protected render({ run, files }: HistoryShowResult): string {
    const { read, loaded, unchanged, quarantined } = run;
    const lines = [
      `${run.id}: ${run.pipeline}, ${run.status}, attempt ${run.attempt}`,
      `  ${run.startedAt.toISOString()} to ${run.endedAt?.toISOString() ?? "now"} by ${run.worker}`,
      `  read ${grouped(read)} = loaded ${grouped(loaded)} + unchanged ${grouped(unchanged)} + quarantined ${grouped(quarantined)}`,
      ...Object.entries(run.warnings).map(
        ([rule, number]) => `  warning ${rule}: ${grouped(number)}`,
      ),
      ...Object.entries(run.landedOnly).map(
        ([type, number]) => `  landed only ${type}: ${grouped(number)}`,
      ),
      ...files.flatMap(fileLines),
    ];
    return lines.join("\n");
  }
}

function fileLines(file: FileReport): readonly string[] {
  const { layoutLines } = file;
  const shown = layoutLines.slice(0, 20).join(", ");
  const more = layoutLines.length > 20 ? ", ..." : "";
  const places = layoutLines.length === 0 ? "" : ` (lines ${shown}${more})`;
  return [
    `  ${visibleLine(file.name)}: ${grouped(file.bytes)} bytes, ${file.encoding}`,
    `    lines: ${grouped(file.headerLines)} header + ${grouped(layoutLines.length)} layout${places} + ${grouped(file.blankLines)} blank + ${grouped(file.recordLines)} of records`,
    `    read ${grouped(file.read)} = loaded ${grouped(file.loaded)} + unchanged ${grouped(file.unchanged)} + quarantined ${grouped(file.quarantined)}`,
  ];
}

function unknownRun(): HimsError {
  return new HimsError("HIMS_RUN_UNKNOWN", {
    kind: "usage",
    message: "there is no run with this id",
    hint: "`hims history list` shows the latest.",
  });
}
