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

/** A run's operators: elements of a TJ array, or whole operators where marks are raised. */
interface DrawnRun {
  readonly font: number;
  readonly elements: string | null;
  readonly operators: string;
}

/** Turns drawings into operators, with a memory for words. */
export class PdfDrawer {
  readonly #fonts: readonly SfntFont[];
  readonly #words = new WeakMap<ShapedWord, readonly DrawnRun[]>();

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

  /** One text object; ink and font are named where they change. */
  drawTexts(texts: readonly PlacedText[], note: (word: ShapedWord) => void): string {
    const pen = new TextPen();
    for (const { text, xMm, baselineMm, sizePt, ink } of texts) {
      pen.place(ink, [sizePt, pointsOf(xMm), pagePoints.height - pointsOf(baselineMm)]);
      const isComplex = text.words.some((word) => word.isComplex);
      if (isComplex) pen.write(`/Span<</ActualText${pdfText(text.text)}>>BDC\n`);
      for (const word of text.words) {
        note(word);
        for (const run of this.#drawnRuns(word)) pen.show(run);
      }
      if (isComplex) pen.write("EMC\n");
    }
    return pen.finish();
  }

  #drawnRuns(word: ShapedWord): readonly DrawnRun[] {
    let runs = this.#words.get(word);
    if (runs === undefined) {
      runs = word.runs.map((run) => this.#drawRun(run));
      this.#words.set(word, runs);
    }
    return runs;
  }

  /** Glyph codes with pen corrections in 1/1000 em where HarfBuzz and `hmtx` differ; raised marks stand in their own operator. */
  #drawRun(run: ShapedRun): DrawnRun {
    const font = this.#fonts[run.font];
    if (font === undefined) throw new Error("a shaped run names a font of another typesetter");
    let operators = "";
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
        operators += `${pdfNumber(yOffset)} Ts${line.operators()}0 Ts\n`;
        line = new GlyphLine();
      }
    }
    const elements = operators === "" ? line.elements() : null;
    return { font: run.font, elements, operators: operators + line.operators() };
  }
}

/** Writes one text object and joins neighboring runs of a font into one operator. */
class TextPen {
  #operators = "BT\n";
  #elements = "";
  #ink: Ink | null = null;
  #font = -1;

  place(ink: Ink, [size, x, y]: readonly [number, number, number]): void {
    this.#close();
    if (ink !== this.#ink) this.#operators += `${inkOf(ink)} k\n`;
    this.#ink = ink;
    this.#operators += `${pdfNumber(size)} 0 0 ${points(size, x, y)} Tm\n`;
  }

  show(run: DrawnRun): void {
    if (run.font !== this.#font) {
      this.#close();
      this.#operators += `/F${run.font} 1 Tf`;
      this.#font = run.font;
    }
    if (run.elements !== null) {
      this.#elements += run.elements;
      return;
    }
    this.#close();
    this.#operators += `\n${run.operators}`;
  }

  write(operators: string): void {
    this.#close();
    this.#operators += operators;
  }

  finish(): string {
    this.#close();
    return `${this.#operators}ET\n`;
  }

  #close(): void {
    if (this.#elements !== "") this.#operators += `[${this.#elements}]TJ\n`;
    this.#elements = "";
  }
}

/** The elements of one TJ operator. */
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

  elements(): string {
    this.#closeCodes();
    if (this.#move !== 0) this.#parts += pdfNumber(-this.#move);
    this.#move = 0;
    return this.#parts;
  }

  operators(): string {
    const elements = this.elements();
    return elements === "" ? "" : `[${elements}]TJ\n`;
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
