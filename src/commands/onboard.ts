import { createInterface } from "node:readline/promises";
import { string as stringArg } from "@oclif/core/args";
import { boolean, string } from "@oclif/core/flags";
import type { Onboarding, OnboardReport } from "../pipelines/onboard.ts";
import type { RuleCount } from "../pipelines/onboard-text.ts";
import { HimsError } from "../platform/errors.ts";
import { HimsCommand } from "./base-command.ts";
import { printText } from "./outcome.ts";
import { grouped, textTable } from "./text-table.ts";

const ownerships = ["delhi_govt", "central", "civic", "private"] as const;
const kinds = ["hospital", "polyclinic", "dispensary", "mohalla_clinic"] as const;
const dateOrders = ["dmy", "mdy"] as const;

export default class Onboard extends HimsCommand<OnboardReport> {
  static override summary = "Bring a hospital live: look at its export and write its pipeline.";
  static override description =
    "Finds out encoding, delimiter, header and what each column means, shows the first records as people, writes pipelines/NAME.yaml and runs it dry. Nothing is loaded. Asks before it writes; --yes answers. Of HL7 files, --yes confirms the sender's own MSH-4 as assigning authority.";
  static override examples = [
    "<%= config.bin %> onboard exports/opd.csv --facility DDU --name ddu-opd",
    "<%= config.bin %> onboard exports/ --facility MCD-7 --name mcd-7 --ownership civic --kind dispensary --yes",
  ];
  static override args = {
    source: stringArg({
      description: "An export, or a folder of exports of one layout.",
      required: true,
    }),
  };
  static override flags = {
    facility: string({
      description: "Id of the facility; it is registered where it is not yet.",
      required: true,
      helpValue: "F",
    }),
    name: string({
      description: "Name of the pipeline and of its file.",
      required: true,
      helpValue: "N",
    }),
    "facility-name": string({ description: "Full name of a new facility. Default: its id." }),
    ownership: string({ description: "Who owns a new facility.", options: ownerships }),
    kind: string({ description: "What a new facility is.", options: kinds }),
    "date-order": string({
      description: "How 03/04/2026 is meant, where the export does not tell.",
      options: dateOrders,
    }),
    column: string({
      description: "field=COLUMN: what a column is, where it is not found out; may be repeated.",
      multiple: true,
      helpValue: "FIELD=COLUMN",
    }),
    yes: boolean({ char: "y", description: "Write without asking." }),
    "dry-run": boolean({ char: "n", description: "Propose only; write nothing." }),
    force: boolean({ description: "Write over a pipeline file of this name." }),
  };

  #onboarding: Onboarding | null = null;

