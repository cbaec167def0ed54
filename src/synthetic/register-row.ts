/** Rows of clinical registers: for each readable registration of a facility, some dated facts. */
import { dayOfIso } from "./calendar.ts";
import type { CsvRow } from "./csv-table.ts";
import type { SyntheticFacility } from "./facility-list.ts";
import { eventBreakage } from "./patient-breakage.ts";
import { type Registration, registrationsAt } from "./population.ts";
import { keyOf, Random, rareCount } from "./random.ts";
import type { SynthOptions } from "./synth-options.ts";

/** What one row is made of. */
export interface RegisterFact {
  readonly registration: Registration;
  readonly seed: number;
  /** Running number of the register, from 1. */
  readonly serial: number;
  /** Day number of the fact, from the registration to three weeks later, never after the anchor date. */
  readonly day: number;
  /** Day number of the anchor date. */
  readonly today: number;
  readonly random: Random;
}

export interface Register {
  readonly facility: SyntheticFacility;
  /** Keeps the streams of two registers apart. */
  readonly purpose: number;
  /** Facts a registration has on average. */
  readonly mean: number;
  readonly cellsOf: (fact: RegisterFact) => readonly string[];
}

export function* registerRows(options: SynthOptions, register: Register): Generator<CsvRow> {
  const today = dayOfIso(options.today);
  const { seed } = options;
  let serial = 0;
  for (const registration of registrationsAt(options, register.facility)) {
    if (registration.broken) continue;
    const { person, ordinal, seenDay } = registration;
    const random = new Random(seed, keyOf(register.purpose, person.index, ordinal));
    const count = rareCount(random, register.mean);
    for (let fact = 0; fact < count; fact++) {
      serial++;
      const day = Math.min(today, seenDay + random.between(0, 21));
      const cells = register.cellsOf({ registration, seed, serial, day, today, random });
      yield { cells, breakage: eventBreakage(random) };
    }
  }
}
