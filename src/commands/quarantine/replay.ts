import { string as stringArg } from "@oclif/core/args";
import { boolean, string } from "@oclif/core/flags";
import type { ReplayReport } from "../../pipelines/replay-quarantine.ts";
import { HimsError } from "../../platform/errors.ts";
import { HimsCommand } from "../base-command.ts";
import { grouped } from "../text-table.ts";

export default class QuarantineReplay extends HimsCommand<ReplayReport> {
  static override summary = "Load records that a clerk has mended, or try the archived ones again.";
  static override description =
    "FILE is what `quarantine export` wrote, mended and saved by a spreadsheet: as .xlsx or as CSV, rows and columns in any order, fewer of them, another encoding or delimiter. Rows are known by their column hims_row. Without FILE the records of --pipeline or --id are read from the archive again, after a field map or a code list was mended. Records that load are cleared; others wait on with what is wrong now.";
  static override examples = [
    "<%= config.bin %> quarantine replay mend.csv --dry-run",
    "<%= config.bin %> quarantine replay mend.csv",
    "<%= config.bin %> quarantine replay --pipeline ddu-opd",
  ];
  static override args = { file: stringArg({ description: "File that a clerk has mended." }) };
  static override flags = {
    pipeline: string({
      description: "Name of the records' pipeline, or path of its file.",
      helpValue: "P",
    }),
    id: string({ description: "One record, by its id.", helpValue: "N" }),
    "dry-run": boolean({ char: "n", description: "Read and check everything, keep nothing." }),
  };

  async run(): Promise<ReplayReport> {
    const { args, flags } = await this.parse(QuarantineReplay);
    const request = {
      file: args.file ?? null,
      pipeline: flags.pipeline ?? null,
      id: flags.id ?? null,
      dryRun: flags["dry-run"],
    };
    refuseUnclear(request);
    const { replayQuarantine } = await import("../../pipelines/replay-quarantine.ts");
    await using context = await this.openRunContext();
    const { report, failures, linkFailure } = await replayQuarantine(request, context);
    const [failure = linkFailure] = failures;
    if (failure !== null) this.failWith(failure);
    return report;
  }

  protected render(report: ReplayReport): string {
    const { runs, cleared, stillOpen, notReplayed, persons } = report;
    const lines = runs.map(
      ({ pipeline, status, read, loaded, unchanged, quarantined }) =>
        `${pipeline}: ${status}\n  read ${grouped(read)} = loaded ${grouped(loaded)} + unchanged ${grouped(unchanged)} + quarantined ${grouped(quarantined)}`,
    );
    lines.push(`cleared ${grouped(cleared)}, still open ${grouped(stillOpen)}`);
    for (const [reason, own] of Map.groupBy(notReplayed, (line) => line.reason)) {
      const places = own.slice(0, 20).map(({ line }) => line);
      const more = own.length > places.length ? ", ..." : "";
      lines.push(`  not loaded, ${reasons[reason]}: lines ${places.join(", ")}${more}`);
    }
    if (persons !== null) lines.push(`people: ${grouped(persons.total)}`);
    return lines.join("\n");
  }
}

const reasons: Readonly<Record<ReplayReport["notReplayed"][number]["reason"], string>> = {
  unknown: "no record has this hims_row",
  already_closed: "cleared before",
  repeated: "the same hims_row stands there more than once",
  blank: "nothing is left in the row",
  layout_not_confirmed:
    "its cells are a guess that nobody changed (if they are right, empty its hims_code)",
  letters_lost: "letters were lost when the file was saved (save it as UTF-8)",
  unreadable: "the line has not as many cells as the header",
  not_one_message: "it is not one HL7 message",
};

function refuseUnclear(request: {
  file: string | null;
  pipeline: string | null;
  id: string | null;
}) {
  const { file, pipeline, id } = request;
  if (file === null && pipeline === null && id === null) {
    throw new HimsError("HIMS_USAGE", {
      kind: "usage",
      message: "it is not said what to replay",
      hint: "Give the file that a clerk has mended, or name archived records with --pipeline or --id.",
    });
  }
  if (id === null || (/^[1-9]\d{0,17}$/.test(id) && file === null)) return;
  throw new HimsError("HIMS_USAGE", {
    kind: "usage",
    message: "--id is the number of one record, and goes without a file",
    hint: "`hims quarantine list` shows the ids.",
  });
}
