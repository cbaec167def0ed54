import { string as stringArg } from "@oclif/core/args";
import { string } from "@oclif/core/flags";
import { systemClock } from "../../platform/clock.ts";
import type { Facility } from "../../store/facilities.ts";
import { HimsCommand } from "../base-command.ts";
import { facilityText } from "./facility-text.ts";

const ownerships = ["delhi_govt", "central", "civic", "private"] as const;
const kinds = ["hospital", "polyclinic", "dispensary", "mohalla_clinic"] as const;

export default class FacilityAdd extends HimsCommand<Facility> {
  static override summary = "Register a hospital or clinic.";
  static override description =
    "An assigning authority names whose patient numbers a message carries (HL7 PID-3.4, MSH-4); each belongs to one facility.";
  static override examples = [
    '<%= config.bin %> facility add ddu --name "Deen Dayal Upadhyay Hospital" --ownership delhi_govt --kind hospital --authority DDU',
  ];
  static override args = {
    id: stringArg({ description: "Short id, used in pipelines and reports.", required: true }),
  };
  static override flags = {
    name: string({ description: "Full name.", required: true }),
    ownership: string({ description: "Who owns it.", options: ownerships, required: true }),
    kind: string({ description: "What it is.", options: kinds, required: true }),
    authority: string({
      description: "Assigning authority of its patient numbers; may be repeated.",
      multiple: true,
      helpValue: "A",
    }),
    "time-zone": string({ description: "Of its zone-less times.", default: "Asia/Kolkata" }),
  };

  async run(): Promise<Facility> {
    const { args, flags } = await this.parse(FacilityAdd);
    const { registerFacility } = await import("../../pipelines/register-facility.ts");
    const { Database } = await import("../../store/database.ts");
    const input = {
      id: args.id,
      name: flags.name,
      ownership: ownerships.find((known) => known === flags.ownership) ?? null,
      kind: kinds.find((known) => known === flags.kind) ?? null,
      authorities: flags.authority ?? [],
      timeZone: flags["time-zone"],
    };
    await using database = await Database.open(await this.storeLocation());
    return await registerFacility(database, input, systemClock);
  }

  protected render(facility: Facility): string {
    return facilityText(facility);
  }
}
