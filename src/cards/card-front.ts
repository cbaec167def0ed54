/** The front that all cards share: band, mark, titles and labels. It is drawn once per file and used by every page. */
import {
  type CardDrawing,
  cr80,
  inks,
  placeOwnText,
  type Stroke,
  type TextPlace,
} from "./card-drawing.ts";
import type { Typesetter } from "./text-shaping.ts";

/** Where things stand on the front, in millimeters; the QR's own place is in `card-face.ts`. */
export const frontPlaces = {
  bandHeight: 12.2,
  left: 5,
  right: 80.6,
  namesTop: 14.4,
  namesBottom: 32.6,
  healthIdLabel: 34.9,
  healthId: 39.9,
  detailLabels: 43.2,
  details: 46.4,
  birth: 25.2,
  expiry: 35.4,
  footer: 50,
  issued: 17.1,
  cardLabel: 34,
  serial: 38.6,
  captionMiddle: 68.07,
} as const;

export function drawFront(typesetter: Typesetter): CardDrawing {
  const places = frontPlaces;
  const text = (content: string, place: TextPlace) => placeOwnText(typesetter, content, place);
  const label = (content: string, xMm: number, baselineMm: number) =>
    text(content, { xMm, baselineMm, sizePt: 5.4, style: "regular" });
  const white = { ink: inks.white } as const;
  const atRight = { xMm: places.right, align: "right", ...white } as const;
  const caption = {
    xMm: places.captionMiddle,
    baselineMm: places.footer,
    align: "middle",
  } as const;
  return {
    shapes: [
      {
        kind: "box",
        xMm: 0,
        yMm: 0,
        widthMm: cr80.widthMm,
        heightMm: places.bandHeight,
        radiusMm: 0,
        ink: inks.blue,
      },
      {
        kind: "box",
        xMm: 0,
        yMm: places.bandHeight,
        widthMm: cr80.widthMm,
        heightMm: 0.7,
        radiusMm: 0,
        ink: inks.aqua,
      },
      {
        kind: "box",
        xMm: 0,
        yMm: cr80.heightMm - 0.9,
        widthMm: cr80.widthMm,
        heightMm: 0.9,
        radiusMm: 0,
        ink: inks.blue,
      },
      ...drawMark(places.left, 2.3),
    ],
    texts: [
      text("Government of NCT of Delhi", {
        xMm: 14.6,
        baselineMm: 5.7,
        sizePt: 7.6,
        style: "strong",
        ...white,
      }),
      text("राष्ट्रीय राजधानी क्षेत्र दिल्ली सरकार", {
        xMm: 14.6,
        baselineMm: 9.4,
        sizePt: 7.2,
        style: "regular",
        ...white,
      }),
      text("Health Card", { ...atRight, baselineMm: 5.9, sizePt: 10.5, style: "strong" }),
      text("स्वास्थ्य कार्ड", { ...atRight, baselineMm: 10, sizePt: 9.6, style: "strong" }),
      label("Health ID · स्वास्थ्य आईडी", places.left, places.healthIdLabel),
      label("Sex · लिंग", places.left, places.detailLabels),
      label("Born · जन्म", places.birth, places.detailLabels),
      label("Issued · जारी", places.left, places.footer),
      label("Card", places.cardLabel, places.footer),
      text("Scan to verify · जाँच के लिए स्कैन करें", { ...caption, sizePt: 5.4, style: "regular" }),
    ],
  };
}

/** Our own mark: a pulse line in a rounded square, 7.6 mm. No state emblem and no red cross, both of which are protected. */
export function drawMark(xMm: number, yMm: number): CardDrawing["shapes"] {
  const beat: readonly (readonly [number, number])[] = [
    [1.1, 4.1],
    [2.4, 4.1],
    [3.2, 2.1],
    [4.3, 5.9],
    [5.1, 4.1],
    [6.5, 4.1],
  ];
  const pulse: Stroke = {
    kind: "stroke",
    pointsMm: beat.map(([x, y]) => [xMm + x, yMm + y] as const),
    widthMm: 0.65,
    ink: inks.blue,
  };
  return [
    { kind: "box", xMm, yMm, widthMm: 7.6, heightMm: 7.6, radiusMm: 1.7, ink: inks.white },
    pulse,
  ];
}
