/** Indian phone numbers in every form people write them. */
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import { asciiDigits } from "./digits.ts";
import { maxParsedLength } from "./text-limit.ts";

/**
 * All numbers of a cell. They are parted by signs or words, or by nothing but a space: then a number ends where ten
 * digits are whole. A part that is no number is one reason.
 */
export function normalizePhones(text: string): readonly Parsed<string, string>[] {
  const parts = text
    .split(/[,;/\\|&\n]|(?<=\p{Nd}{7})\s*\+|\s{2,}|\s(?:or|and|और|या)\s/iu)
    .filter((part) => part.trim() !== "");
  return parts.flatMap((part) => {
    const whole = normalizePhone(part);
    return whole.ok ? [whole] : (spacedPhones(part) ?? [whole]);
  });
}

/** `9811122233 98111 22244`; null where anything is left over. */
function spacedPhones(text: string): readonly Parsed<string, string>[] | null {
  const found: Parsed<string, string>[] = [];
  let open = "";
  for (const word of text.trim().split(/\s+/)) {
    open += word;
    const phone = normalizePhone(open);
    if (!phone.ok) continue;
    found.push(phone);
    open = "";
  }
  return open === "" && found.length > 1 ? found : null;
}

/** `Mob. 98…`, `Ph: 011-…`; and the number of an extension after it. */
const label =
  /^\s*(?:mob(?:ile)?|ph(?:one)?|tel(?:ephone)?|cell|m|मो|मोबाइल|फोन|फ़ोन)\s*(?:no|नं)?\s*[.:०-]*\s*(?=[+(\d])/iu;
const extension = /\s*(?:ext(?:n|ension)?|x)\.?\s*\d{1,5}\s*$/i;
/** `98… (son)`: whose number it is. */
const whose = /\s*\([^()\d]*\)\s*$/;

/** `+91` and ten digits for a mobile; `+91` and the area code for a landline. Anything else is a reason. */
export function normalizePhone(text: string): Parsed<string, string> {
  if (text.length > maxParsedLength) return unparsed("phone_invalid");
  const ascii = asciiDigits(text).replace(whose, "").replace(label, "").replace(extension, "");
  if (/[A-Za-z]{3}/.test(ascii) || /\d\.?\d*[eE]\+?\d/.test(ascii))
    return unparsed("phone_invalid");
  const digits = ascii.replace(/\D/g, "").replace(/^(?:00)?(?:91)?0?(?=[1-9]\d{9}$)/, "");
  if (/^[1-9]\d{9}$/.test(digits)) return parsed(`+91${digits}`);
  return unparsed("phone_invalid");
}

const plainMobile = /^(?:\+?91[- ]?|0)?([6-9]\d{4})[ -]?(\d{5})$/;

/** The one mobile number of a text that is nothing else; null for any other, which `normalizePhone` judges. */
export function plainPhone(text: string): string | null {
  const match = plainMobile.exec(text);
  return match === null ? null : `+91${match[1]}${match[2]}`;
}

/** Numbers clerks type when they have none: one digit repeated, or a counting row. They say nothing about a person. */
export function isFillerPhone(phone: string): boolean {
  const digits = phone.replace(/^\+91/, "");
  return (
    /^(\d)\1{6,}/.test(digits) ||
    /(\d)\1{7,}$/.test(digits) ||
    digits === "9876543210" ||
    digits === "1234567890" ||
    digits === "9123456789"
  );
}
