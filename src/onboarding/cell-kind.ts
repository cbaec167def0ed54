/** What one cell looks like, by itself: the questions a column's profile counts the answers of. */

import type { IsoDate } from "../platform/ids.ts";
import { findAadhaar, isMasked } from "../records/aadhaar.ts";
import { abhaAddressOf, abhaNumberOf } from "../records/abha.ts";
import { ageAndSex } from "../records/age-and-sex.ts";
import { asciiDigits } from "../records/digits.ts";
import { birthDateFromAge } from "../records/normalize-date.ts";
import { normalizePhone } from "../records/normalize-phone.ts";
import { relationMeaning, sexMeaning } from "./code-meaning.ts";
import {
  isAddressText,
  isCityName,
  isDistrictName,
  isStateName,
  nameTokenShare,
} from "./word-list.ts";

/** Whether a text is an age does not depend on the day. */
const anyDay = "2026-01-01" as IsoDate;

const tests = {
  sex: (text) => sexMeaning(text) !== null,
  relationType: (text) => relationMeaning(text) !== null,
  /** Names the patient and the relative in one: `Sunita W/o Ram`. */
  relationInside: (text) => /[\p{L}.)]\s+[sdwcmh]\s*\/\s*o\b/iu.test(text),
  relationPrefix: (text) =>
    /^\s*(?:[sdwcfmh]\s*\/\s*o\b|(?:son|daughter|wife|care) of\b|पुत्र|पुत्री|पत्नी)/iu.test(text),
  phone: (text) => {
    const read = normalizePhone(text.split(/[,;/]/)[0] ?? "");
    return read.ok && /^\+91[6-9]/.test(read.value) && /^[\d+\s().,;/-]+$/.test(text);
  },
  landline: (text) => /^\(?0\d{2,4}\)?[\s-]?\d{6,8}$/.test(text),
  abhaNumber: (text) => abhaNumberOf(text) !== null,
  abhaAddress: (text) => abhaAddressOf(text) !== null,
  aadhaar: (text) =>
    (findAadhaar(text)[0]?.length ?? 0) === text.length || (text.length < 20 && isMasked(text)),
  twelveDigits: (text) => /^\d{4}[\s-]?\d{4}[\s-]?\d{4}$/.test(text),
  email: (text) => /^[^\s@]+@[^\s@]+\.[a-z]{2,}$/i.test(text),
  pin: (text) => /^[1-8]\d{2}\s?\d{3}$/.test(text),
  bloodGroup: (text) =>
    /^(?:a|b|ab|o|0)\s*(?:\+|-|−|(?:rh)?\s*\(?(?:\+ve|-ve|pos(?:itive)?|neg(?:ative)?|\+|-)\)?)$/iu.test(
      text,
    ),
  integer: (text) => /^\d+$/.test(text),
  number: (text) => /^[<>]?\s*[-+]?\d+(?:\.\d+)?(?:E\+?\d+)?$/i.test(text),
  /** What a spreadsheet makes of a long number: its last digits are gone. */
  damaged: (text) => /^\d\.\d+E\+\d+$/i.test(text),
  /** An age in words or a small number. */
  age: (text) => (/^\d{1,3}(?:\.0+)?$/.test(text) ? Number(text) <= 120 : isAgeInWords(text)),
  ageWithUnit: (text) => isAgeInWords(text),
  ageAndSex: (text) => {
    const { age, sex } = ageAndSex(text);
    return age !== null && sex !== null && birthDateFromAge(age, anyDay).ok;
  },
  year: (text) => /^(?:19|20)\d\d$/.test(text),
  excelSerial: (text) =>
    /^\d{5}(?:\.\d+)?$/.test(text) && Number(text) > 7_000 && Number(text) < 60_000,
  time: (text) => /^\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]m)?$/i.test(text),
  /** Letters of one script, as people are named. */
  person: (text) => personal.test(text) && text.length <= 60,
  devanagari: (text) => /\p{Script=Devanagari}/u.test(text),
  knownName: (text) => nameTokenShare(text) > 0,
  address: (text) => isAddressText(text),
  city: (text) => isCityName(text),
  district: (text) => isDistrictName(text),
  state: (text) => isStateName(text),
  /** A record number: digits among at most a few letters, in one piece. */
  identifier: (text) =>
    /\d/.test(text) &&
    text.length <= 30 &&
    /^[\p{L}\p{N}][\p{L}\p{M}\p{N}\s./_\\#:-]*$/u.test(text) &&
    (text.match(/\s/g) ?? []).length <= 2 &&
    // `1001 / 12/11/2026`: a number and the day it was given.
    !/\s\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$/.test(text) &&
    !/[a-z]{5,}/i.test(text),
  icd: (text) => /^[A-TV-Z]\d[\dA-Z](?:\.?[\dA-Z]{1,4})?$/i.test(text),
  loinc: (text) => /^\d{1,5}-\d$/.test(text),
  unit: (text) => unitText.test(text),
  range: (text) =>
    /^[(<>≤≥]?\s*\d+(?:\.\d+)?\s*(?:-|–|to)\s*\d+(?:\.\d+)?\)?/i.test(text) ||
    /^(?:<|>|up ?to)\s*\d/i.test(text),
  flag: (text) => /^(?:h|l|n|hh|ll|a|high|low|normal|abnormal|critical|\*)$/i.test(text),
  vaccine: (text) =>
    /\b(?:bcg|opv|ipv|penta(?:valent)?|dpt|hep(?:atitis)?[\s-]?b|rota(?:virus)?|pcv|mr|mmr|measles|td|tt|covishield|covaxin|je|vitamin a|typhoid|influenza)\b/i.test(
      text,
    ),
  frequency: (text) =>
    /^(?:od|bd|bid|tds|tid|qid|hs|sos|stat|qds|once daily|twice daily|\d-\d-\d)$/i.test(text),
  route: (text) =>
    /^(?:oral|po|iv|im|sc|id|s\/c|i\/v|i\/m|intramuscular|intradermal|subcutaneous|topical|inhalation)$/i.test(
      text,
    ),
} as const satisfies Record<string, (text: string) => boolean>;

