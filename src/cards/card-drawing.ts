/** What lies on one side of a card: shapes and texts, placed in millimeters from the upper left corner. */
import type { ShapedText, TextStyle, Typesetter } from "./text-shaping.ts";

/** ID-1 of ISO/IEC 7810, as card printers call it CR80. */
export const cr80 = { widthMm: 85.6, heightMm: 54 } as const;

/** Cyan, magenta, yellow, black, each 0-1. */
export type Ink = readonly [number, number, number, number];

/** Text and QR are pure black: one ink, no misregistration. */
export const inks = {
  black: [0, 0, 0, 1],
  white: [0, 0, 0, 0],
  blue: [1, 0.62, 0.18, 0.32],
  aqua: [0.62, 0.02, 0.22, 0],
  mist: [0.08, 0.02, 0.03, 0],
} as const satisfies Readonly<Record<string, Ink>>;

export interface Box {
  readonly kind: "box";
  readonly xMm: number;
  readonly yMm: number;
  readonly widthMm: number;
  readonly heightMm: number;
  readonly radiusMm: number;
  readonly ink: Ink;
}

/** A stroked line through points, with round ends and joins. */
export interface Stroke {
  readonly kind: "stroke";
  readonly pointsMm: readonly (readonly [number, number])[];
  readonly widthMm: number;
  readonly ink: Ink;
}

export interface PlacedText {
  readonly text: ShapedText;
  readonly xMm: number;
  readonly baselineMm: number;
  readonly sizePt: number;
  readonly ink: Ink;
}

export interface CardDrawing {
  readonly shapes: readonly (Box | Stroke)[];
  readonly texts: readonly PlacedText[];
}

const millimetersPerPoint = 25.4 / 72;

/** The width of a text at a size. */
export function widthMmOf(text: ShapedText, sizePt: number): number {
  return text.width * sizePt * millimetersPerPoint;
}

/** Where a text stands: `x` is its left edge, its middle or its right edge. */
export interface TextPlace {
  readonly xMm: number;
  readonly baselineMm: number;
  readonly sizePt: number;
  readonly style: TextStyle;
  readonly align?: "left" | "middle" | "right";
  readonly ink?: Ink;
}

/** Places a text of our own, which the fonts must cover: what they do not is a bug. */
export function placeOwnText(typesetter: Typesetter, text: string, place: TextPlace): PlacedText {
  const shaped = typesetter.shape(text, place.style);
  if (shaped === null) throw new Error("the card fonts lack a character of the card's own text");
  return placeShaped(shaped, place);
}

/** Places a text that is already shaped. */
export function placeShaped(text: ShapedText, place: Omit<TextPlace, "style">): PlacedText {
  const { baselineMm, sizePt, align = "left", ink = inks.black } = place;
  const shares = { left: 0, middle: 0.5, right: 1 } as const;
  return {
    text,
    xMm: place.xMm - shares[align] * widthMmOf(text, sizePt),
    baselineMm,
    sizePt,
    ink,
  };
}
