/**
 * Hindi typed in the Kruti Dev 010 font: Latin letters that only look like Devanagari (`jke dqekj` is राम कुमार).
 * The font draws what a typewriter strikes: half letters, a stroke that makes them whole, ि before its syllable, reph after.
 */

const halant = "\u094d";
/** Drawn before its syllable, spoken after it; and drawn after its syllable, spoken before it. */
const shortI = "\u093f";
const reph = "\ue000";

/** What one key draws. `k` is ा, and the stroke that completes a half letter. */
const keys: Readonly<Record<string, string>> = {
  v: "अ",
  b: "इ",
  m: "उ",
  Å: "ऊ",
  _: "ऋ",
  ",": "ए",
  d: "क",
  D: "क्",
  "[": "ख्",
  x: "ग",
  X: "ग्",
  "?": "घ्",
  p: "च",
  P: "च्",
  N: "छ",
  t: "ज",
  T: "ज्",
  ">": "झ",
  "÷": "झ्",
  "¥": "ञ",
  V: "ट",
  B: "ठ",
  M: "ड",
  "<": "ढ",
  ".": "ण्",
  r: "त",
  R: "त्",
  F: "थ्",
  n: "द",
  "/": "ध्",
  è: "ध्",
  u: "न",
  U: "न्",
  i: "प",
  I: "प्",
  Q: "फ",
  "¶": "फ्",
  c: "ब",
  C: "ब्",
  H: "भ्",
  e: "म",
  E: "म्",
  ";": "य",
  "¸": "य्",
  j: "र",
  y: "ल",
  Y: "ल्",
  G: "ळ",
  o: "व",
  O: "व्",
  "'": "श्",
  '"': "ष्",
  l: "स",
  L: "स्",
  g: "ह",
  ï: "ह्",
  "{": "क्ष्",
  "=": "त्र",
  K: "ज्ञ",
  J: "श्र",
  "|": "द्य",
  "#": "रु",
  ":": "रू",
  Ø: "क्र",
  ä: "क्त",
  ç: "प्र",
  Á: "प्र",
  æ: "द्र",
  é: "न्न",
  Ý: "फ्र",
  Ñ: "कृ",
  ê: "ट्ट",
  ë: "ट्ठ",
  Ù: "त्त्",
  í: "द्द",
  ì: "द्द",
  "–": "दृ",
  "—": "कृ",
  k: "ा",
  f: shortI,
  h: "ी",
  q: "ु",
  w: "ू",
  "`": "ृ",
  s: "े",
  S: "ै",
  W: "ॅ",
  a: "ं",
  "¡": "ँ",
  "%": "ः",
  "+": "़",
  "~": halant,
  z: `${halant}र`,
  Z: reph,
  å: "०",
  ƒ: "१",
  "„": "२",
  "…": "३",
  "†": "४",
  "‡": "५",
  ˆ: "६",
  "‰": "७",
  Š: "८",
  "‹": "९",
  A: "।",
  "]": ",",
  "&": "-",
  "-": ".",
  "@": "/",
  "¼": "(",
  "½": ")",
  "^": "‘",
  "*": "’",
  Þ: "“",
  ß: "”",
};

/** Unicode text of a Kruti Dev one. Signs that the font does not draw stay as they are. */
export function fromKrutiDev(text: string): string {
  let drawn = "";
  for (const key of text) {
    if (key === "k" && drawn.endsWith(halant)) drawn = drawn.slice(0, -1);
    else drawn += keys[key] ?? key;
  }
  return spoken(drawn).normalize("NFC");
}

const consonant = "[क-ह]़?";
const cluster = `(?:${consonant}${halant})*${consonant}`;
const vowelSign = "[ा-ौ]";

const beforeSyllable = new RegExp(`${shortI}(${cluster}(?:${halant}र)?)`, "g");
const afterSyllable = new RegExp(`(${cluster}${vowelSign}*[ंँ]?)${reph}`, "g");

/** From the order in which signs are drawn to the order in which they are spoken. */
function spoken(drawn: string): string {
  return drawn
    .replaceAll(`इ${reph}`, "ई")
    .replace(/अाे|अो/g, "ओ")
    .replace(/अाै|अौ/g, "औ")
    .replaceAll("अा", "आ")
    .replaceAll("एे", "ऐ")
    .replace(beforeSyllable, `$1${shortI}`)
    .replaceAll("ाे", "ो")
    .replaceAll("ाै", "ौ")
    .replaceAll("ाॅ", "ॉ")
    .replace(/ं([ा-ौ])/g, "$1ं")
    .replace(afterSyllable, `र${halant}$1`)
    .replaceAll(reph, `र${halant}`);
}

