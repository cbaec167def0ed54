/** What a column's cells say of which field it is: whether a header may be right, and what can be told without one. */
import type { MapField } from "../records/field-map.ts";
import type { ColumnProfile } from "./column-profile.ts";

/**
 * How well the cells fit a field that the header names: 0 (it cannot be that) to 1; null where cells say nothing of it.
 * A blank column fits anything but a patient number.
 */
export function contentFit(field: MapField, profile: ColumnProfile): number | null {
  if (profile.filled === 0) return field === "mrn" ? 0 : null;
  return (fits[field] ?? anyText)(profile);
}

/** How surely the cells alone name the field: 0 to 1. */
export function contentAlone(field: MapField, profile: ColumnProfile): number {
  if (profile.filled < 3 || profile.blankRate > 0.9) return 0;
  return alone[field]?.(profile) ?? 0;
}

type Fit = (profile: ColumnProfile) => number | null;

/** A share that must be at least so high; below it the field is ruled out. */
function least(share: number, bound: number): number {
  return share >= bound ? share : 0;
}

const isDated = ({ dates, shares }: ColumnProfile) =>
  dates.share >= 0.5 || (shares.excelSerial >= 0.6 && shares.pin < 0.5);

const dated: Fit = (profile) => {
  if (profile.dates.share >= 0.5) return profile.dates.share;
  return profile.shares.excelSerial >= 0.6 ? 0.7 : 0;
};

/** Dates that are no numbers: `20261101` is as likely a registration number of the year. */
function writtenDates({ dates }: ColumnProfile): number {
  return dates.share - dates.compact;
}

const numbered: Fit = (profile) => {
  const { shares } = profile;
  return writtenDates(profile) > 0.5 || shares.email > 0.3 ? 0 : least(shares.identifier, 0.5);
};

/** Numbers of visits and results are hardly ever given twice: what is given to many is a room or a counter. */
const eventNumbered: Fit = (profile) => {
  const isShared = profile.filled >= 10 && profile.distinctRate < 0.2;
  return isShared ? 0 : numbered(profile);
};

const named: Fit = ({ shares, dates, isKrutiDev, distinct, filled }) => {
  if (isKrutiDev) return 0.8;
  if (dates.share > 0.3 || shares.sex > 0.5 || shares.bloodGroup > 0.5) return 0;
  if (distinct <= 3 && filled >= 30) return 0.3;
  return least(shares.person, 0.4);
};

const placed: Fit = ({ shares, dates }) =>
  dates.share > 0.5 || shares.number > 0.6 || shares.sex > 0.6 || shares.phone > 0.5 ? 0 : null;

const anyText: Fit = ({ dates, shares }) =>
  dates.share > 0.6 || shares.phone > 0.7 || shares.abhaNumber > 0.7 ? 0 : null;

const fits: { readonly [Field in MapField]?: Fit } = {
  mrn: (profile) => {
    const { shares, distinctRate, blankRate } = profile;
    const fit = numbered(profile) ?? 0;
    if (blankRate > 0.5 || shares.aadhaar > 0.5 || shares.ageWithUnit > 0.5) return 0;
    const mobile = shares.phone > 0.8 ? 0.6 : 1;
    return fit * (0.6 + 0.4 * distinctRate) * (1 - blankRate / 2) * mobile;
  },
  identifier: numbered,
  motherMrn: numbered,
  guardianMrn: numbered,
  encounterId: eventNumbered,
  eventId: eventNumbered,
  abhaNumber: ({ shares }) => least(shares.abhaNumber, 0.2),
  abhaAddress: ({ shares }) => least(shares.abhaAddress, 0.2),
  aadhaar: ({ shares, dates }) =>
    dates.share > 0.5 || shares.abhaNumber > 0.5 ? 0 : Math.max(0.7, shares.aadhaar),
  name: named,
  relationName: named,
  givenName: named,
  middleName: named,
  familyName: named,
  performer: ({ dates, shares }) => (dates.share > 0.3 || shares.phone > 0.5 ? 0 : null),
  nameLocal: ({ shares, isKrutiDev }) => (isKrutiDev ? 0.8 : least(shares.devanagari, 0.4)),
  sex: ({ shares, distinct, typicalLength }) =>
    shares.sex >= 0.5
      ? shares.sex
      : distinct <= 6 && typicalLength <= 8 && shares.number < 0.5
        ? 0.3
        : 0,
  birthDate: (profile) => {
    const { shares } = profile;
    return shares.year >= 0.6 ? 0.85 : dated(profile);
  },
  age: ({ shares, dates }) => (dates.share > 0.4 ? 0 : least(shares.age, 0.5)),
  phone: ({ shares }) => {
    const share = shares.phone + shares.landline * 0.8;
    if (share >= 0.2) return 0.5 + 0.5 * Math.min(1, share);
    return shares.abhaNumber < 0.3 && shares.number >= 0.5 && shares.age < 0.5 ? 0.5 : 0;
  },
  email: ({ shares }) => least(shares.email, 0.3),
  relationType: ({ shares, distinct }) => (distinct > 25 ? 0 : least(shares.relationType, 0.4)),
  addressLine: ({ shares, dates }) => {
    if (dates.share > 0.6 || shares.phone > 0.6 || shares.sex > 0.6 || shares.age > 0.9) return 0;
    return 0.85 + 0.15 * shares.address;
  },
  locality: placed,
  city: placed,
  district: placed,
  state: placed,
  postalCode: ({ shares }) => least(shares.pin, 0.4),
  bloodGroup: ({ shares }) => least(shares.bloodGroup, 0.3),
  deceasedAt: dated,
  seenAt: dated,
  at: dated,
  endAt: dated,
  dueAt: dated,
  unit: ({ dates, shares }) => (dates.share > 0.5 || shares.number > 0.5 ? 0 : null),
  display: ({ dates, shares }) =>
    dates.share > 0.5 || shares.number > 0.8 || shares.phone > 0.5 ? 0 : null,
  value: ({ dates }) => (dates.share > 0.6 ? 0 : null),
  doseNumber: ({ dates }) => (dates.share > 0.3 ? 0 : null),
  lot: ({ dates }) => (dates.share > 0.5 ? 0 : null),
};

