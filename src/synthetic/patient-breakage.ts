/** Which way the row of a broken registration is broken, for CSV exports. */
import type { Registration } from "./population.ts";
import { keyOf, Random } from "./random.ts";
import type { Breakage } from "./tally.ts";

/** Null for readable registrations. */
export function patientBreakage(seed: number, registration: Registration): Breakage | null {
  if (!registration.broken) return null;
  const random = new Random(seed, keyOf(6, registration.person.index, registration.ordinal));
  return random.pick(["identifier_missing", "birth_date_invalid", "cells_extra"]);
}

/** For rows of clinical registers, which have no birth date to break. */
export function eventBreakage(random: Random): Breakage | null {
  if (!random.chance(0.003)) return null;
  return random.pick(["identifier_missing", "cells_extra"]);
}
