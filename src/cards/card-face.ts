/** One person's front: the texts fitted into their room, the QR on the printer's dots, and what the manifest must know. */

import { formatHealthId } from "../persons/health-id.ts";
import type { HealthId, IsoDate } from "../platform/ids.ts";
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import type { CardSerial, CardSex } from "./card.ts";
import { type PlacedText, placeOwnText, placeShaped } from "./card-drawing.ts";
import { frontPlaces } from "./card-front.ts";
import { makeQrMatrix, type QrMatrix } from "./qr-matrix.ts";
import { type FittedText, type FittingRoom, fitText } from "./text-fitting.ts";
import type { Typesetter } from "./text-shaping.ts";

/** What is printed on a front. */
export interface CardFace {
  readonly healthId: HealthId;
  /** The whole name; the token's may be shorter. */
  readonly name: string;
  /** The name in the person's own script as supplied, never transliterated by us. */
  readonly nameLocal: string | null;
  readonly sex: CardSex | null;
  readonly birthYear: number | null;
  readonly serial: CardSerial;
  readonly issuedOn: IsoDate;
  readonly expiresOn: IsoDate | null;
  /** The text of the QR: `cardTokenUrl(token)`. */
  readonly url: string;
}

/** What a person who checks the batch should look at; a flagged card is printed. */
export type CardFlag =
  | "name_cut"
  | "local_name_cut"
  | "local_name_unsupported"
  | "qr_version_larger";

/** Why a card is not printed at all. */
export type CardHold = "name_missing" | "name_unsupported";

export interface QrPlace {
  readonly matrix: QrMatrix;
  /** Printer dots (300 dpi) from the card's left and top edge, and a side of a module. */
  readonly leftDots: number;
  readonly topDots: number;
  readonly moduleDots: number;
}

export interface ComposedFace {
  readonly texts: readonly PlacedText[];
  readonly qr: QrPlace;
  readonly flags: readonly CardFlag[];
}

export const dotsPerInch = 300;

/** 53 modules of 6 dots (0.508 mm each, 26.9 mm) in the lower right, on whole dots, 4 mm from the right edge. */
const qrBox = { leftDots: 645, topDots: 191, sideDots: 318 } as const;
const standardQrVersion = 9;

/** The left column ends 2 mm before the quiet zone of four modules. */
const columnWidthMm = 45.4;
const nameRoom: FittingRoom = {
  style: "strong",
  widthMm: columnWidthMm,
  oneLine: [14, 11.5],
  twoLines: [11.5, 10],
};
const localNameRoom: FittingRoom = { ...nameRoom, oneLine: [13, 10], twoLines: [11, 10] };

/** Composes a front, or says why the card is held back. */
export function composeFace(
  face: CardFace,
  typesetter: Typesetter,
): Parsed<ComposedFace, CardHold> {
  const name = printableName(face.name);
  if (name === "") return unparsed("name_missing");
  const fittedName = fitText(typesetter, name, nameRoom);
  if (fittedName === null) return unparsed("name_unsupported");
  const localName = face.nameLocal === null ? "" : printableName(face.nameLocal);
  const isWanted = localName !== "" && localName !== name;
  const fittedLocal = isWanted ? fitText(typesetter, localName, localNameRoom) : null;
  const qr = placeQr(makeQrMatrix(face.url));
  const flags: CardFlag[] = [];
  if (fittedName.cut) flags.push("name_cut");
  if (fittedLocal?.cut === true) flags.push("local_name_cut");
  if (isWanted && fittedLocal === null) flags.push("local_name_unsupported");
  if (qr.matrix.version > standardQrVersion) flags.push("qr_version_larger");
  const texts = [
    ...placeNames(...shareRoom(fittedName, fittedLocal)),
    ...placeFacts(face, typesetter),
  ];
  return parsed({ texts, qr, flags });
}

/** Four lines have room at the smallest size only. */
function shareRoom(
  name: FittedText,
  localName: FittedText | null,
): readonly [FittedText, FittedText | null] {
  if (localName === null || name.lines.length + localName.lines.length < 4)
    return [name, localName];
  const sizePt = nameRoom.twoLines[1];
  return [
    { ...name, sizePt },
    { ...localName, sizePt },
  ];
}

