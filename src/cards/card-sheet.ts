/** How cards lie on a page: one CR80 card, or ten on A4 with crop marks. Slots start on whole printer dots. */
import { cr80 } from "./card-drawing.ts";
import { dotsPerInch } from "./card-face.ts";
import { pagePoints, pointsOf } from "./pdf-drawing.ts";
import { pdfNumber } from "./pdf-writer.ts";

export type CardLayout = "cr80" | "a4";

/** Everything in points from the page's lower left corner, as PDF counts. */
export interface CardSheet {
  readonly width: number;
  readonly height: number;
  /** Where the lower left corners of the cards lie, in reading order. */
  readonly slots: readonly { readonly x: number; readonly y: number }[];
  /** Operators of the crop marks, all outside the cards. */
  readonly marks: string;
}

const a4 = { widthMm: 210, heightMm: 297, columns: 2, rows: 5, gutterMm: 4 } as const;

/** The sheet of a layout. On A4 the back lies mirrored by itself, since the grid is symmetrical to the page's middle. */
export function cardSheet(layout: CardLayout): CardSheet {
  switch (layout) {
    case "cr80":
      return { ...pagePoints, slots: [{ x: 0, y: 0 }], marks: "" };
    case "a4":
      return a4Sheet();
  }
}

function a4Sheet(): CardSheet {
  const height = pointsOf(a4.heightMm);
  const stepX = cr80.widthMm + a4.gutterMm;
  const stepY = cr80.heightMm + a4.gutterMm;
  const left = (a4.widthMm - a4.columns * stepX + a4.gutterMm) / 2;
  const top = (a4.heightMm - a4.rows * stepY + a4.gutterMm) / 2;
  const slots = Array.from({ length: a4.columns * a4.rows }, (_, index) => ({
    x: onDots(left + (index % a4.columns) * stepX),
    y: height - onDots(top + Math.floor(index / a4.columns) * stepY) - pagePoints.height,
  }));
  return { width: pointsOf(a4.widthMm), height, slots, marks: slots.map(cropMarks).join("") };
}

function onDots(millimeters: number): number {
  return (Math.round((millimeters / 25.4) * dotsPerInch) * 72) / dotsPerInch;
}

const markGap = pointsOf(0.5);
const markLength = pointsOf(1.2);

/** Two hair lines at every corner, half a millimeter away from the card. */
function cropMarks({ x, y }: { readonly x: number; readonly y: number }): string {
  let operators = "0 0 0 1 K 0.25 w\n";
  for (const [edgeX, outX] of [
    [x, -1],
    [x + pagePoints.width, 1],
  ] as const) {
    for (const [edgeY, outY] of [
      [y, -1],
      [y + pagePoints.height, 1],
    ] as const) {
      const [nearX, farX] = [edgeX + outX * markGap, edgeX + outX * (markGap + markLength)];
      const [nearY, farY] = [edgeY + outY * markGap, edgeY + outY * (markGap + markLength)];
      operators += lineOf([nearX, edgeY], [farX, edgeY]) + lineOf([edgeX, nearY], [edgeX, farY]);
    }
  }
  return operators;
}

type Point = readonly [number, number];

function lineOf(from: Point, to: Point): string {
  return `${from.map(pdfNumber).join(" ")} m ${to.map(pdfNumber).join(" ")} l S\n`;
}
