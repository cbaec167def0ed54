/** Names as hospitals write them: titles off, relations out, spaces squeezed. Spelling is left alone; matching judges it. */
import { maskAadhaar } from "./aadhaar.ts";
import { maxLineLength } from "./text-limit.ts";

export interface NormalizedName {
  /** The name without titles and relation, as given otherwise; null when nothing is left. */
  readonly name: string | null;
  readonly relationName: string | null;
  readonly relationType: "father" | "mother" | "husband" | "wife" | "guardian" | null;
}

const titles =
  /^(?:(?:shri|shree|sri|sh|smt|shrimati|mr|mrs|ms|miss|dr|prof|late|mst|master|kumari|km|श्री|श्रीमती|सुश्री|डॉ|कु|कुमारी|स्व)(?:\.|\s+|$)\s*)+/iu;
const relation = /\s*[,(]?\s*\b([sdwcmfh])\s*\/\s*o\b\.?\s*:?\s*(.*)$/iu;

const relationTypes: Readonly<Record<string, NormalizedName["relationType"]>> = {
  s: "father",
  d: "father",
  w: "husband",
  c: "guardian",
  m: "guardian",
  f: "guardian",
  h: "wife",
};

/** `SHRI RAM LAL S/O MOHAN LAL` -> name `RAM LAL`, relation father `MOHAN LAL`. */
export function normalizeName(text: string): NormalizedName {
  const squeezed = squeeze(text);
  const related = relation.exec(squeezed);
  const own = related === null ? squeezed : squeezed.slice(0, related.index);
  const relationName = related === null ? null : cleanName(related[2] ?? "");
  return {
    name: cleanName(own),
    relationName,
    relationType:
      relationName === null ? null : (relationTypes[(related?.[1] ?? "").toLowerCase()] ?? null),
  };
}

/** Words of printable ASCII with single spaces: nothing to squeeze, and nearly every value is such a text. */
const squeezedAscii = /^(?:[!-~]+(?: [!-~]+)*)?$/;

/** Signs that nobody sees and that turn or split what is read: soft hyphens, direction marks, bidi controls, joiners of words. */
const unseen = /[\u00ad\u061c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069]+/g;
/** Unicode's own bound for marks on one letter (UAX 15, stream-safe text): sorting more takes time squared. */
const manyMarks = /(\p{M}{30})\p{M}+/gu;

/** Control characters and unseen signs out, any white space to one space, NFC, no spaces at the ends. */
export function squeeze(text: string): string {
  // Terminal escapes and other controls never belong to a value; they would act on whoever looks at it.
  if (squeezedAscii.test(text)) return text;
  return text
    .replace(unseen, "")
    .replace(manyMarks, "$1")
    .normalize("NFC")
    .replace(/[\p{Cc}\u200b\ufeff\s]+/gu, " ")
    .trim();
}

/** Free text as it may be kept: squeezed, then masked, as a separator that is squeezed could hide a number. */
export function maskedLine(text: string): string {
  return maskAadhaar(squeeze(text));
}

function cleanName(text: string): string | null {
  return blankToNull(maskAadhaar(stripTitles(text)));
}

/** A title is taken off only when a name remains: `Kumari` alone is a name. */
function stripTitles(text: string): string {
  const stripped = text.replace(titles, "").trim();
  return stripped === "" ? text.trim() : stripped;
}

const plainLine = /^[A-Za-z0-9][!-[\]-~]*(?: [!-[\]-~]+)*$/;

/** True for a text that squeezing leaves as it is, that says something, and that COPY need not escape. */
export function isPlainLine(text: string): boolean {
  return text.length <= maxLineLength && plainLine.test(text);
}

/** Words of three Latin letters or more, or of Devanagari without the signs that Unicode writes in two ways. */
const plainName =
  /^(?:[A-Za-z]{3,30}(?: [A-Za-z]{3,30}){0,6}|[\u0901-\u0928\u092a-\u0930\u0932\u0933\u0935-\u0939\u093e-\u094d]{2,30}(?: [\u0901-\u0928\u092a-\u0930\u0932\u0933\u0935-\u0939\u093e-\u094d]{2,30}){0,6})$/;
const plainWords = new Map<string, boolean>();
const mostPlainWords = 50_000;

/** True for a name that `normalizeName` leaves as it is: every word of it is one that no rule knows. */
export function isPlainName(text: string): boolean {
  if (!plainName.test(text)) return false;
  for (let at = 0; at <= text.length; ) {
    const space = text.indexOf(" ", at);
    const end = space === -1 ? text.length : space;
    if (!isPlainWord(text.slice(at, end))) return false;
    at = end + 1;
  }
  return true;
}

function isPlainWord(word: string): boolean {
  let isPlain = plainWords.get(word);
  if (isPlain === undefined) {
    isPlain = [word, `${word} ${word}`, `Aaaa ${word}`, `${word} Aaaa`].every(isLeftAlone);
    if (plainWords.size >= mostPlainWords) plainWords.clear();
    plainWords.set(word, isPlain);
  }
  return isPlain;
}

function isLeftAlone(text: string): boolean {
  const { name, relationName } = normalizeName(text);
  return name === text && relationName === null;
}

export function blankToNull(text: string): string | null {
  return /[\p{L}\p{N}]/u.test(text) ? text : null;
}
