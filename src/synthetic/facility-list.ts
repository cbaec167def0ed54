/** The invented hospitals of the synthetic city: one of each ownership and a mohalla clinic, each with habits of its own. */

/** How carefully a facility's clerks write; shares are 0 to 1. */
export interface ClerkHabits {
  /** Multiplies every rate of slips; 1 is ordinary. */
  readonly slips: number;
  readonly ageOnly: number;
  readonly januaryFirst: number;
  readonly titles: number;
  readonly abha: number;
  /** Writes "Ramesh S/o Mohan" into the name. */
  readonly relationInName: number;
}

export interface SyntheticFacility {
  /** Also the assigning authority of its patient numbers, so that its HL7 and CSV exports name the same records. */
  readonly id: string;
  readonly name: string;
  readonly ownership: "delhi_govt" | "central" | "civic" | "private";
  readonly kind: "hospital" | "polyclinic" | "dispensary" | "mohalla_clinic";
  /** Share of registrations that happen here. */
  readonly share: number;
  readonly habits: ClerkHabits;
  /** A patient number out of eight digits. */
  readonly mrn: (digits: string) => string;
}

export const yamunaGeneral: SyntheticFacility = {
  id: "YGH",
  name: "Yamuna General Hospital (synthetic)",
  ownership: "delhi_govt",
  kind: "hospital",
  share: 0.3,
  habits: {
    slips: 0.8,
    ageOnly: 0.2,
    januaryFirst: 0.1,
    titles: 0.1,
    abha: 0.6,
    relationInName: 0.01,
  },
  mrn: (digits) => digits,
};

export const rashtriyaCentral: SyntheticFacility = {
  id: "RCI",
  name: "Rashtriya Central Institute (synthetic)",
  ownership: "central",
  kind: "hospital",
  share: 0.22,
  habits: {
    slips: 0.8,
    ageOnly: 0.12,
    januaryFirst: 0.08,
    titles: 0.15,
    abha: 0.7,
    relationInName: 0.01,
  },
  mrn: (digits) => `RC-${digits.slice(0, 2)}-${digits.slice(2)}`,
};

export const nigamDispensary: SyntheticFacility = {
  id: "NDN",
  name: "Nigam Dispensary Narela (synthetic)",
  ownership: "civic",
  kind: "dispensary",
  share: 0.2,
  habits: {
    slips: 1.3,
    ageOnly: 0.5,
    januaryFirst: 0.15,
    titles: 0.5,
    abha: 0.25,
    relationInName: 0.05,
  },
  mrn: (digits) => `NN-${digits.slice(0, 4)}-${digits.slice(4)}`,
};

export const sanjeevaniClinic: SyntheticFacility = {
  id: "SPC",
  name: "Sanjeevani Polyclinic (synthetic)",
  ownership: "private",
  kind: "polyclinic",
  share: 0.13,
  habits: {
    slips: 1,
    ageOnly: 0,
    januaryFirst: 0.06,
    titles: 0.9,
    abha: 0.35,
    relationInName: 0.01,
  },
  mrn: (digits) => `SPC.${digits}`,
};

export const mohallaClinic: SyntheticFacility = {
  id: "MC12",
  name: "Mohalla Clinic 12 (synthetic)",
  ownership: "delhi_govt",
  kind: "mohalla_clinic",
  share: 0.15,
  habits: {
    slips: 1.2,
    ageOnly: 0.4,
    januaryFirst: 0.1,
    titles: 0.1,
    abha: 0.5,
    relationInName: 0.04,
  },
  mrn: (digits) => `MC12-${digits}`,
};

export const syntheticFacilities: readonly [SyntheticFacility, ...SyntheticFacility[]] = [
  yamunaGeneral,
  rashtriyaCentral,
  nigamDispensary,
  sanjeevaniClinic,
  mohallaClinic,
];
