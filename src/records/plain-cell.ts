/**
 * What the rules would leave as it is, told from the bytes of a cell (UTF-8, outer spaces off): the counterpart, byte by byte,
 * of `isPlainName`, `isPlainLine` and `plainPhone`. Nearly every cell of an export is such; any other is read as a text.
 */
import { maxIdentifierLength, maxLineLength } from "./text-limit.ts";

const space = 0x20;
const shortestWord = 3;
const longestWord = 30;
const mostWords = 7;

/** Titles that stand before a name in Latin, in small letters, with or without a dot: as `normalizeName` takes them off. */
const latinTitles: ReadonlySet<string> = new Set(
  "shri shree sri sh smt shrimati shreemati sushri mr mrs ms miss dr prof late mst master kumari kum km".split(
    " ",
  ),
);
const longestTitle = 9;

/** Where the name begins in the cell, after a title it may have; -1 for a cell that is more than a plain name. */
export function plainNameStart(bytes: Uint8Array, start: number, end: number): number {
  if ((bytes[start] ?? 0) >= 0x80) return isPlainHindiName(bytes, start, end) ? start : -1;
  if (mayBeNothing(bytes, start, end)) return -1;
  const word = firstWordEnd(bytes, start, end);
  if (!isTitle(bytes, start, word)) return isPlainLatinName(bytes, start, end) ? start : -1;
  const dot = bytes[word] === 0x2e ? word + 1 : word;
  const name = bytes[dot] === space ? dot + 1 : dot;
  if (name === word || isTitle(bytes, name, firstWordEnd(bytes, name, end))) return -1;
  return isPlainLatinName(bytes, name, end) ? name : -1;
}

/** A small letter for a letter; 0 for any other byte. */
function smallLetter(byte: number): number {
  const small = byte | 0x20;
  return small >= 0x61 && small <= 0x7a ? small : 0;
}

function firstWordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && smallLetter(bytes[at] ?? 0) !== 0) at += 1;
  return at;
}

function isTitle(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < 2 || length > longestTitle) return false;
  // Nearly every other first word is told by its first letter.
  const first = smallLetter(bytes[start] ?? 0);
  if (first !== 0x73 && first !== 0x6d && first !== 0x6b && first !== 0x64 && first !== 0x70)
    if (first !== 0x6c) return false;
  let word = "";
  for (let at = start; at < end; at += 1) word += String.fromCharCode(smallLetter(bytes[at] ?? 0));
  return latinTitles.has(word);
}

/** `NULL`, `Nil`, `N/A` and their like (see `isNothing`). */
function mayBeNothing(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start <= 4 && ((bytes[start] ?? 0) | 0x20) === 0x6e;
}

function isPlainLatinName(bytes: Uint8Array, start: number, end: number): boolean {
  let word = start;
  let words = 1;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    const small = byte | 0x20;
    if (small >= 0x61 && small <= 0x7a) continue;
    if (byte !== space || !isWordLength(at - word)) return false;
    word = at + 1;
    words += 1;
  }
  return isWordLength(end - word) && words <= mostWords;
}

function isWordLength(letters: number): boolean {
  return letters >= shortestWord && letters <= longestWord;
}

/** What a sign of the Devanagari block is in a plain name. */
const other = 0;
const plain = 1;
/** A consonant that is one letter with a nukta after it neither in Unicode's composed form nor here. */
const consonant = 2;
/** The first letter of a word that tells a relation. */
const relationStart = 3;
const nukta = 4;

/**
 * By the two last bytes of a sign, 64 to a block: U+0901 to U+094D without the letters that Unicode writes in two ways.
 * The first 64 have the second byte A4, the others A5.
 */
const signs = Uint8Array.from({ length: 128 }, (_, index) => signOf(0x900 + index));

