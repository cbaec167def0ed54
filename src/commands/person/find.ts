import { integer, string } from "@oclif/core/flags";
import type { FoundPeople } from "../../pipelines/person-lookup.ts";
import { HimsCommand } from "../base-command.ts";

export default class PersonFind extends HimsCommand<FoundPeople> {
  static override summary = "Find people by name, number, birth date or phone.";
  static override description =
    "At least one criterion; all must fit. Each person shown leaves a line in the access log.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --name sunita --birth-date 1984-05-02",
    "<%= config.bin %> <%= command.id %> --identifier 91-1234-5678-9012",
  ];
  static override flags = {
    name: string({ description: "Whole words of any of the person's names." }),
    identifier: string({ description: "MRN, ABHA number or address; `system|value` narrows it." }),
    "birth-date": string({ description: "YYYY-MM-DD, YYYY-MM or YYYY." }),
    phone: string({ description: "Phone number, with or without +91." }),
    "health-id": string({
      description: "Health ID, grouped or not; an old one finds the survivor.",
    }),
    limit: integer({ description: "People shown at most.", default: 20, min: 1, max: 1_000 }),
    purpose: string({
      description: "What for, as the access log keeps it.",
      default: "operations",
    }),
  };

  async run(): Promise<FoundPeople> {
    const { flags } = await this.parse(PersonFind);
    const { atTerminal, findPeople } = await import("../../pipelines/person-lookup.ts");
    const location = await this.storeLocation();
    const found = await atTerminal(location, flags.purpose, (desk) =>
      findPeople(desk, flags, flags.limit),
    );
    if (found.total > found.persons.length)
      this.addWarning(`${found.total} people match; the first ${found.persons.length} are shown`);
    return found;
  }

  protected render({ persons }: FoundPeople): string {
    if (persons.length === 0) return "nobody found";
    return persons
      .map(({ healthId, name, sex, birthDate }) =>
        [healthId ?? "-", birthDate ?? "-", (sex ?? "-").padEnd(6), name ?? "-"].join("  "),
      )
      .join("\n");
  }
}
