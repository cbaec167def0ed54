/** The back, the same for every card: how to verify, helplines, what the card is not, and where to hand it in. Vendors preprint it. */
import { type CardDrawing, cr80, inks, type PlacedText, placeOwnText } from "./card-drawing.ts";
import { drawMark } from "./card-front.ts";
import { wrapText } from "./text-fitting.ts";
import type { Typesetter } from "./text-shaping.ts";

interface Column {
  readonly xMm: number;
  readonly paragraphs: readonly { readonly heading: string; readonly body: string }[];
}

const columnWidthMm = 36;
const columns: readonly Column[] = [
  {
    xMm: 5,
    paragraphs: [
      {
        heading: "To verify",
        body: "Any government hospital in Delhi can check this card: its QR code must verify and show the name and health ID printed here.",
      },
      {
        heading: "Not proof of identity",
        body: "This card holds no medical details and opens no record by itself.",
      },
      { heading: "If found", body: "Please hand it in at any government hospital in Delhi." },
    ],
  },
  {
    xMm: 44.6,
    paragraphs: [
      {
        heading: "जाँच के लिए",
        body: "दिल्ली का कोई भी सरकारी अस्पताल इस कार्ड को जाँच सकता है। क्यूआर कोड से वही नाम और स्वास्थ्य आईडी दिखनी चाहिए जो यहाँ छपी है।",
      },
      {
        heading: "पहचान का प्रमाण नहीं",
        body: "इस कार्ड में कोई चिकित्सा जानकारी नहीं है और इससे कोई रिकॉर्ड नहीं खुलता।",
      },
      { heading: "मिलने पर", body: "कृपया दिल्ली के किसी भी सरकारी अस्पताल में जमा करें।" },
    ],
  },
];

/** National numbers: 112 all emergencies, 108 emergency ambulance, 102 ambulance for mother and child. */
const helplines = [
  { number: "112", english: "Emergency", hindi: "आपातकाल" },
  { number: "108", english: "Ambulance", hindi: "एम्बुलेंस" },
  { number: "102", english: "Mother and child", hindi: "माँ और शिशु" },
] as const;

const bandTopMm = 41.4;
const sizes = { heading: 6.6, body: 5.8, helpline: 15 } as const;

export function drawBack(typesetter: Typesetter): CardDrawing {
  return {
    shapes: [
      {
        kind: "box",
        xMm: 0,
        yMm: 0,
        widthMm: cr80.widthMm,
        heightMm: 2.4,
        radiusMm: 0,
        ink: inks.blue,
      },
      {
        kind: "box",
        xMm: 0,
        yMm: 2.4,
        widthMm: cr80.widthMm,
        heightMm: 0.7,
        radiusMm: 0,
        ink: inks.aqua,
      },
      {
        kind: "box",
        xMm: 0,
        yMm: bandTopMm,
        widthMm: cr80.widthMm,
        heightMm: cr80.heightMm - bandTopMm,
        radiusMm: 0,
        ink: inks.blue,
      },
      ...drawMark(73, bandTopMm + 2.4),
    ],
    texts: [
      ...columns.flatMap((column) => drawColumn(typesetter, column)),
      ...helplines.flatMap((helpline, index) =>
        drawHelpline(typesetter, helpline, 5 + index * 22.6),
      ),
    ],
  };
}

function drawColumn(typesetter: Typesetter, column: Column): readonly PlacedText[] {
  const texts: PlacedText[] = [];
  const { xMm } = column;
  let baselineMm = 4.6;
  for (const { heading, body } of column.paragraphs) {
    baselineMm += 3.5;
    texts.push(
      placeOwnText(typesetter, heading, {
        xMm,
        baselineMm,
        sizePt: sizes.heading,
        style: "strong",
      }),
    );
    const room = { style: "regular", widthMm: columnWidthMm, sizePt: sizes.body } as const;
    for (const line of wrapText(typesetter, body, room)) {
      baselineMm += 2.75;
      texts.push(
        placeOwnText(typesetter, line, { xMm, baselineMm, sizePt: sizes.body, style: "regular" }),
      );
    }
    baselineMm += 0.9;
  }
  return texts;
}

function drawHelpline(
  typesetter: Typesetter,
  helpline: (typeof helplines)[number],
  xMm: number,
): readonly PlacedText[] {
  const text = (content: string, baselineMm: number, sizePt: number) =>
    placeOwnText(typesetter, content, {
      xMm,
      baselineMm: bandTopMm + baselineMm,
      sizePt,
      style: sizePt === sizes.helpline ? "strong" : "regular",
      ink: inks.white,
    });
  return [
    text(helpline.number, 5.6, sizes.helpline),
    text(helpline.english, 8.4, 5.8),
    text(helpline.hindi, 11, 5.8),
  ];
}