function signOf(code: number): number {
  if (code === 0x93c) return nukta;
  if (code < 0x901 || code > 0x94d || [0x929, 0x931, 0x934, 0x93a, 0x93b, 0x93d].includes(code))
    return other;
  if ("पवदन".includes(String.fromCharCode(code))) return relationStart;
  // With न, र and ळ a nukta makes another letter.
  if (code >= 0x915 && code <= 0x939 && ![0x928, 0x930, 0x933].includes(code)) return consonant;
  return plain;
}

/** Words of two to thirty signs of three bytes each. */
function isPlainHindiName(bytes: Uint8Array, start: number, end: number): boolean {
  if (isHindiTitle(bytes, start, end)) return false;
  let words = 0;
  for (let at = start; at <= end; words += 1) {
    const word = hindiWordEnd(bytes, at, end);
    const length = (word - at) / signBytes;
    if (length < 2 || length > longestWord) return false;
    at = word + 1;
  }
  return words <= mostWords;
}

const signBytes = 3;

/** Where the word ends that begins at `start`: before a space or at the end; 0 for a word that is not plain. */
function hindiWordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (let before = other; at < end && bytes[at] !== space; at += signBytes) {
    // The bytes are sound UTF-8, so that E0 is followed by two more.
    const second = (bytes[at + 1] ?? 0) - 0xa4;
    if (bytes[at] !== 0xe0 || (second & 1) !== second) return 0;
    const sign = signs[second * 64 + (bytes[at + 2] ?? 0) - 0x80] ?? other;
    if (!isPlainAfter(before, sign) || (sign === relationStart && isRelation(bytes, at))) return 0;
    before = sign === nukta ? plain : sign;
  }
  return at;
}

/** A nukta stands only after a consonant. */
function isPlainAfter(before: number, sign: number): boolean {
  return sign !== other && (sign !== nukta || before >= consonant);
}

const hindiTitles = utf8Words("श्री श्रीमान श्रीमती श्रीमति सुश्री डॉ डा कु कुमारी मास्टर स्व स्वर्गीय");
/** The last one says where somebody lives. */
const hindiRelations = utf8Words("पुत्र पत्नी विधवा द्वारा पति पिता निवासी");

function utf8Words(words: string): readonly Uint8Array[] {
  return words.split(" ").map((word) => Buffer.from(word));
}

/** A title as the first word of the name. */
function isHindiTitle(bytes: Uint8Array, at: number, end: number): boolean {
  return hindiTitles.some((title) => {
    const after = at + title.length;
    return startsWith(bytes, at, title) && (after === end || bytes[after] === space);
  });
}

function isRelation(bytes: Uint8Array, at: number): boolean {
  return hindiRelations.some((word) => startsWith(bytes, at, word));
}

function startsWith(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let index = word.length - 1; index >= 0; index -= 1)
    if (bytes[at + index] !== word[index]) return false;
  return true;
}

/** A text of printable ASCII with single spaces that begins with a letter or digit: nothing to squeeze, nothing to escape. */
export function isPlainLineBytes(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > maxLineLength || !isLetterOrDigit(bytes[start] ?? 0)) return false;
  if (mayBeNothing(bytes, start, end)) return false;
  let wasSpace = false;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    const isSpace = byte === space;
    if (isSpace ? wasSpace : byte < 0x21 || byte > 0x7e || byte === 0x5c) return false;
    wasSpace = isSpace;
  }
  return !wasSpace;
}

function isLetterOrDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || smallLetter(byte) !== 0;
}

/** True for a text with the vowel `a` so often that it is in no legacy Hindi font (see `legacyVerdict`). */
export function hasOpenVowels(bytes: Uint8Array, start: number, end: number): boolean {
  let letters = 0;
  let openVowels = 0;
  for (let at = start; at < end; at += 1) {
    const small = (bytes[at] ?? 0) | 0x20;
    if (small < 0x61 || small > 0x7a) continue;
    letters += 1;
    if (small === 0x61) openVowels += 1;
  }
  return openVowels * 8 > letters;
}

/** A number of one to three digits; -1 for anything else. */
export function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 3 || start === end) return -1;
  let number = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === undefined || !isDigit(byte)) return -1;
    number = number * 10 + byte - 0x30;
  }
  return number;
}

