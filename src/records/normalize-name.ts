/** Names as hospitals write them: titles off, relations out, spaces squeezed. Spelling is left alone; matching judges it. */
import { maskAadhaar } from "./aadhaar.ts";

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

export function blankToNull(text: string): string | null {
  return /[\p{L}\p{N}]/u.test(text) ? text : null;
}
