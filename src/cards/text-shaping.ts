/**
 * Text to glyphs with HarfBuzz, word by word with a cache: Devanagari needs shaping (conjuncts, reordered vowels),
 * and the words of names repeat. A character without a glyph makes the whole text unprintable: no tofu on a card.
 */
import { Blob, Face, Font, Buffer as ShapingBuffer, shape } from "harfbuzzjs";
import { readSfntFont, type SfntFont } from "./sfnt-font.ts";

export type TextStyle = "regular" | "strong";

/** A font file, already unpacked to sfnt by the pipelines floor. */
export interface CardFontFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** For each style the fonts to try, in this order, character by character. */
export type CardFontFiles = Readonly<Record<TextStyle, readonly CardFontFile[]>>;

/** Lengths in em: multiply by the size. Offsets move the glyph, not the pen. */
export interface ShapedGlyph {
  readonly glyph: number;
  readonly advance: number;
  readonly xOffset: number;
  readonly yOffset: number;
  /** The text of a cluster that this glyph alone stands for; null inside larger clusters. */
  readonly text: string | null;
}

/** Glyphs of one font; `font` is the index into the typesetter's fonts. */
export interface ShapedRun {
  readonly font: number;
  readonly glyphs: readonly ShapedGlyph[];
}

/** A word with the space behind it, if any. */
export interface ShapedWord {
  readonly text: string;
  /** Width in em, with the space. */
  readonly width: number;
  readonly runs: readonly ShapedRun[];
  /** Whether glyphs and characters differ in number or order, so that the text must be told to readers apart. */
  readonly isComplex: boolean;
}

export interface ShapedText {
  readonly text: string;
  /** Width in em. */
  readonly width: number;
  readonly words: readonly ShapedWord[];
}

export interface Typesetter {
  readonly fonts: readonly SfntFont[];
  /** The shaped text, or null when a character has no glyph in any font of the style. */
  shape(text: string, style: TextStyle): ShapedText | null;
}

interface LoadedFont {
  readonly index: number;
  readonly shaping: Font;
  readonly unitsPerEm: number;
}

/** Words kept per style; at the bound all are dropped, which costs less than keeping order. */
const cachedWordsBound = 100_000;

/** Loads the fonts once; one typesetter serves any number of files. */
export function makeTypesetter(files: CardFontFiles): Typesetter {
  const fonts: SfntFont[] = [];
  const load = (file: CardFontFile): LoadedFont => {
    const sfnt = readSfntFont(file.name, file.bytes);
    fonts.push(sfnt);
    const shaping = new Font(new Face(new Blob(file.bytes)));
    shaping.setScale(sfnt.unitsPerEm, sfnt.unitsPerEm);
    return { index: fonts.length - 1, shaping, unitsPerEm: sfnt.unitsPerEm };
  };
  const stacks = { regular: files.regular.map(load), strong: files.strong.map(load) };
  const caches = {
    regular: new Map<string, ShapedWord | null>(),
    strong: new Map<string, ShapedWord | null>(),
  };
  const buffer = new ShapingBuffer();
  const shapeWord = (word: string, style: TextStyle): ShapedWord | null => {
    const cache = caches[style];
    let shaped = cache.get(word);
    if (shaped === undefined) {
      shaped = shapeUncached(word, stacks[style], buffer);
      if (cache.size >= cachedWordsBound) cache.clear();
      cache.set(word, shaped);
    }
    return shaped;
  };
  return { fonts, shape: (text, style) => joinWords(text, (word) => shapeWord(word, style)) };
}

function joinWords(
  text: string,
  shapeWord: (word: string) => ShapedWord | null,
): ShapedText | null {
  const words: ShapedWord[] = [];
  let width = 0;
  for (const word of text.split(/(?<= )(?=[^ ])/)) {
    const shaped = shapeWord(word);
    if (shaped === null) return null;
    words.push(shaped);
    width += shaped.width;
  }
  return { text, width, words };
}

function shapeUncached(
  word: string,
  stack: readonly LoadedFont[],
  buffer: ShapingBuffer,
): ShapedWord | null {
  const pieces = splitByFont(word, stack);
  if (pieces === null) return null;
  const runs: ShapedRun[] = [];
  for (const { font, text } of pieces) {
    const glyphs = shapeRun(text, font, buffer);
    if (glyphs === null) return null;
    runs.push({ font: font.index, glyphs });
  }
  const glyphs = runs.flatMap((run) => run.glyphs);
  const width = glyphs.reduce((sum, glyph) => sum + glyph.advance, 0);
  const isComplex = glyphs.map((glyph) => glyph.text ?? "").join("") !== word;
  return { text: word, width, runs, isComplex };
}

interface FontPiece {
  readonly font: LoadedFont;
  text: string;
}

/** Each character goes to the font before it, when that has it, else to the first of the stack that has. */
function splitByFont(word: string, stack: readonly LoadedFont[]): readonly FontPiece[] | null {
  const pieces: FontPiece[] = [];
  for (const character of word) {
    const code = character.codePointAt(0) ?? 0;
    const last = pieces.at(-1);
    if (last !== undefined && hasGlyph(last.font, code)) {
      last.text += character;
      continue;
    }
    const font = stack.find((candidate) => hasGlyph(candidate, code));
    if (font === undefined) return null;
    pieces.push({ font, text: character });
  }
  return pieces;
}

function hasGlyph(font: LoadedFont, code: number): boolean {
  const glyph = font.shaping.nominalGlyph(code);
  return glyph !== undefined && glyph !== 0;
}

const devanagari = /\p{Script=Devanagari}/u;

function shapeRun(
  text: string,
  font: LoadedFont,
  buffer: ShapingBuffer,
): readonly ShapedGlyph[] | null {
  buffer.reset();
  buffer.addText(text);
  buffer.guessSegmentProperties();
  buffer.setLanguage(devanagari.test(text) ? "hi" : "en"); // not the machine's locale: the same bytes everywhere
  shape(font.shaping, buffer);
  const infos = buffer.getGlyphInfos();
  const positions = buffer.getGlyphPositions();
  const starts = [...new Set(infos.map((info) => info.cluster))].sort(
    (left, right) => left - right,
  );
  const glyphs: ShapedGlyph[] = [];
  for (const [index, { codepoint: glyph, cluster }] of infos.entries()) {
    const position = positions[index];
    if (glyph === 0 || position === undefined) return null;
    const isAlone = infos.filter((info) => info.cluster === cluster).length === 1;
    const end = starts[starts.indexOf(cluster) + 1] ?? text.length;
    glyphs.push({
      glyph,
      advance: position.xAdvance / font.unitsPerEm,
      xOffset: position.xOffset / font.unitsPerEm,
      yOffset: position.yOffset / font.unitsPerEm,
      text: isAlone ? text.slice(cluster, end) : null,
    });
  }
  return glyphs;
}
