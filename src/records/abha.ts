/** ABHA numbers (14 digits) and addresses (`name@abdm`), recognised by shape. */
import { asciiDigits } from "./digits.ts";

/** Fourteen digits, hyphens and spaces allowed; null for anything else. */
export function abhaNumberOf(text: string): string | null {
  const digits = asciiDigits(text).replace(/[\s-]/g, "");
  return /^\d{14}$/.test(digits) ? digits : null;
}

/** `name@abdm`, `@sbx` or legacy `@ndhm`, lower case; null for anything else. */
export function abhaAddressOf(text: string): string | null {
  const address = text.trim().toLowerCase();
  return /^[a-z0-9._]{3,64}@(abdm|sbx|ndhm)$/.test(address) ? address : null;
}

/** Luhn mod 10: as far as published samples tell, the check of ABHA numbers. A failing number is flagged, never refused. */
export function isLuhnValid(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
