import { string as stringArg } from "@oclif/core/args";
import { boolean, integer, string } from "@oclif/core/flags";
import type { IngestOptions } from "../pipelines/ingest.ts";
import type { RunEntry, RunOutcome, RunReport } from "../pipelines/run-pipelines.ts";
import { systemClock } from "../platform/clock.ts";
import { HimsError } from "../platform/errors.ts";
import { visibleLine } from "../platform/visible-text.ts";
import { HimsCommand } from "./base-command.ts";
import { grouped } from "./text-table.ts";

export default class Run extends HimsCommand<RunReport> {
  static override summary = "Load what hospitals exported, then find who is who.";
  static override description =
    "Runs pipelines by name or by path to a .yaml, in the order given. Each file is loaded whole or not at all, and a file that is known is not read again.";
  static override examples = [
    "<%= config.bin %> run ddu-opd",
    "<%= config.bin %> run ddu-opd --file /inbox/2026-03-01.csv --dry-run",
    "<%= config.bin %> run --all",
  ];
  static override strict = false;
  static override args = {
    pipeline: stringArg({
      description: "Name of a pipeline, or path of its file; several may follow.",
    }),
  };
  static override flags = {
    all: boolean({ description: "Run every pipeline of the workspace." }),
    file: string({
      description: "Read this file, folder or glob instead of the pipeline's own source.",
      helpValue: "F",
    }),
    "dry-run": boolean({ char: "n", description: "Read and check everything, keep nothing." }),
    since: string({
      description: "Only files modified since then: 2026-03-01, 2026-03-01T08:00, 36h, 7d.",
      helpValue: "T",
    }),
    full: boolean({ description: "Read files whose content is known, too." }),
    remap: boolean({
      description:
        "After a corrected field map: read what stands again from the archive, show the difference by field.",
      exclusive: ["file", "since", "full"],
    }),
    "no-link": boolean({
      description: "Load only; `hims match run` finds later who is who.",
    }),
    "max-quarantine": string({
      description: "Percent of records that may be refused; above it nothing of a file is kept.",
      helpValue: "PCT",
    }),
    "min-rows": integer({
      description: "Records a file must have; below it nothing of a file is kept.",
      min: 0,
      helpValue: "N",
    }),
    "max-drop": string({
      description: "Percent a file may lie below recent ones; beyond it nothing of a file is kept.",
      helpValue: "PCT",
    }),
  };

  async run(): Promise<RunReport> {
    const { argv, flags } = await this.parse(Run);
    const names = argv.map(String);
    refuseUnclear({ names, all: flags.all, file: flags.file ?? null });
    const { parseSince } = await import("../pipelines/since.ts");
    const { requestedPipelines } = await import("../pipelines/requested-pipelines.ts");
    const { runPipelines } = await import("../pipelines/run-pipelines.ts");
    const { timezone } = await this.settings();
    const options: IngestOptions = {
      file: flags.file ?? null,
      full: flags.full,
      remap: flags.remap,
      since: flags.since === undefined ? null : parseSince(flags.since, timezone, systemClock),
      dryRun: flags["dry-run"],
      loadsOnly: flags["no-link"],
      maxQuarantine: percentOf("--max-quarantine", flags["max-quarantine"] ?? null),
      minRows: flags["min-rows"] ?? null,
      maxDrop: percentOf("--max-drop", flags["max-drop"] ?? null),
      slot: null,
    };
    const requested = requestedPipelines(
      { names, all: flags.all },
      this.workspace(),
      await this.environment(),
    );
    await using context = await this.openRunContext();
    const outcome = await runPipelines(requested, options, context);
    this.#settle(outcome);
    return outcome.report;
  }

