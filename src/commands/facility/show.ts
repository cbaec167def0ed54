import { string as stringArg } from "@oclif/core/args";
import type { Facility } from "../../store/facilities.ts";
import { HimsCommand } from "../base-command.ts";
import { facilityText } from "./facility-text.ts";

export default class FacilityShow extends HimsCommand<Facility> {
  static override summary = "Show one facility.";
  static override args = { id: stringArg({ description: "Id of the facility.", required: true }) };

  async run(): Promise<Facility> {
    const { args } = await this.parse(FacilityShow);
    const { requireFacility } = await import("../../pipelines/register-facility.ts");
    await using store = await this.openReader();
    return await requireFacility(store.reader, args.id);
  }

  protected render(facility: Facility): string {
    return facilityText(facility);
  }
}
