/** Drawings as PDF operators. Text is set with size 1 and a scaling matrix, so that a word's operators do for every size. */
import {
  type Box,
  type CardDrawing,
  cr80,
  type Ink,
  type PlacedText,
  type Stroke,
} from "./card-drawing.ts";
import { pdfNumber, pdfString, pdfText } from "./pdf-writer.ts";
import { glyphAdvance, type SfntFont } from "./sfnt-font.ts";
import type { ShapedRun, ShapedWord } from "./text-shaping.ts";

/** CR80 in points. */
export const pagePoints = {
  width: pointsOf(cr80.widthMm),
  height: pointsOf(cr80.heightMm),
} as const;

export function pointsOf(millimeters: number): number {
  return (millimeters / 25.4) * 72;
}

/** Turns drawings into operators, with a memory for words. */
export class PdfDrawer {
  readonly #fonts: readonly SfntFont[];
  readonly #words = new WeakMap<ShapedWord, string>();

  constructor(fonts: readonly SfntFont[]) {
    this.#fonts = fonts;
  }

  /** Operators of a drawing; `note` hears every word that is drawn. */
  draw(drawing: CardDrawing, note: (word: ShapedWord) => void): string {
    const shapes = drawing.shapes.map((shape) =>
      shape.kind === "box" ? boxOf(shape) : strokeOf(shape),
    );
    return shapes.join("") + this.drawTexts(drawing.texts, note);
  }

  drawTexts(texts: readonly PlacedText[], note: (word: ShapedWord) => void): string {
    let operators = "BT\n";
    let ink: Ink | null = null;
    for (const text of texts) {
      if (text.ink !== ink) operators += `${inkOf(text.ink)} k\n`;
      ink = text.ink;
      operators += this.#drawText(text);
      for (const word of text.text.words) note(word);
    }
    return `${operators}ET\n`;
  }

  #drawText({ text, xMm, baselineMm, sizePt }: PlacedText): string {
    const size = pdfNumber(sizePt);
    const x = pdfNumber(pointsOf(xMm));
    const y = pdfNumber(pagePoints.height - pointsOf(baselineMm));
    const words = text.words.map((word) => this.#drawWord(word)).join("");
    const placed = `${size} 0 0 ${size} ${x} ${y} Tm\n`;
    if (!text.words.some((word) => word.isComplex)) return placed + words;
    return `${placed}/Span<</ActualText${pdfText(text.text)}>>BDC\n${words}EMC\n`;
  }

  #drawWord(word: ShapedWord): string {
    let operators = this.#words.get(word);
    if (operators === undefined) {
      operators = word.runs.map((run) => this.#drawRun(run)).join("");
      this.#words.set(word, operators);
    }
    return operators;
  }

  /** Glyph codes with pen corrections in 1/1000 em where HarfBuzz and `hmtx` differ; raised marks stand in their own operator. */
  #drawRun(run: ShapedRun): string {
    const font = this.#fonts[run.font];
    if (font === undefined) throw new Error("a shaped run names a font of another typesetter");
    let operators = `/F${run.font} 1 Tf`;
    let line = new GlyphLine();
    for (const { glyph, advance, xOffset, yOffset } of run.glyphs) {
      if (yOffset !== 0) {
        operators += line.operators();
        line = new GlyphLine();
      }
      line.move(xOffset * 1000);
      line.show(glyph);
      line.move((advance - xOffset) * 1000 - glyphAdvance(font, glyph));
      if (yOffset !== 0) {
        operators += ` ${pdfNumber(yOffset)} Ts${line.operators()} 0 Ts`;
        line = new GlyphLine();
      }
    }
    return `${operators}${line.operators()}\n`;
  }
}

/** The array of one TJ operator. */
class GlyphLine {
  #parts = "";
  #codes = "";
  #move = 0;

  show(glyph: number): void {
    if (this.#move !== 0) {
      this.#closeCodes();
      this.#parts += pdfNumber(-this.#move);
      this.#move = 0;
    }
    this.#codes += String.fromCharCode(glyph >>> 8, glyph & 0xff);
  }

  /** Moves the pen, in 1/1000 em to the right. */
  move(perMille: number): void {
    this.#move = Math.round(this.#move + perMille);
  }

  operators(): string {
    this.#closeCodes();
    if (this.#move !== 0) this.#parts += pdfNumber(-this.#move);
    return this.#parts === "" ? "" : `[${this.#parts}]TJ`;
  }

  #closeCodes(): void {
    if (this.#codes !== "") this.#parts += pdfString(this.#codes);
    this.#codes = "";
  }
}

function inkOf(ink: Ink): string {
  return ink.map(pdfNumber).join(" ");
}

/** How far the control points of a quarter circle stand from its ends, as a share of the radius. */
const circleShare = 0.5523;

function boxOf(box: Box): string {
  const [left, width, height] = [box.xMm, box.widthMm, box.heightMm].map(pointsOf) as [
    number,
    number,
    number,
  ];
  const bottom = pagePoints.height - pointsOf(box.yMm) - height;
  const fill = `${inkOf(box.ink)} k\n`;
  if (box.radiusMm === 0)
    return `${fill}${[left, bottom, width, height].map(pdfNumber).join(" ")} re f\n`;
  const radius = pointsOf(box.radiusMm);
  const [right, top] = [left + width, bottom + height];
  const near = radius * (1 - circleShare);
  const path = [
    `${points(left + radius, bottom)} m`,
    `${points(right - radius, bottom)} l`,
    `${points(right - near, bottom, right, bottom + near, right, bottom + radius)} c`,
    `${points(right, top - radius)} l`,
    `${points(right, top - near, right - near, top, right - radius, top)} c`,
    `${points(left + radius, top)} l`,
    `${points(left + near, top, left, top - near, left, top - radius)} c`,
    `${points(left, bottom + radius)} l`,
    `${points(left, bottom + near, left + near, bottom, left + radius, bottom)} c`,
  ];
  return `${fill}${path.join("\n")}\nh f\n`;
}

function points(...numbers: readonly number[]): string {
  return numbers.map(pdfNumber).join(" ");
}

function strokeOf(stroke: Stroke): string {
  const path = stroke.pointsMm.map(([x, y], index) => {
    const place = points(pointsOf(x), pagePoints.height - pointsOf(y));
    return `${place} ${index === 0 ? "m" : "l"}\n`;
  });
  return `${inkOf(stroke.ink)} K 1 J 1 j ${pdfNumber(pointsOf(stroke.widthMm))} w\n${path.join("")}S\n`;
}
