import { string as stringArg } from "@oclif/core/args";
import type { Facility } from "../../store/facilities.ts";
import { HimsCommand } from "../base-command.ts";
import { facilityText } from "./facility-text.ts";

export default class FacilityResume extends HimsCommand<Facility> {
  static override summary = "Let a paused facility go on.";
  static override args = { id: stringArg({ description: "Id of the facility.", required: true }) };

  async run(): Promise<Facility> {
    const { args } = await this.parse(FacilityResume);
    const { changeFacilityState } = await import("../../pipelines/register-facility.ts");
    const { Database } = await import("../../store/database.ts");
    await using database = await Database.open(await this.storeLocation());
    return await changeFacilityState(database, args.id, "active");
  }

  protected render(facility: Facility): string {
    return facilityText(facility);
  }
}
