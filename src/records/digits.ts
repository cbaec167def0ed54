/** Digits of Indian scripts (Devanagari, Gurmukhi, Arabic-Indic) as ASCII, position by position. */
const otherDigits = /[\u0966-\u096f\u0a66-\u0a6f\u0660-\u0669\u06f0-\u06f9]/g;

export function asciiDigits(text: string): string {
  return text.replace(otherDigits, (digit) => {
    const code = digit.charCodeAt(0);
    // Every one of these blocks starts its zero at a code that ends in 0 or 6 of a 16-block.
    return String(code >= 0x0966 ? (code & 0x0f) - 6 : code & 0x0f);
  });
}
