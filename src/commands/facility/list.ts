import type { Facility } from "../../store/facilities.ts";
import { HimsCommand } from "../base-command.ts";
import { textTable } from "../text-table.ts";

interface FacilityListResult {
  readonly facilities: readonly Facility[];
}

export default class FacilityList extends HimsCommand<FacilityListResult> {
  static override summary = "List the facilities, by id.";

  async run(): Promise<FacilityListResult> {
    await this.parse(FacilityList);
    const { listFacilities } = await import("../../store/facilities.ts");
    await using store = await this.openReader();
    return { facilities: await listFacilities(store.reader) };
  }

  protected render({ facilities }: FacilityListResult): string {
    if (facilities.length === 0) return "no facility yet: hims facility add, or hims onboard";
    return textTable([
      ["id", "name", "ownership", "kind", "state"],
      ...facilities.map(({ id, name, ownership, kind, state }) => [
        id,
        name,
        ownership,
        kind,
        state,
      ]),
    ]);
  }
}
