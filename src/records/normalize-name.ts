/** Names as hospitals write them: titles off, relations out, spaces squeezed. Spelling is left alone; matching judges it. */
import { maskAadhaar } from "./aadhaar.ts";
import { isNothing } from "./cell-text.ts";
import { maxLineLength } from "./text-limit.ts";

export interface NormalizedName {
  /** The name without titles and relation, as given otherwise; null when nothing is left. */
  readonly name: string | null;
  readonly relationName: string | null;
  readonly relationType: "father" | "mother" | "husband" | "wife" | "guardian" | null;
}

const titles =
  /^(?:(?:shri|shree|sri|sh|smt|shrimati|shreemati|sushri|mr|mrs|ms|miss|dr|prof|late|mst|master|kumari|kum|km|श्री|श्रीमान|श्रीमती|श्रीमति|सुश्री|डॉ|डा|कु|कुमारी|मास्टर|स्व|स्वर्गीय)(?:[.०]|\s+|$)\s*)+/iu;

/** `S/O`, `s\o`, `W/0` with a zero for the letter, `son of`. */
const relation =
  /\s*[,(]?\s*\b(?:([sdwcmfhb])\s*[/\\]\s*[o0]\b|(son|daughter|wife|widow|husband|care|mother|father|ward)\s+of\b)\.?\s*[:-]?\s*(.*)$/iu;
/** Hindi words stand between two names; पति and पिता are also parts of names, and count with a title or a colon after them. */
const hindiRelation =
  /^(.*?[\p{L}\p{M}.)])[\s,(]+(सुपुत्री|सुपुत्र|पुत्री|पुत्र|पत्नी|विधवा|द्वारा|(?:पति|पिता)(?=\s*[:-]|\s+श्री(?![\p{L}\p{M}])))(?![\p{L}\p{M}])\.?\s*[:-]?\s*(.*)$/u;
/** A newborn without a name of its own: `Baby of Sunita`, `B/O Sunita`, `New born twin 2 of Sunita`. */
const newborn =
  /^\s*(?:(?:new\s*born|nb|baby|twin)(?:\s+(?:boy|girl|male|female|baby|twin))*(?:[\s-]+(?:[1-3]|i{1,3}))?[\s-]+of|b\s*[/\\]\s*[o0])\b\.?\s*[:-]?\s*(.+)$/iu;
/** Which of her children: `Rekha Twin-1`, `Rekha (II)`. */
const whichChild =
  /^(.*?[\p{L}\p{M}.])([\s,(-]+(?:(?:twin|baby)[\s-]*(?:[1-4]|i{1,3}|[ab])|[1-4]|ii|iii)\)?)$/iu;
/** Where somebody lives is no part of a name: `Mohan Lal R/o Rohini`. Begun at the first sign of a run alone: else long runs cost their square. */
const residence =
  /(?<![\s,(])[\s,(]+(?:r\s*[/\\]\s*[o0]|resident\s+of|निवासी)(?![\p{L}\p{M}]).*$/iu;

const relationTypes: Readonly<Record<string, NormalizedName["relationType"]>> = {
  s: "father",
  son: "father",
  सुपुत्र: "father",
  पुत्र: "father",
  d: "father",
  daughter: "father",
  सुपुत्री: "father",
  पुत्री: "father",
  पिता: "father",
  w: "husband",
  wife: "husband",
  widow: "husband",
  पत्नी: "husband",
  विधवा: "husband",
  पति: "husband",
  b: "mother",
  c: "guardian",
  care: "guardian",
  ward: "guardian",
  द्वारा: "guardian",
  m: "guardian",
  mother: "guardian",
  f: "guardian",
  father: "guardian",
  h: "wife",
  husband: "wife",
};

/**
 * `SHRI RAM LAL S/O MOHAN LAL` -> name `RAM LAL`, relation father `MOHAN LAL`. A newborn is called after its mother:
 * `B/O SUNITA` -> name `Baby of SUNITA`, relation mother `SUNITA`.
 */
export function normalizeName(text: string): NormalizedName {
  const squeezed = withoutResidence(squeeze(text));
  const born = newborn.exec(squeezed);
  if (born !== null) return newbornName(born[1] ?? "");
  const related = relatedParts(squeezed);
  const relationName = related === null ? null : relativeName(related.other);
  return {
    name: cleanName(related === null ? squeezed : related.own),
    relationName,
    relationType: relationName === null ? null : (relationTypes[related?.word ?? ""] ?? null),
  };
}

function withoutResidence(text: string): string {
  const shortened = text.replace(residence, "");
  return shortened === "" ? text : shortened;
}

/** `MOHAN S/O HARI)` -> `MOHAN`: the relative's own relation is not the patient's, nor is a bracket that was opened before. */
function relativeName(text: string): string | null {
  const own = relatedParts(text)?.own ?? text;
  return cleanName(own.includes("(") ? own : own.replace(/\)\s*$/, ""));
}

/** The mother's own relation (`B/O SUNITA W/O RAM`) says nothing of the child by itself. */
function newbornName(text: string): NormalizedName {
  const named = relatedParts(text)?.own ?? text;
  const [, own = named, which = ""] = whichChild.exec(named) ?? [];
  const mother = cleanName(own);
  return {
    name: mother === null ? null : `Baby of ${mother}${which}`,
    relationName: mother,
    relationType: mother === null ? null : "mother",
  };
}

function relatedParts(text: string): { own: string; word: string; other: string } | null {
  const match = relation.exec(text);
  if (match !== null) {
    const word = (match[1] ?? match[2] ?? "").toLowerCase();
    return { own: text.slice(0, match.index), word, other: match[3] ?? "" };
  }
  const hindi = hindiRelation.exec(text);
  return hindi === null
    ? null
    : { own: hindi[1] ?? "", word: hindi[2] ?? "", other: hindi[3] ?? "" };
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
  return text.length <= maxLineLength && plainLine.test(text) && !isNothing(text, "addressLine");
}

/** Words of three Latin letters or more, or of Devanagari without the signs that Unicode writes in two ways. */
const plainName =
  /^(?:[A-Za-z]{3,30}(?: [A-Za-z]{3,30}){0,6}|[\u0901-\u0928\u092a-\u0930\u0932\u0933\u0935-\u0939\u093e-\u094d]{2,30}(?: [\u0901-\u0928\u092a-\u0930\u0932\u0933\u0935-\u0939\u093e-\u094d]{2,30}){0,6})$/;
const hindiRelationWord = /पुत्र|पत्नी|विधवा|द्वारा|पति|पिता|निवासी/u;

/** True for a name that `normalizeName` leaves as it is: no title begins it, and nothing in it tells a relation. */
export function isPlainName(text: string): boolean {
  if (!plainName.test(text) || titles.test(text) || isNothing(text, "name")) return false;
  // In Latin every relation has a slash or a word of two letters.
  return text.charCodeAt(0) < 0x80 || !hindiRelationWord.test(text);
}

export function blankToNull(text: string): string | null {
  return /[\p{L}\p{N}]/u.test(text) ? text : null;
}