/**
 * Where the ten digits of a mobile number begin in a cell that is nothing else, 0 or +91 before them; else -1.
 * A space or hyphen may stand after +91 and after five digits.
 */
export function plainMobileStart(bytes: Uint8Array, start: number, end: number): number {
  const digits = prefixEnd(bytes, start, end);
  if (digits === -1 || (bytes[digits] ?? 0) < 0x36) return -1;
  let at = digits;
  for (let count = 0; count < mobileDigits; count += 1, at += 1) {
    if (count === mobileDigits / 2 && isGap(bytes[at])) at += 1;
    if (!isDigit(bytes[at])) return -1;
  }
  return at === end ? digits : -1;
}

const mobileDigits = 10;

/** After 0, 91 or +91; -1 for another country's. */
function prefixEnd(bytes: Uint8Array, start: number, end: number): number {
  const isSigned = bytes[start] === 0x2b;
  // Twelve digits at least: 91 may begin a number of ten.
  if (!isSigned && (bytes[start] !== 0x39 || end - start <= mobileDigits + 1))
    return bytes[start] === 0x30 ? start + 1 : start;
  const at = isSigned ? start + 1 : start;
  if (bytes[at] !== 0x39 || bytes[at + 1] !== 0x31) return -1;
  return isGap(bytes[at + 2]) ? at + 3 : at + 2;
}

function isGap(byte: number | undefined): boolean {
  return byte === space || byte === 0x2d;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

const abhaLength = 14;
/** `NN-NNNN-NNNN-NNNN`. */
const hyphenatedLength = 17;

/** Fourteen digits that pass Luhn's check, in one piece or written 2-4-4-4 with hyphens. */
export function isPlainAbhaNumber(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length !== abhaLength && length !== hyphenatedLength) return false;
  let sum = 0;
  let digits = 0;
  for (let at = end - 1; at >= start; at -= 1) {
    const byte = bytes[at];
    const isHyphen = length === hyphenatedLength && digits % 4 === 0 && digits > 0;
    if (isHyphen && byte === 0x2d && bytes[at + 1] !== 0x2d) continue;
    if (byte === undefined || !isDigit(byte)) return false;
    const doubled = (byte - 0x30) * (1 + (digits % 2));
    sum += doubled > 9 ? doubled - 9 : doubled;
    digits += 1;
  }
  return digits === abhaLength && sum % 10 === 0;
}

const mask = 0x78;

/** Digits after two letters or more, slashes among them, or a short whole number: nothing the rules could find fault with. */
export function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return false;
  return smallLetter(bytes[start] ?? 0) === 0
    ? isPlainInteger(bytes, start, end)
    : isPlainCode(bytes, start, end);
}

const mostIntegerDigits = 11;

function isPlainInteger(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > mostIntegerDigits || bytes[start] === 0x30) return false;
  for (let at = start; at < end; at += 1) if (!isDigit(bytes[at])) return false;
  return true;
}

function isPlainCode(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > maxIdentifierLength || smallLetter(bytes[start + 1] ?? 0) === 0) return false;
  let masks = 0;
  let digits = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (!isLetterOrDigit(byte) && byte !== 0x2f) return false;
    if ((byte | 0x20) === mask) masks += 1;
    if (isDigit(byte)) digits += 1;
  }
  // Four X may be of a masked number, and letters alone are a word for none.
  return digits > 0 && masks < 4;
}

/** How many digits a text has at most, Latin and Devanagari; null where it has other signs outside of ASCII, which may be digits too. */
export function digitsOf(bytes: Uint8Array, start: number, end: number): number | null {
  let digits = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x30 && byte <= 0x39) digits += 1;
    if (byte < 0x80) continue;
    const second = bytes[at + 1];
    if (byte !== 0xe0 || (second !== 0xa4 && second !== 0xa5)) return null;
    const third = bytes[at + 2] ?? 0;
    if (second === 0xa5 && third >= 0xa6 && third <= 0xaf) digits += 1;
    at += 2;
  }
  return digits;
}
