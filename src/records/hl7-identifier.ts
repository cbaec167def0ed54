/** Patient numbers in HL7 (CX fields): which one is the record's key, and which are further identifiers. */
import type { Hl7Repetition, Hl7Segment } from "../hl7/segment.ts";
import { isAadhaarShaped, isMasked } from "./aadhaar.ts";
import { abhaAddressOf, abhaNumberOf } from "./abha.ts";
import type { Hl7Reading } from "./hl7-reading.ts";
import { squeeze } from "./normalize-name.ts";
import type { Identifier, RecordKey } from "./patient-record.ts";
import { maxIdentifierLength } from "./text-limit.ts";

/** Table 0203 types that may be the key, best first (design decision 1); an untyped number comes last. */
const keyTypes = ["MR", "PI", "PT", ""] as const;
/** Types whose numbers may have fourteen digits without being an ABHA number. */
const typesWithOwnShape = new Set(
  "MR PI PT AN VN SS DL PPN MC MA BR EI EN PRN NPI LR RI ACSN".split(" "),
);
/** The other codes of table 0203. A code outside it (`CNN`, `Person ID`) says nothing, so its number counts as untyped. */
const otherTypes = new Set(
  (
    "AC ACSN AM AMA AN ANC AND ANON ANT APRN ASID BA BC BCT BR BRN BSNR CAII CC CONM CY CZ DDS DEA DFN DI DL DN DO DP " +
    "DPM DR DS EI EN ESN FDR FDRFI FGN FI FILL GI GIN GL GN HC IND IRISTEM JHN LACSN LANR LI LN LR MA MB MC MCD MCN " +
    "MCR MCT MD MI MRT MS NBSNR NCT NE NH NI NII NIIP NP NPI OD OTH PA PC PCN PE PEN PGN PHC PHE PHO PIN PLAC PN PNT " +
    "PPIN PPN PRC PRN QA RI RN RPH RR RRI RRP SAMN SB SID SL SN SNO SP SR SRX SS STN TAX TN TPR TRL U UDI UPIN USID " +
    "VN VP VS WC WCN WP XV XX"
  ).split(" "),
);
const nationalId = /^(AADHAAR|AADHAR|UIDAI|UID|NI|NNIND)$/;

/** One number with what is said about it. */
interface PatientNumber {
  readonly value: string;
  /** As sent, in capitals; "" when untyped. */
  readonly type: string;
  /** The code of table 0203 it is judged by: `MRN` is MR, a code that is not in the table is none (""). */
  readonly judged: string;
  /** Assigning authority: its name, else its universal id; null when none is given. */
  readonly authority: string | null;
}

/** Numbers of one CX field, without empty ones and without any that is or may be an Aadhaar number. */
function numbersOf(repetitions: readonly Hl7Repetition[]): readonly PatientNumber[] {
  const numbers: PatientNumber[] = [];
  for (const repetition of repetitions) {
    const number = numberOf(repetition);
    // A number masked before is never a key, and identifies nobody.
    if (number.value !== "" && !isAadhaar(number) && !isMasked(number.value)) numbers.push(number);
  }
  return numbers;
}

function numberOf(repetition: Hl7Repetition): PatientNumber {
  const part = (component: number, subcomponent = 1) =>
    squeeze(repetition.text(component, subcomponent) ?? "");
  const value = part(1);
  const type = part(5).toUpperCase();
  const authority = part(4, 1) || part(4, 2) || null;
  return { value, type, judged: judgedType(type), authority };
}

/** True for a number (CX) that is held to be an Aadhaar number: it is never an identifier, and masked in the archive. */
export function claimsAadhaar(repetition: Hl7Repetition): boolean {
  return isAadhaar(numberOf(repetition));
}

function judgedType(type: string): string {
  if (type === "MRN") return "MR";
  const isKnown = type === "MR" || type === "PI" || type === "PT" || otherTypes.has(type);
  return isKnown || /^NN[A-Z]{3}$/.test(type) ? type : "";
}

