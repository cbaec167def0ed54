/** Names into their room: one line as large as it fits, else two, else cut and said so. Sizes in points, widths in millimeters. */
import { widthMmOf } from "./card-drawing.ts";
import type { ShapedText, TextStyle, Typesetter } from "./text-shaping.ts";

export interface FittingRoom {
  readonly style: TextStyle;
  readonly widthMm: number;
  /** Largest and smallest size of a single line, then of two. */
  readonly oneLine: readonly [number, number];
  readonly twoLines: readonly [number, number];
}

export interface FittedText {
  readonly lines: readonly ShapedText[];
  readonly sizePt: number;
  readonly cut: boolean;
}

/** Fits a text, or null when the fonts lack one of its characters. */
export function fitText(
  typesetter: Typesetter,
  text: string,
  room: FittingRoom,
): FittedText | null {
  const whole = typesetter.shape(text, room.style);
  if (whole === null) return null;
  const oneLineSize = sizeFor([whole], room.widthMm, room.oneLine);
  if (oneLineSize !== null) return { lines: [whole], sizePt: oneLineSize, cut: false };
  const halves = bestHalves(typesetter, text, room.style);
  const twoLineSize = halves === null ? null : sizeFor(halves, room.widthMm, room.twoLines);
  if (halves !== null && twoLineSize !== null)
    return { lines: halves, sizePt: twoLineSize, cut: false };
  return cutToTwoLines(typesetter, text, room);
}

/** Breaks our own text at spaces into lines no wider than given; the fonts cover it. */
export function wrapText(
  typesetter: Typesetter,
  text: string,
  room: Pick<FittingRoom, "style" | "widthMm"> & { readonly sizePt: number },
): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    const shaped = typesetter.shape(longer, room.style);
    const fits = shaped !== null && widthMmOf(shaped, room.sizePt) <= room.widthMm;
    if (!fits && line !== "") lines.push(line);
    line = fits ? longer : word;
  }
  return [...lines, line];
}

/** The largest size, in tenths of a point, at which every line fits; null below the floor. */
function sizeFor(
  lines: readonly ShapedText[],
  widthMm: number,
  [largest, smallest]: readonly [number, number],
): number | null {
  const widest = Math.max(...lines.map((line) => widthMmOf(line, 1)));
  const size = Math.min(largest, Math.floor((widthMm / widest) * 10) / 10);
  return size >= smallest ? size : null;
}

/** The break between words that makes the wider half narrowest. */
function bestHalves(
  typesetter: Typesetter,
  text: string,
  style: TextStyle,
): readonly [ShapedText, ShapedText] | null {
  const words = text.split(" ");
  let best: readonly [ShapedText, ShapedText] | null = null;
  let bestWidth = Number.POSITIVE_INFINITY;
  for (let at = 1; at < words.length; at += 1) {
    const first = typesetter.shape(words.slice(0, at).join(" "), style);
    const second = typesetter.shape(words.slice(at).join(" "), style);
    if (first === null || second === null) return null;
    const width = Math.max(first.width, second.width);
    if (width < bestWidth) {
      best = [first, second];
      bestWidth = width;
    }
  }
  return best;
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** At the smallest size: a full first line, and of the rest what fits before an ellipsis. */
function cutToTwoLines(typesetter: Typesetter, text: string, room: FittingRoom): FittedText | null {
  const sizePt = room.twoLines[1];
  const fits = (part: string): ShapedText | null => {
    const shaped = typesetter.shape(part, room.style);
    return shaped !== null && widthMmOf(shaped, sizePt) <= room.widthMm ? shaped : null;
  };
  const first = longestStart(text, fits);
  const rest = text.slice(first.length).trim();
  const firstLine = fits(first.trim());
  if (firstLine === null) return null;
  const wholeRest = fits(rest);
  if (rest === "" || wholeRest !== null) {
    const lines = wholeRest === null || rest === "" ? [firstLine] : [firstLine, wholeRest];
    return { lines, sizePt, cut: false };
  }
  const second = longestStart(rest, (part) => fits(`${part.trim()}…`));
  const secondLine = fits(`${second.trim()}…`);
  return { lines: secondLine === null ? [firstLine] : [firstLine, secondLine], sizePt, cut: true };
}

/** The longest beginning that fits, ending at a word, or inside a first word that is too long. */
function longestStart(text: string, fits: (part: string) => ShapedText | null): string {
  const words = text.split(" ");
  for (let count = words.length; count > 0; count -= 1) {
    const part = words.slice(0, count).join(" ");
    if (fits(part) !== null) return part;
  }
  let part = "";
  for (const { segment } of graphemes.segment(words[0] ?? "")) {
    if (fits(part + segment) === null) break;
    part += segment;
  }
  return part;
}
