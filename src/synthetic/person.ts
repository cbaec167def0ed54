/** A human of the synthetic city as they truly are, before any clerk wrote them down. */
import type { Name } from "./name-list.ts";
import type { Place } from "./place-list.ts";

export interface Home {
  readonly house: string;
  readonly street: string;
  readonly place: Place;
}

export interface PersonName {
  readonly given: Name;
  readonly middle: Name | null;
  readonly family: Name | null;
}

/** One human. `index` is the truth that no export may carry. */
export interface Person {
  readonly index: number;
  readonly sex: "male" | "female" | "other";
  readonly name: PersonName;
  /** Days since 1970-01-01. */
  readonly birthDay: number;
  readonly relation: { readonly type: "father" | "husband" | "mother"; readonly name: PersonName };
  /** Ten digits; often the head's. */
  readonly phone: string;
  readonly formerPhone: string;
  /** 14 digits with a valid Luhn digit. */
  readonly abha: string | null;
  readonly bloodGroup: string;
  readonly home: Home;
  readonly formerHome: Home;
  /** Set for a newborn whom hospitals know as "Baby of ...": the mother, and 1 or 2 for twins (0: single). */
  readonly newborn: { readonly mother: Name; readonly twin: number } | null;
}