export type CellKind = keyof typeof tests;

/** Every question there is, in a fixed order. */
export const cellKinds = Object.keys(tests) as readonly CellKind[];

/** What a cell is; several at once where that cannot be told from one cell. `text` is trimmed and not empty. */
export function kindsOf(text: string): readonly CellKind[] {
  if (text.length > 200) return [];
  const ascii = asciiDigits(text);
  return cellKinds.filter((kind) => tests[kind](ascii));
}

/** `45 Y 3 M`, `45 Year(s)`: what records read as an age, with a unit. */
function isAgeInWords(text: string): boolean {
  return /^\d{1,3}\s*\p{L}/u.test(text) && birthDateFromAge(text, anyDay).ok;
}

const personal =
  /^(?:[\p{Script=Latin}.'’-]+(?:[\s,./]+[\p{Script=Latin}.'’()-]+){0,7}|[\p{Script=Devanagari}.\u200c\u200d]+(?:[\s,./]+[\p{Script=Devanagari}.()\u200c\u200d]+){0,7})\.?$/u;
const unitText =
  /^(?:%|[munpµμkc]?g(?:m|ms)?(?:\/[dmµμ]?l|\/24\s?h(?:rs?)?)?|[munpµμ]?(?:iu|u|mol|eq)\/[dm]?l|mm\s?hg|cm|kg|bpm|\/min|°?[cf]|mm\/h(?:r|our)?|cells?\/.*|10\^.*|thou.*\/.*|mill.*\/.*|fl|pg|sec(?:onds)?|ratio|lakhs?\/.*|\/(?:cu\s?mm|µl|ul|hpf))$/iu;

/** The shape of a cell for reports: digits as N, letters as A or a, long runs cut. It holds nothing of the value. */
export function shapeOf(text: string): string {
  const signs = text
    .slice(0, 60)
    .replace(/\p{Nd}|\p{L}\p{M}*/gu, (sign) =>
      /^\p{Nd}/u.test(sign) ? "N" : /^\p{Lu}/u.test(sign) ? "A" : "a",
    );
  return signs.replace(/A{2,}/g, "A+").replace(/a{2,}/g, "a+").replace(/N{7,}/g, longNumber);
}

function longNumber(run: string): string {
  return `N×${run.length}`;
}
