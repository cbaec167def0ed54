/** What to synthesize: the same options give the same bytes. */
import type { IsoDate } from "../platform/ids.ts";

export interface SynthOptions {
  /** Distinct humans, 1 to `maxPeople`. */
  readonly people: number;
  /** Any 32-bit integer. */
  readonly seed: number;
  /** Extra records a person has on average; 1.2 when absent, so that a person has about 2.2. */
  readonly duplicates?: number;
  /** The day the exports were made; ages and visits count from it. */
  readonly today: IsoDate;
}