/** Canonical composition, single spaces, and no invisible characters but the two joiners that Devanagari needs. */
function printableName(name: string): string {
  return name
    .normalize("NFC")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .replace(/(?![\u200c\u200d])\p{Cf}/gu, "")
    .trim();
}

/** A larger symbol gets 5 dots a module and stays in the middle of the same box. */
function placeQr(matrix: QrMatrix): QrPlace {
  const moduleDots = Math.floor(qrBox.sideDots / matrix.size);
  const margin = Math.floor((qrBox.sideDots - matrix.size * moduleDots) / 2);
  return { matrix, leftDots: qrBox.leftDots + margin, topDots: qrBox.topDots + margin, moduleDots };
}

const lineHeightMm = 0.43; // a point: 1.22 of the size
const gapMm = 0.75;

/** The name's lines, a little air, the local name's lines; the block stands slightly above the middle of its room. */
function placeNames(name: FittedText, localName: FittedText | null): readonly PlacedText[] {
  const blocks = localName === null ? [name] : [name, localName];
  const heightMm = blocks.reduce(
    (sum, block) => sum + heightMmOf(block),
    (blocks.length - 1) * gapMm,
  );
  const slackMm = Math.max(0, frontPlaces.namesBottom - frontPlaces.namesTop - heightMm);
  const texts: PlacedText[] = [];
  let baselineMm = frontPlaces.namesTop + slackMm * 0.4 - descentMm;
  for (const { lines, sizePt } of blocks) {
    for (const line of lines) {
      baselineMm += sizePt * lineHeightMm;
      texts.push(placeShaped(line, { xMm: frontPlaces.left, baselineMm, sizePt }));
    }
    baselineMm += gapMm;
  }
  return texts;
}

/** What a line's height leaves below its baseline. */
const descentMm = 0.7;

function heightMmOf(block: FittedText): number {
  return block.lines.length * block.sizePt * lineHeightMm;
}

const sexTexts = { male: "Male · पुरुष", female: "Female · महिला", other: "Other · अन्य" } as const;
const unknownText = "–";

function placeFacts(face: CardFace, typesetter: Typesetter): readonly PlacedText[] {
  const places = frontPlaces;
  const own = (content: string, xMm: number, baselineMm: number) =>
    placeOwnText(typesetter, content, { xMm, baselineMm, sizePt: 5.4, style: "regular" });
  const detail = (content: string, xMm: number) =>
    placeOwnText(typesetter, content, {
      xMm,
      baselineMm: places.details,
      sizePt: 7.6,
      style: "strong",
    });
  const healthId = placeOwnText(typesetter, formatHealthId(face.healthId), {
    xMm: places.left,
    baselineMm: places.healthId,
    sizePt: 15,
    style: "strong",
  });
  const expiry =
    face.expiresOn === null
      ? []
      : [
          own("Valid to · मान्य", places.expiry, places.detailLabels),
          detail(printedDate(face.expiresOn), places.expiry),
        ];
  return [
    healthId,
    detail(face.sex === null ? unknownText : sexTexts[face.sex], places.left),
    detail(face.birthYear === null ? unknownText : String(face.birthYear), places.birth),
    ...expiry,
    own(printedDate(face.issuedOn), places.issued, places.footer),
    own(printedSerial(face.serial), places.serial, places.footer),
  ];
}

/** Ten digits, grouped 4-3-3 so that nobody takes them for the health ID. */
function printedSerial(serial: CardSerial): string {
  return String(serial)
    .padStart(10, "0")
    .replace(/(\d{3})(\d{3})$/, " $1 $2");
}

const monthNames = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

/** `22 Nov 2026`: no doubt about day and month. */
function printedDate(date: IsoDate): string {
  const [year, month, day] = date.split("-");
  return `${Number(day)} ${monthNames[Number(month) - 1]} ${year}`;
}
