/** The clinical codes the synthetic hospitals use: LOINC, CVX, ICD-10, and local codes for drugs and operations. */

import type { Random } from "./random.ts";

/** A measured thing with the range its values are drawn from. */
export interface Measurement {
  /** LOINC. */
  readonly code: string;
  readonly display: string;
  /** UCUM. */
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly decimals: number;
  /** Reference range as printed. */
  readonly range: string;
}

function measurement(line: string): Measurement {
  const [code = "", display = "", unit = "", low = "", high = "", decimals = "", range = ""] =
    line.split("|");
  return {
    code,
    display,
    unit,
    low: Number(low),
    high: Number(high),
    decimals: Number(decimals),
    range,
  };
}

export const vitals: readonly [Measurement, ...Measurement[]] = [
  measurement("8480-6|Systolic blood pressure|mm[Hg]|95|185|0|90-140"),
  measurement("8462-4|Diastolic blood pressure|mm[Hg]|58|112|0|60-90"),
  measurement("8867-4|Heart rate|/min|58|118|0|60-100"),
  measurement("29463-7|Body weight|kg|38|96|1|"),
  measurement("2708-6|Oxygen saturation|%|90|100|0|94-100"),
];
export const labs: readonly [Measurement, ...Measurement[]] = [
  measurement("718-7|Hemoglobin|g/dL|7|17|1|12-16"),
  measurement("4548-4|Hemoglobin A1c|%|4.6|11.5|1|4-5.6"),
  measurement("2339-0|Glucose random|mg/dL|70|320|0|70-140"),
  measurement("2160-0|Creatinine|mg/dL|0.5|2.9|2|0.6-1.2"),
  measurement("2093-3|Cholesterol total|mg/dL|110|290|0|0-200"),
  measurement("6690-2|Leukocytes|10*3/uL|3.2|15.5|1|4-11"),
  measurement("777-3|Platelets|10*3/uL|90|460|0|150-450"),
];

export type Coded = readonly [code: string, display: string];

/** CVX: http://hl7.org/fhir/sid/cvx. */
const childVaccines: readonly [Coded, ...Coded[]] = [
  ["19", "BCG"],
  ["02", "OPV, trivalent"],
  ["08", "Hep B, adolescent or pediatric"],
  ["10", "IPV"],
  ["03", "MMR"],
  ["116", "Rotavirus, pentavalent"],
  ["198", "DTP-hepB-Hib pentavalent"],
];
const adultVaccines: readonly [Coded, ...Coded[]] = [
  ["09", "Td (adult)"],
  ["510", "COVID-19 IV Non-US Vaccine (Covaxin)"],
  ["210", "COVID-19 vaccine, AstraZeneca"],
  ["141", "Influenza, seasonal"],
  ["33", "Pneumococcal polysaccharide PPV23"],
];

/** A vaccine for somebody of `age` whole years. */
export function vaccineFor(age: number, random: Random): Coded {
  return random.pick(age < 12 ? childVaccines : adultVaccines);
}

/** ICD-10. */
export const diagnoses: readonly [Coded, ...Coded[]] = [
  ["J06.9", "Acute upper respiratory infection"],
  ["I10", "Essential hypertension"],
  ["E11.9", "Type 2 diabetes mellitus"],
  ["A09", "Gastroenteritis"],
  ["J45.9", "Asthma"],
  ["A90", "Dengue fever"],
  ["D50.9", "Iron deficiency anaemia"],
  ["M54.5", "Low back pain"],
];

/** The hospital's own operation codes. */
export const operations: readonly [Coded, ...Coded[]] = [
  ["OT-101", "Cataract extraction with IOL"],
  ["OT-114", "Laparoscopic cholecystectomy"],
  ["OT-131", "Appendicectomy"],
  ["OT-142", "Hernioplasty"],
  ["OT-155", "Fracture fixation – femur"],
  ["OT-170", "Coronary angioplasty"],
];

/** Operations only women have. */
export const obstetricOperations: readonly [Coded, ...Coded[]] = [
  ["OT-120", "Caesarean section"],
  ["OT-163", "Total abdominal hysterectomy"],
];

/** Drug, strength, frequency. */
export const drugs: readonly [
  readonly [string, string, string],
  ...(readonly [string, string, string])[],
] = [
  ["Tab Paracetamol", "500 mg", "TDS"],
  ["Tab Metformin", "500 mg", "BD"],
  ["Tab Amlodipine", "5 mg", "OD"],
  ["Cap Amoxicillin", "500 mg", "TDS"],
  ["Tab Telmisartan", "40 mg", "OD"],
  ["Tab Atorvastatin", "10 mg", "HS"],
  ["Tab Ferrous sulphate + Folic acid", "100 mg", "OD"],
  ["Syp Salbutamol", "2 mg/5 ml", "BD"],
  ["Tab Pantoprazole", "40 mg", "OD"],
  ["ORS sachet", "1 L", "SOS"],
  ["Tab Levothyroxine", "50 mcg", "OD"],
  ["Tab Azithromycin", "500 mg", "OD"],
];

/** RxNorm, allergies written into AL1. */
export const allergens: readonly [Coded, ...Coded[]] = [
  ["7980", "Penicillin"],
  ["10831", "Sulfamethoxazole"],
  ["1191", "Aspirin"],
];

export const departments: readonly [string, ...string[]] = [
  "General Medicine",
  "Paediatrics",
  "Orthopaedics",
  "Cardiology",
  "Eye",
  "Surgery",
];
export const doctors: readonly [string, ...string[]] = [
  "Dr A Mehta",
  "Dr S Rao",
  "Dr N Khan",
  "Dr P Nair",
  "Dr R Gill",
];
