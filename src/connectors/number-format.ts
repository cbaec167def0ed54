/** What a spreadsheet's number formats make of a stored number (ECMA-376 part 1, 18.8.30 and 18.8.31). Pure. */

/** A format, as far as it changes what a number is. */
export type NumberFormat =
  | { readonly kind: "general" | "percent" }
  | { readonly kind: "date"; readonly hasDay: boolean; readonly hasTime: boolean }
  /** Digits put into a pattern of zeros and signs, such as `00000000` or `00-0000`. */
  | { readonly kind: "pattern"; readonly signs: readonly string[] };

/** Absolute value from which a spreadsheet no longer keeps every digit of a whole number. */
const exactBelow = 1e15;

const general: NumberFormat = { kind: "general" };
const dayOnly: NumberFormat = { kind: "date", hasDay: true, hasTime: false };
const timeOnly: NumberFormat = { kind: "date", hasDay: false, hasTime: true };
const dayAndTime: NumberFormat = { kind: "date", hasDay: true, hasTime: true };

/** Formats without a code of their own in the file. 27-36 and 50-58 are dates of East Asian locales. */
export function builtInFormat(id: number): NumberFormat {
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 58))
    return dayOnly;
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47)) return timeOnly;
  if (id === 22) return dayAndTime;
  return id === 9 || id === 10 ? { kind: "percent" } : general;
}

/** The meaning of a format's code, such as `dd\-mmm\-yyyy` or `"MR"00000`. */
export function customFormat(code: string): NumberFormat {
  const signs = firstSection(code);
  const letters = signs.filter(({ isLiteral }) => !isLiteral).map(({ text }) => text.toLowerCase());
  const has = (...wanted: readonly string[]) => letters.some((letter) => wanted.includes(letter));
  if (letters.join("") === "general" || letters.includes("@")) return general;
  // `m` is a month beside a day or a year, and a minute beside an hour or a second.
  const hasTime = has("h", "s");
  const hasDay = has("y", "d") || (has("m") && !hasTime);
  if (hasTime || hasDay) return { kind: "date", hasDay, hasTime };
  if (has("%")) return { kind: "percent" };
  return patternOf(signs) ?? general;
}

interface FormatSign {
  readonly text: string;
  readonly isLiteral: boolean;
}

/** The signs of the section for positive numbers; colors, conditions and locales in brackets left out, but for `[h]`. */
function firstSection(code: string): readonly FormatSign[] {
  const signs: FormatSign[] = [];
  for (const [token] of code.matchAll(/"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]?|[\s\S]/gu)) {
    if (token === ";") break;
    if (token.startsWith('"')) signs.push({ text: token.replaceAll('"', ""), isLiteral: true });
    else if (token.startsWith("\\")) signs.push({ text: token.slice(1), isLiteral: true });
    else if (/^\[[hms]+\]$/i.test(token)) signs.push({ text: token.charAt(1), isLiteral: false });
    // `_x` leaves room and `*x` fills it: neither is part of the text.
    else if (!/^(?:\[|_.|\*.)/.test(token)) signs.push({ text: token, isLiteral: false });
  }
  return signs;
}

/** Null where the format holds anything but zeros, digit places and plain signs, or no zeros to fill up with. */
function patternOf(signs: readonly FormatSign[]): NumberFormat | null {
  const places = signs.filter(({ text, isLiteral }) => !isLiteral && /^[0#?]$/.test(text));
  const zeros = places.filter(({ text }) => text === "0").length;
  const isPlain = signs.every(({ text, isLiteral }) => isLiteral || /^[0#?() +-]$/.test(text));
  const hasLetters = signs.some(({ isLiteral }) => isLiteral);
  if (!isPlain || zeros === 0 || (zeros < 2 && !hasLetters)) return null;
  // A quoted digit is no place for one.
  return {
    kind: "pattern",
    signs: signs.map(({ text, isLiteral }) => (isLiteral ? `"${text}` : text)),
  };
}

/** A number as text. Dates are `YYYY-MM-DD`, with `THH:MM:SS` where a time is shown or stored; nothing is rounded away. */
export function numberText(
  value: number,
  format: NumberFormat,
  startsIn1904: boolean,
): { readonly text: string; readonly isDate: boolean } {
  if (format.kind === "date") {
    const text = dateText(value, format, startsIn1904);
    if (text !== null) return { text, isDate: format.hasDay };
  }
  if (format.kind === "percent")
    return { text: `${plainNumber(Number((value * 100).toPrecision(15)))}%`, isDate: false };
  if (format.kind === "pattern" && Number.isInteger(value) && value >= 0 && value < exactBelow)
    return { text: filledPattern(String(value), format.signs), isDate: false };
  return { text: plainNumber(value), isDate: false };
}

/**
 * All 15 digits that a spreadsheet keeps, without an exponent. A whole number of more digits has lost its last ones:
 * it is written as `1.23456789012345E+15`, which no identifier is read from (records/excel-damage.ts).
 */
function plainNumber(value: number): string {
  if (Math.abs(value) >= exactBelow) return value.toExponential(14).replace("e", "E");
  const shown = Number(value.toPrecision(15));
  const text = String(shown);
  return text.includes("e") ? shown.toFixed(20).replace(/0+$/, "") : text;
}

function filledPattern(digits: string, signs: readonly string[]): string {
  let rest = digits;
  let text = "";
  for (const [index, sign] of [...signs].reverse().entries()) {
    if (sign.startsWith('"') || !/^[0#?]$/.test(sign)) {
      text = (sign.startsWith('"') ? sign.slice(1) : sign) + text;
      continue;
    }
    const isFirstPlace = !signs.slice(0, signs.length - 1 - index).some((s) => /^[0#?]$/.test(s));
    const taken = isFirstPlace ? rest : rest.slice(-1);
    rest = rest.slice(0, rest.length - taken.length);
    text = (taken === "" && sign === "0" ? "0" : taken) + text;
  }
  return text;
}

/** The last day a spreadsheet knows, 9999-12-31, in the 1900 system. */
const lastSerial = 2_958_465;
const dayMs = 86_400_000;

/** Null for numbers that are no dates. Day 60 of the 1900 system is 29 February 1900, which was not: it stays that. */
function dateText(
  value: number,
  format: { readonly hasDay: boolean; readonly hasTime: boolean },
  startsIn1904: boolean,
): string | null {
  if (!Number.isFinite(value) || value < 0 || value > lastSerial) return null;
  const seconds = Math.round(value * 86_400);
  const day = Math.floor(seconds / 86_400);
  const clock = new Date((seconds - day * 86_400) * 1000).toISOString().slice(11, 19);
  if (!format.hasDay && day === 0) return clock;
  const date = startsIn1904 ? isoDay(Date.UTC(1904, 0, 1), day) : dayOf1900(day);
  if (date === null) return clock;
  return format.hasTime || seconds > day * 86_400 ? `${date}T${clock}` : date;
}

/** Lotus took 1900 for a leap year, and Excel kept it: after day 60 all numbers are one too many. */
function dayOf1900(day: number): string | null {
  if (day === 0) return null;
  if (day === 60) return "1900-02-29";
  return isoDay(Date.UTC(1899, 11, day < 60 ? 31 : 30), day);
}

function isoDay(start: number, days: number): string {
  return new Date(start + days * dayMs).toISOString().slice(0, 10);
}