  /** All failed: the failure an operator should look at first. Some failed: what is committed counts, exit code 6. */
  #settle({ failures, linkFailure, report }: RunOutcome): void {
    for (const { pipeline, error } of report.runs) {
      if (error !== undefined && report.runs.length > 1)
        this.addWarning(`${pipeline}: ${error.message} (${error.hint})`);
    }
    const first = mostUrgent(failures);
    const interrupted = [...failures, linkFailure].find(isInterruption) ?? null;
    if (interrupted !== null) this.failWith(interrupted);
    else if (first !== null && failures.length === report.runs.length) this.failWith(first);
    else if (linkFailure !== null) this.#linkFailed(linkFailure);
    else if (first !== null) this.exitWith(6);
  }

  #linkFailed({ message, hint }: HimsError): void {
    this.addWarning(`records are loaded, people are not linked: ${message} (${hint})`);
    this.exitWith(6);
  }

  protected render({ runs, link, persons }: RunReport): string {
    const blocks = runs.map(runText);
    if (persons !== null) {
      const { total, new: made, joined, review } = persons;
      blocks.push(
        `people: ${grouped(total)} (${grouped(made)} new, ${grouped(joined)} records joined, ${grouped(review)} to review) in ${link?.seconds ?? 0} s`,
      );
    }
    const next = persons === null ? null : nextStep(runs);
    return (next === null ? blocks : [...blocks, `next: ${next}`]).join("\n");
  }
}

function refuseUnclear(asked: { names: string[]; all: boolean; file: string | null }): void {
  const { names, all, file } = asked;
  if (names.length === 0 && !all) {
    throw usage(
      "no pipeline was named",
      "Name one (`hims pipeline list` shows them), or run all of them with --all.",
    );
  }
  if (file !== null && (all || new Set(names).size > 1)) {
    throw usage("--file goes with one pipeline", "Name the one pipeline that reads this file.");
  }
}

function percentOf(flag: string, text: string | null): number | null {
  if (text === null) return null;
  const value = /^\d{1,3}(\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (value >= 0 && value <= 100) return value;
  throw usage(`${flag} is not a percentage`, "Give a number from 0 to 100, such as 5 or 0.5%.");
}

function usage(message: string, hint: string): HimsError {
  return new HimsError("HIMS_USAGE", { kind: "usage", message, hint });
}

function isInterruption(error: HimsError | null): error is HimsError {
  return error?.code === "HIMS_INTERRUPTED";
}

/** Among failures, that which decides the exit code. */
function mostUrgent(failures: readonly HimsError[]): HimsError | null {
  const order = ["gate", "unreachable", "locked", "usage", "bug", "check", "partial"];
  const sorted = [...failures].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return sorted[0] ?? null;
}

function runText(run: RunEntry): string {
  const { read, loaded, unchanged, quarantined } = run;
  const ledger = `read ${grouped(read)} = loaded ${grouped(loaded)} + unchanged ${grouped(unchanged)} + quarantined ${grouped(quarantined)}`;
  const speed = read === 0 ? "" : `, ${run.seconds} s, ${grouped(run.rowsPerSecond)} rows/s`;
  const lines = [
    `${run.pipeline}: ${run.status}${run.id === null ? "" : ` (${run.id})`}`,
    `  ${ledger}`,
    `  files ${grouped(run.files)}, layout lines ${grouped(run.layoutLines)}${speed}`,
  ];
  for (const [field, { filled, cleared, changed }] of Object.entries(run.remap?.fields ?? {}))
    lines.push(
      `  field ${field}: ${grouped(filled)} filled, ${grouped(cleared)} cleared, ${grouped(changed)} changed`,
    );
  for (const { file, message } of run.refusedFiles)
    lines.push(`  refused ${visibleLine(file)}: ${message}`);
  for (const [rule, number] of Object.entries(run.warnings).sort())
    lines.push(`  warning ${rule}: ${grouped(number)}`);
  for (const [type, number] of Object.entries(run.landedOnlyTypes).sort())
    lines.push(`  landed only ${type}: ${grouped(number)}`);
  return lines.join("\n");
}

function nextStep(runs: readonly RunEntry[]): string | null {
  const refused = runs.find((run) => run.quarantined > 0 && run.id !== null);
  return refused === undefined ? null : `hims quarantine list --pipeline ${refused.pipeline}`;
}
