/** One facility as text for people. */
import { visibleLine } from "../../platform/visible-text.ts";
import type { Facility } from "../../store/facilities.ts";

export function facilityText(facility: Facility): string {
  const { id, name, ownership, kind, state, timeZone, authorities } = facility;
  const given = authorities.length === 0 ? "none" : authorities.map(visibleLine).join(", ");
  return [
    `${id}: ${visibleLine(name)}`,
    `  ${ownership ?? "ownership unknown"}, ${kind ?? "kind unknown"}, ${state}`,
    `  time zone ${timeZone}, authorities: ${given}`,
  ].join("\n");
}