type Alone = (profile: ColumnProfile) => number;

const when = (holds: boolean, confidence: number) => (holds ? confidence : 0);

const alone: { readonly [Field in MapField]?: Alone } = {
  abhaNumber: ({ shares }) => when(shares.abhaNumber > 0.7, 0.92),
  abhaAddress: ({ shares }) => when(shares.abhaAddress > 0.7, 0.94),
  aadhaar: ({ shares }) => when(shares.aadhaar > 0.6, 0.92),
  email: ({ shares }) => when(shares.email > 0.7 && shares.abhaAddress < 0.3, 0.9),
  phone: ({ shares }) => when(shares.phone > 0.8, 0.88),
  bloodGroup: ({ shares, filled }) => when(shares.bloodGroup > 0.8 && filled >= 4, 0.9),
  sex: ({ shares, distinct, codes }) =>
    shares.sex > 0.9 && distinct <= 8 && !(codes ?? []).every((code) => /^\d$/.test(code))
      ? when(!(codes ?? []).every((code) => /^[oOtTuU-]$/.test(code)), 0.86)
      : 0,
  birthDate: (profile) =>
    when(writtenDates(profile) > 0.8 && !isRecent(profile) && profile.dates.ahead === 0, 0.84),
  seenAt: (profile) => when(writtenDates(profile) > 0.8 && isRecent(profile), 0.7),
  age: ({ shares, distinct, filled, isSerial, typicalLength }) => {
    if (shares.ageWithUnit > 0.6) return 0.86;
    const isSpread = distinct >= Math.min(8, filled * 0.4);
    return when(
      shares.age > 0.95 && shares.integer > 0.9 && isSpread && !isSerial && typicalLength === 2,
      0.66,
    );
  },
  postalCode: ({ shares, distinctRate, filled }) =>
    when(shares.pin > 0.9 && (distinctRate < 0.9 || filled < 30), 0.8),
  mrn: (profile) => {
    const { shares, distinctRate, blankRate, isSerial, typicalLength } = profile;
    const isOther =
      shares.phone > 0.5 ||
      shares.abhaNumber > 0.5 ||
      shares.aadhaar > 0.4 ||
      writtenDates(profile) > 0.4 ||
      (shares.excelSerial > 0.9 && distinctRate < 0.9);
    const isAlike = shares.identifier > 0.9 && distinctRate > 0.95 && blankRate < 0.05;
    return when(isAlike && !isOther && !isSerial && typicalLength >= 3 && shares.age < 0.9, 0.72);
  },
  relationName: ({ shares }) => when(shares.relationPrefix > 0.5, 0.88),
  name: ({ shares, distinctRate }) =>
    when(
      shares.person > 0.75 &&
        shares.knownName > 0.35 &&
        shares.devanagari < 0.5 &&
        shares.relationPrefix < 0.2,
      distinctRate > 0.4 ? 0.76 : 0.6,
    ) ||
    when(
      shares.person > 0.75 &&
        shares.knownName > 0.35 &&
        shares.devanagari >= 0.5 &&
        shares.relationPrefix < 0.2,
      0.7,
    ),
  addressLine: ({ shares, typicalLength, dates }) =>
    when(
      shares.address > 0.6 && typicalLength > 10 && dates.share < 0.2 && shares.person < 0.9,
      0.76,
    ),
  district: ({ shares, distinct }) => when(shares.district > 0.8 && distinct >= 3, 0.72),
  city: ({ shares, distinct }) => when(shares.city > 0.8 && distinct >= 2, 0.7),
  display: ({ shares }) => when(shares.vaccine > 0.7, 0.72),
  // A letter and digits are any number's shape: codes come again and again.
  code: ({ shares, distinctRate }) =>
    when((shares.icd > 0.8 || shares.loinc > 0.8) && distinctRate < 0.6, 0.72),
  unit: ({ shares, distinct }) => when(shares.unit > 0.8 && distinct >= 3, 0.7),
  range: ({ shares, dates }) =>
    when(shares.range > 0.8 && dates.share < 0.2 && shares.phone < 0.2, 0.7),
};

/** Dates of visits: within a few years of each other. Births are spread over a lifetime. */
function isRecent({ dates }: ColumnProfile): boolean {
  const { years } = dates;
  const early = years[Math.floor(years.length * 0.1)] ?? 0;
  const late = years[Math.floor(years.length * 0.9)] ?? 0;
  return late - early <= 4;
}

/** Whether a column holds dates of any use, Excel's day numbers among them. */
export function holdsDates(profile: ColumnProfile): boolean {
  return isDated(profile);
}