  async run(): Promise<OnboardReport> {
    const { args, flags } = await this.parse(Onboard);
    const { dryRunWarnings, onboardReport, proposeOnboarding, settleOnboarding } = await import(
      "../pipelines/onboard.ts"
    );
    const { fixedFields } = await import("../pipelines/onboard-column-flag.ts");
    const { findFacility } = await import("../store/facilities.ts");
    const request = {
      source: args.source,
      name: flags.name,
      facility: {
        id: flags.facility,
        name: flags["facility-name"] ?? null,
        ownership: ownerships.find((known) => known === flags.ownership) ?? null,
        kind: kinds.find((known) => known === flags.kind) ?? null,
      },
      dateOrder: dateOrders.find((known) => known === flags["date-order"]) ?? null,
      fixed: fixedFields(flags.column ?? []),
      force: flags.force,
    };
    await using context = await this.openRunContext();
    const registered = await findFacility(context.database.writer, flags.facility);
    const onboarding = await proposeOnboarding(request, context, registered);
    this.#onboarding = onboarding;
    for (const warning of onboarding.warnings) this.addWarning(warning);
    if (flags["dry-run"]) return onboardReport(onboarding);
    if (!flags.yes && !(await this.#isConfirmed(onboarding))) {
      this.failWith(unconfirmed(this.mayAsk));
      return onboardReport(onboarding);
    }
    const report = await settleOnboarding(onboarding, context);
    for (const warning of dryRunWarnings(onboarding, report)) this.addWarning(warning);
    return report;
  }

  async #isConfirmed(onboarding: Onboarding): Promise<boolean> {
    if (!this.mayAsk) return false;
    await printText(onboardingText(onboarding));
    // What was shown before the question is not shown again after it.
    this.#onboarding = null;
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await lines.question(
        `Write pipelines/${onboarding.request.name}.yaml? [y/N] `,
        { signal: this.signal },
      );
      return /^\s*y(?:es)?\s*$/i.test(answer);
    } finally {
      lines.close();
    }
  }

  protected render(report: OnboardReport): string {
    const blocks = this.#onboarding === null ? [] : [onboardingText(this.#onboarding)];
    const { dryRun, file } = report;
    if (dryRun === null) return [...blocks, "nothing was written"].join("\n\n");
    const unchanged = dryRun.read - dryRun.loaded - dryRun.quarantined;
    const end = [
      `dry run: read ${grouped(dryRun.read)} = loaded ${grouped(dryRun.loaded)} + unchanged ${grouped(unchanged)} + quarantined ${grouped(dryRun.quarantined)}`,
      `written: ${file}`,
      `report:  ${report.report}`,
      `next:    hims run ${report.pipeline}`,
    ];
    return [...blocks, end.join("\n")].join("\n\n");
  }
}

/** What was found, for people. The only place that shows patients: the operator must see that names are names. */
function onboardingText({ sample, proposal, preview, text }: Onboarding): string {
  const people = [
    ["number", "name", "sex", "born", "phone", "relative", "address", "events"],
    ...preview.people.map(({ key, facts, events }) => [
      key.value,
      nameOf(facts),
      facts.sex ?? null,
      facts.birthDate === undefined || facts.birthDate === null
        ? null
        : `${facts.birthDate.date}${facts.birthDate.precision === "day" ? "" : ` (${facts.birthDate.precision})`}`,
      facts.phones?.[0] ?? null,
      facts.relationName ?? null,
      cut([facts.addressLine, facts.locality, facts.city].filter((part) => part).join(", ")),
      events.join(" ") || null,
    ]),
  ];
  const found = [
    `${sample.files.length} file(s), ${grouped(sample.records)} records, ${sample.format}, ${sample.encoding}`,
    ...(sample.format === "csv"
      ? [
          `delimiter ${JSON.stringify(sample.delimiter)}, header ${sample.headerLine === null ? "none" : `in line ${sample.headerLine}`}, dates ${proposal?.dateOrder.order} (${proposal?.dateOrder.evidence})`,
        ]
      : [`sent by ${sample.sendingFacilities.join(", ") || "nobody named in MSH-4"}`]),
  ].join("\n");
  return [found, text, textTable(people), ...rulesText(preview.rules)].join("\n\n");
}

function nameOf(facts: Onboarding["preview"]["people"][number]["facts"]): string | null {
  const parts = [facts.name, facts.givenName, facts.middleName, facts.familyName].filter(
    (part) => part,
  );
  return cut(parts.join(" ") || (facts.nameLocal ?? ""));
}

function cut(text: string): string | null {
  if (text === "") return null;
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}

function rulesText(rules: readonly RuleCount[]): readonly string[] {
  if (rules.length === 0) return [];
  const lines = rules.map(
    ({ rule, field, records, hint }) =>
      `  ${grouped(records)} ${rule}${field === null ? "" : ` (${field})`}: ${hint}`,
  );
  return [["refused among the first records:", ...lines].join("\n")];
}

function unconfirmed(wasAsked: boolean): HimsError {
  return new HimsError("HIMS_ONBOARD_UNCONFIRMED", {
    kind: "usage",
    message: wasAsked
      ? "not confirmed; nothing was written"
      : "nothing was written: nobody could be asked",
    hint: "Look at the proposal, then run the same command with --yes.",
  });
}
