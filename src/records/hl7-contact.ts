/** HL7 telephone numbers (XTN) and addresses (XAD) as a patient's contact fields. */
import type { Hl7Repetition, Hl7Segment } from "../hl7/segment.ts";
import { isAadhaarShaped } from "./aadhaar.ts";
import { type Hl7Reading, type Hl7Spot, wordText } from "./hl7-reading.ts";
import { isMobileShaped } from "./mask-row.ts";
import { maskedLine } from "./normalize-name.ts";
import { isFillerPhone, normalizePhone } from "./normalize-phone.ts";
import type { PatientFacts } from "./patient-record.ts";
import { maxLineLength, maxPhonesLength } from "./text-limit.ts";

type ContactFacts = Pick<PatientFacts, "phones" | "email">;
type AddressFacts = Pick<
  PatientFacts,
  "addressLine" | "locality" | "city" | "district" | "state" | "postalCode"
>;

/** Table 0202: equipment that rings nobody. */
const notPhones = new Set(["FX", "BP", "MD", "TDD", "TTY", "INTERNET", "X.400"]);
const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Home (PID-13) before work (PID-14) before other numbers (PID-40), and the first e-mail among them. */
export function contactFacts(reading: Hl7Reading, pid: Hl7Segment): ContactFacts {
  const phones = new Set<string>();
  let address: string | null = null;
  for (const position of [13, 14, 40]) {
    for (const repetition of pid.repetitions(position)) {
      address ??= emailOf(repetition);
      const phone = phoneOf(reading, repetition, { segment: pid, position });
      if (phone !== null) phones.add(phone);
    }
  }
  const clears = phones.size === 0 && pid.field(13) === '""';
  return {
    ...(phones.size > 0 || clears ? { phones: [...phones] } : {}),
    ...(address === null ? {} : { email: address }),
  };
}

function emailOf(repetition: Hl7Repetition): string | null {
  const candidates = [repetition.text(4), repetition.text(1)];
  const found = candidates.find(
    // A longer one is no address, and takes the pattern the square of its length to refuse.
    (text) => text !== null && text.length <= maxLineLength && email.test(text.trim()),
  );
  return found === undefined || found === null ? null : maskedLine(found);
}

function phoneOf(reading: Hl7Reading, repetition: Hl7Repetition, spot: Hl7Spot): string | null {
  const written = writtenNumber(repetition);
  if (written === null || notPhones.has(repetition.text(3)?.toUpperCase() ?? "")) return null;
  const phone = dialableNumber(written);
  if (phone !== null && !isFillerPhone(phone)) return phone;
  reading.warn(
    {
      reason: "invalid",
      rule: phone === null ? "phone_invalid" : "phone_filler",
      field: "phone",
      hint: "The number cannot be a telephone number of a person; it was left out.",
    },
    spot,
  );
  return null;
}

/** XTN-12 or XTN-1 without extension (`X123`), beeper and comment; else country, area and local number. */
function writtenNumber(repetition: Hl7Repetition): string | null {
  const whole = repetition.text(1) ?? repetition.text(12);
  // Looked at no further than a field of several numbers may be long; `dialableNumber` refuses what is cut.
  if (whole !== null && !whole.includes("@")) return numberIn(whole.slice(0, maxPhonesLength));
  const [country, area, local] = [5, 6, 7].map((component) => repetition.text(component) ?? "");
  if (local === "" || local === undefined) return null;
  return country === "" ? `${area}${local}` : `+${country?.replace(/\D/g, "")}${area}${local}`;
}

function numberIn(text: string): string | null {
  const number = text.replace(/[XBC].*$/i, "");
  return /\d/.test(number) ? number : null;
}

/** An Indian number as `normalizePhone` has it; a number of another country as it is written. */
function dialableNumber(text: string): string | null {
  const digits = text.replace(/\D/g, "");
  const isForeign = text.trim().startsWith("+") && !digits.startsWith("91");
  const indian = isForeign ? null : normalizePhone(text);
  if (indian?.ok === true) return indian.value;
  if (digits.length < 6 || digits.length > 15) return null;
  // The mask lets mobiles pass, and nothing else that could be an Aadhaar number.
  if (isAadhaarShaped(digits) && !isMobileShaped(digits)) return null;
  return isForeign ? `+${digits}` : digits;
}

/**
 * The first usable address of PID-11, a home address (H) before others, bad ones (BA) never. An address given replaces
 * all of the old one's parts, as HL7 replaces fields and not components; `""` clears them.
 */
export function addressFacts(pid: Hl7Segment): AddressFacts {
  if (pid.field(11) === '""') return noAddress;
  const usable = pid.repetitions(11).filter(isUsableAddress);
  const chosen = usable.find((repetition) => repetition.text(7) === "H") ?? usable[0];
  if (chosen === undefined) return {};
  return {
    addressLine: wordText(chosen.text(1)),
    locality: wordText(chosen.text(2)),
    city: wordText(chosen.text(3)),
    district: wordText(chosen.text(9)),
    state: wordText(chosen.text(4)),
    postalCode: wordText(chosen.text(5)),
  };
}

const noAddress: AddressFacts = {
  addressLine: null,
  locality: null,
  city: null,
  district: null,
  state: null,
  postalCode: null,
};

function isUsableAddress(repetition: Hl7Repetition): boolean {
  if (repetition.text(7)?.toUpperCase() === "BA") return false;
  return [1, 2, 3, 4, 5, 9].some((component) => wordText(repetition.text(component)) !== null);
}