/** A word that can be spoken: syllables, each with at most one vowel sign and one nasal; no अ inside. */
const word = new RegExp(
  `^(?:[अ-औ]|${cluster}${vowelSign}?)[ंँः]?(?:(?:[आ-औ]|${cluster}${vowelSign}?)[ंँः]?)*$`,
);

/** Pairs of keys that hardly any Latin name has, each for what it draws. */
const unLatin: readonly RegExp[] = [
  // A consonant with ा, े or ू at the start of a word (`jke`, `nsoh`, `iwtk`), with ु anywhere (`dqekj`).
  /(?:^|\s)(?:[bcdfgjlmnprtvxy]k[a-z;']|[bcdfgjlmnrvxy]s[a-z]|[bcfgijlmnpruvxy]w)/g,
  /[bcdfgjlmnprtvxy]q(?!u?[aeiou]?$)/g,
  // ा at the end of a word (`iwtk`) or before र (`dqekj`), and ो (`eksgu`).
  /[bdfgjmptvxy]k(?=\s|$)|[a-z]kj(?=\s|$)|[a-z]ks[bcdgjlmnpqtuvxy]/g,
  // ि before a consonant that never follows f.
  /f[bcdgjmnpqtvx;]/g,
  // Keys that are signs in Latin: य, ख, क्ष, श, ष, ण, ध, त्र inside words.
  /[a-z][;[{~`|=]|[;[{]k|['"]k|[a-z]\.k|[a-z]\/k|(?:^|\s)\/k|(?:^|\s);[a-z]/gi,
  // Reph or ऐ after a small letter (`'kekZ`, `dSyk'k`), half letters between small ones (`xqIrk`).
  /[a-z][ZS](?![A-Z])|[a-z][EFIJLPRTUXY](?=[a-z])/g,
  // A word of three letters or more without a Latin vowel.
  /(?:^|\s)[bcdfghjklmnpqrstvwxz]{3,}(?=\s|$)/g,
];

export type LegacyVerdict = "sure" | "suspected" | "no";

/** Whether a text is Kruti Dev. Every word must be speakable once converted, and look like no Latin one. */
export function legacyVerdict(text: string): LegacyVerdict {
  // In the order of what each question costs: nearly every text is told by the first.
  if (hasLatinVowels(text) || !mayBeLegacy.test(text)) return "no";
  if (!unLatin.some((sign) => text.search(sign) !== -1)) return "no";
  const letters = text.replace(/[^A-Za-z]/g, "");
  const words = text.trim().split(/\s+/);
  if (letters.length < 3 || !words.every((each) => isSpeakable(each))) return "no";
  const signs = unLatin.reduce((sum, sign) => sum + [...text.matchAll(sign)].length, 0);
  // Acronyms have no vowels either.
  return signs >= 2 && letters.length >= 6 ? "sure" : "suspected";
}

/** A `q` after a consonant is told by what follows its word: of a word alone it counts as a sign. */
const openSign = /[bcdfgjlmnprtvxy]q/;

/** Whether a word of letters may be Kruti Dev. A text of which no word has a sign is none (`legacyVerdict`). */
export function hasLegacySign(word: string): boolean {
  return openSign.test(word) || unLatin.some((sign) => word.search(sign) !== -1);
}

/** The commonest vowel of Latin names is the anusvara here, which few words have. Asked of every name, so without a pattern. */
function hasLatinVowels(text: string): boolean {
  let letters = 0;
  let openVowels = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index) | 0x20;
    if (code < 0x61 || code > 0x7a) continue;
    letters += 1;
    if (code === 0x61) openVowels += 1;
  }
  return openVowels * 8 > letters;
}

/** A small letter; texts in capitals, of digits or in Devanagari are done with here. */
const mayBeLegacy = /^(?=.*[a-z])[^\u0900-\u097f]*$/;

function isSpeakable(text: string): boolean {
  const converted = fromKrutiDev(text.replace(/^[¼(]|[½),\]]$/g, ""));
  return word.test(converted) || /^[\d०-९.,/-]+$/.test(converted);
}
