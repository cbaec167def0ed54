/** One facility as text for people. */
import type { Facility } from "../../store/facilities.ts";

export function facilityText(facility: Facility): string {
  const { id, name, ownership, kind, state, timeZone, authorities } = facility;
  const given = authorities.length === 0 ? "none" : authorities.join(", ");
  return [
    `${id}: ${name}`,
    `  ${ownership ?? "ownership unknown"}, ${kind ?? "kind unknown"}, ${state}`,
    `  time zone ${timeZone}, authorities: ${given}`,
  ].join("\n");
}