/** Aadhaar by type or authority whatever its shape; by shape where no type says that it is something else. */
function isAadhaar({ value, type, judged, authority }: PatientNumber): boolean {
  const assigner = authority?.toUpperCase() ?? "";
  if (nationalId.test(type) || nationalId.test(assigner)) return true;
  return /AADHA?AR|UIDAI/.test(`${type} ${assigner}`) || (judged === "" && isAadhaarShaped(value));
}

function isAbha({ value, judged }: PatientNumber): boolean {
  if (abhaAddressOf(value) !== null) return true;
  return abhaNumberOf(value) !== null && !typesWithOwnShape.has(judged);
}

function chooseNumber(numbers: readonly PatientNumber[]): PatientNumber | null {
  for (const type of keyTypes) {
    const chosen = numbers.find(
      (number) => number.judged === type && !(type === "" && isAbha(number)),
    );
    if (chosen !== undefined) return chosen;
  }
  return null;
}

export interface PatientNumbers {
  readonly key: RecordKey;
  /** Everything else said, sorted, without repeats and without the key. */
  readonly identifiers: readonly Identifier[];
}

/** The numbers of a PID: PID-3, with PID-2 and PID-4 (kept for old versions) as key only when PID-3 is empty. Null without a usable one. */
export function patientNumbers(reading: Hl7Reading, pid: Hl7Segment): PatientNumbers | null {
  const listed = numbersOf(pid.repetitions(3));
  const legacy = [...numbersOf(pid.repetitions(2)), ...numbersOf(pid.repetitions(4))];
  const isListEmpty = pid.text(3) === null && listed.length === 0;
  const chosen = chooseNumber(isListEmpty ? legacy : listed);
  if (chosen === null) return null;
  const others = [...listed, ...legacy].filter((number) => number !== chosen);
  const key = keyOf(reading, chosen, reading.sender);
  return { key, identifiers: identifiersOf(reading, key, others) };
}

/** The prior numbers of an MRG-1, as keys; one without authority is taken to be the survivor's authority's. */
export function priorKeys(
  reading: Hl7Reading,
  merge: Hl7Segment,
  survivor: RecordKey,
): readonly RecordKey[] {
  const numbers = numbersOf(merge.repetitions(1));
  const best = chooseNumber(numbers);
  if (best === null) return [];
  return numbers
    .filter((number) => number.judged === best.judged && !(best.judged === "" && isAbha(number)))
    .map((number) => keyOf(reading, number, survivor.system))
    .filter((key) => !isTooLong(key));
}

/** A number, or the name of who gave it, that no index can hold; as a key it refuses the message. */
export function isTooLong({ system, value, type = null }: KeyLike): boolean {
  return [system, value, type ?? ""].some((text) => text.length > maxIdentifierLength);
}

interface KeyLike {
  readonly system: string;
  readonly value: string;
  readonly type?: string | null;
}

function keyOf(reading: Hl7Reading, number: PatientNumber, fallbackSystem: string): RecordKey {
  const system = number.authority ?? fallbackSystem;
  return { facilityId: reading.context.facilityId, system, value: number.value };
}

function identifiersOf(
  reading: Hl7Reading,
  key: RecordKey,
  numbers: readonly PatientNumber[],
): readonly Identifier[] {
  const found = new Map<string, Identifier>();
  for (const number of numbers) {
    const identifier = identifierOf(reading, number);
    if (isTooLong(identifier)) {
      reading.warnTooLong("identifiers");
      continue;
    }
    const isKey = identifier.system === key.system && identifier.value === key.value;
    const place = `${identifier.system}\u0000${identifier.value}`;
    if (!isKey && !found.has(place)) found.set(place, identifier);
  }
  return [...found.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, identifier]) => identifier);
}

function identifierOf(reading: Hl7Reading, number: PatientNumber): Identifier {
  const type = number.type === "" ? null : number.type;
  const address = abhaAddressOf(number.value);
  if (address !== null) return { system: "abha-address", value: address, type };
  if (isAbha(number)) {
    return { system: "abha-number", value: abhaNumberOf(number.value) ?? number.value, type };
  }
  return { system: number.authority ?? reading.sender, value: number.value, type };
}
