import { string as stringArg } from "@oclif/core/args";
import { boolean } from "@oclif/core/flags";
import type { UndoResult } from "../../pipelines/undo-run.ts";
import { HimsError } from "../../platform/errors.ts";
import type { JudgedAgain } from "../../store/undo-report.ts";
import { HimsCommand } from "../base-command.ts";
import { grouped } from "../text-table.ts";

export default class HistoryUndo extends HimsCommand<UndoResult> {
  static override summary = "Take a run back, as if it had never been.";
  static override description =
    "What its files said goes; what later runs said of the same records is judged again from the archive of raw files, and people are linked anew. Its files count as new again. All of it happens, or nothing.";
  static override examples = [
    "<%= config.bin %> history undo 20260301-021500-3f9c1a --dry-run",
    "<%= config.bin %> history undo 20260301-021500-3f9c1a --yes",
  ];
  static override args = { run: stringArg({ description: "Id of the run.", required: true }) };
  static override flags = {
    "dry-run": boolean({ char: "n", description: "Show what would happen, keep everything." }),
    yes: boolean({ char: "y", description: "Do not ask." }),
  };

  async run(): Promise<UndoResult> {
    const { args, flags } = await this.parse(HistoryUndo);
    // A flag that is not given is undefined, whatever its type says.
    const dryRun = flags["dry-run"] === true;
    const mustAsk = !dryRun && !flags.yes;
    if (mustAsk && !this.mayAsk) throw unconfirmed();
    const { undoRun } = await import("../../pipelines/undo-run.ts");
    const { osUserName } = await import("../../platform/os-user.ts");
    await using context = await this.openRunContext();
    const actor = osUserName();
    if (mustAsk) await this.#confirm(await undoRun(args.run, { dryRun: true, actor }, context));
    return await undoRun(args.run, { dryRun, actor }, context);
  }

  /** Shows what would happen and waits for a yes. */
  async #confirm(preview: UndoResult): Promise<void> {
    const { createInterface } = await import("node:readline/promises");
    this.progress.finish();
    process.stderr.write(`${this.render(preview)}\n`);
    const asking = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await asking.question("Undo this run? [y/N] ", { signal: this.signal });
      if (!/^y(es)?$/i.test(answer.trim())) throw declined();
    } finally {
      asking.close();
    }
  }

  protected render(result: UndoResult): string {
    const { quarantine, persons, cards, decisions } = result;
    const would = result.dryRun ? "would be " : "";
    const lines = [
      `${result.run} of ${result.pipeline} ${would}undone: ${grouped(result.files)} file(s) taken out, ${grouped(result.laterFiles)} later file(s) held against what is left`,
      `  records: ${judgedText(result.records)}`,
      `  events: ${judgedText(result.events)}`,
      `  quarantine: ${grouped(quarantine.removed)} open item(s) gone, ${grouped(quarantine.reopened)} open again`,
      `  people: ${grouped(persons.retired)} retired, ${grouped(persons.revived)} come apart again, ${grouped(persons.merged)} merged, ${grouped(persons.created)} new`,
      `  decisions: ${grouped(decisions.revoked)} HL7 merge(s) revoked, ${grouped(decisions.dormant)} of people dormant`,
      ...serialsText("revoked", cards.revoked),
      ...serialsText("superseded", cards.superseded),
      ...serialsText("active again", cards.reactivated),
      ...serialsText("no longer good, and printed", cards.printed),
    ];
    const next = result.dryRun ? `hims history undo ${result.run}` : `hims run ${result.pipeline}`;
    return [...lines, `next: ${next}`].join("\n");
  }
}

function judgedText({ removed, restored, rejudged }: JudgedAgain): string {
  return `${grouped(removed)} removed, ${grouped(restored)} put back, ${grouped(rejudged)} judged again`;
}

function serialsText(what: string, serials: readonly number[]): readonly string[] {
  return serials.length === 0 ? [] : [`  cards ${what}: ${serials.join(", ")}`];
}

function unconfirmed(): HimsError {
  return new HimsError("HIMS_UNDO_UNCONFIRMED", {
    kind: "usage",
    message: "an undo must be confirmed, and nobody is there to ask",
    hint: "Look at it with --dry-run, then add --yes.",
  });
}

function declined(): HimsError {
  return new HimsError("HIMS_UNDO_DECLINED", {
    kind: "usage",
    message: "nothing was undone",
    hint: "Answer y to undo the run.",
  });
}
