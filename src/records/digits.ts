/** Decimal digits of any script (Devanagari, Arabic-Indic, Bengali, full-width, ...) as ASCII. */

const otherDigits = /[^\P{Nd}0-9]/gu;
const isDigit = /^\p{Nd}$/u;
const values = new Map<string, string>();

/** The text with every decimal digit as ASCII; all else stays. */
export function asciiDigits(text: string): string {
  return text.replace(otherDigits, (digit) => {
    const value = values.get(digit) ?? String(digitValue(digit.codePointAt(0) ?? 0));
    values.set(digit, value);
    return value;
  });
}

/** Unicode keeps the ten digits of a script in one row, zero first, and rows that touch have ten each as well. */
function digitValue(code: number): number {
  let before = 0;
  while (isDigit.test(String.fromCodePoint(code - before - 1))) before += 1;
  return before % 10;
}
