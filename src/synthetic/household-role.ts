/** Who lives in a household: a head, mostly a wife, children, sometimes a parent of the head. */
import type { Random } from "./random.ts";

const yearDays = 365.25;
/** One member's place in the family and age in years. */
export interface Role {
  readonly sex: "male" | "female";
  readonly years: number;
  readonly role: "head" | "wife" | "child" | "elder";
}

/** The members, the head first. */
export function rolesOf(random: Random): readonly [Role, ...Role[]] {
  const headYears = random.between(24, 72);
  const wifeYears = Math.max(19, headYears - random.between(0, 7));
  const roles: [Role, ...Role[]] = [{ sex: "male", years: headYears, role: "head" }];
  if (!random.chance(0.85)) return roles;
  roles.push({ sex: "female", years: wifeYears, role: "wife" });
  const children = random.between(0, 4);
  for (let child = 0; child < children; child++) {
    const years = random.between(0, Math.max(0, wifeYears - 20));
    roles.push({ sex: random.chance(0.52) ? "male" : "female", years, role: "child" });
  }
  if (random.chance(0.25)) {
    const years = Math.min(95, headYears + 22);
    roles.push({ sex: random.chance(0.6) ? "female" : "male", years, role: "elder" });
  }
  return roles;
}

/** Day number of the birth; half of the children under one year are newborns of 5 to 60 days. */
export function birthDayOf(role: Role, today: number, random: Random): number {
  const isNewborn = role.role === "child" && role.years === 0 && random.chance(0.5);
  const daysInYear = random.between(0, 364);
  return isNewborn
    ? today - random.between(5, 60)
    : today - Math.floor(role.years * yearDays) - daysInYear;
}
