import { string as stringArgument } from "@oclif/core/args";
import { string } from "@oclif/core/flags";
import type { PersonAnswer } from "../../persons/person-answer.ts";
import { visibleLine } from "../../platform/visible-text.ts";
import { HimsCommand } from "../base-command.ts";

export default class PersonShow extends HimsCommand<PersonAnswer> {
  static override summary = "Show a person: golden record, source records, cards.";
  static override description =
    "An old health ID shows the person it was merged into. The look leaves a line in the access log.";
  static override args = {
    id: stringArgument({
      description: "Health ID (grouped or not) or person's uuid.",
      required: true,
    }),
  };
  static override flags = {
    purpose: string({
      description: "What for, as the access log keeps it.",
      default: "operations",
    }),
  };

  async run(): Promise<PersonAnswer> {
    const { args, flags } = await this.parse(PersonShow);
    const { atTerminal, showOne } = await import("../../pipelines/person-lookup.ts");
    const location = await this.storeLocation();
    return await atTerminal(location, flags.purpose, (desk) => showOne(desk, args.id));
  }

  protected render(person: PersonAnswer): string {
    const { bloodGroup, allergies, conflicts, ...golden } = person.golden;
    const lines = [
      `${person.healthId ?? "no health ID"}  ${person.status}${person.mergedInto === null ? "" : ` into ${person.mergedInto}`}`,
      ...Object.entries(golden).map(([field, value]) => `  ${field.padEnd(14)} ${String(value)}`),
      ...bloodGroup.map(({ value, facility }) => `  bloodGroup     ${value}  (${facility})`),
      ...allergies.map(
        ({ display, code, facility }) =>
          `  allergy        ${display ?? code ?? "?"}  (${facility})`,
      ),
      ...conflicts.map((field) => `  CONFLICT       facilities differ on ${field}`),
      "records",
      ...person.records.map(({ facility, mrn, name }) =>
        visibleLine(`  ${facility}  ${mrn}  ${name ?? "-"}`),
      ),
      "cards",
      ...person.cards.map(
        ({ serial, issue, state, issuedOn }) =>
          `  ${serial}  issue ${issue}  ${state}  ${issuedOn}`,
      ),
    ];
    return lines.join("\n");
  }
}
