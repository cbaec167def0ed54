/** The card of a person: what its token says, its state, and the numbers that name it. */
import type { Brand, HealthId, IsoDate, PersonId } from "../platform/ids.ts";

/** A random 32-bit number: the card's name in status lists and vendor receipts; it tells nothing of the population. */
export type CardSerial = Brand<number, "CardSerial">;

/** The signed text of the QR without its URL: a COSE_Sign1 in base41. */
export type CardToken = Brand<string, "CardToken">;

/** Only one card of a person is active at a time; every other state refuses at verification. */
export type CardState = "active" | "superseded" | "suspended" | "lost" | "revoked";

/** As printed and signed; null stands for not known. */
export type CardSex = "male" | "female" | "other";

/** What the token says of its bearer, and no more: never an Aadhaar number, a diagnosis, a full birth date or an address. */
export interface CardClaims {
  readonly healthId: HealthId;
  /** At most `cardNameBytes` bytes of UTF-8; made by `cutCardName`. */
  readonly name: string;
  readonly birthYear: number | null;
  readonly sex: CardSex | null;
  readonly serial: CardSerial;
  /** The calendar day in India on which the card was issued. */
  readonly issuedOn: IsoDate;
  /** The last day of a temporary card; null for the usual card, which does not expire. */
  readonly expiresOn: IsoDate | null;
}

/** A card as the store keeps it; the token is kept so that a reprint is byte-identical. */
export interface Card {
  readonly personId: PersonId;
  readonly healthId: HealthId;
  readonly serial: CardSerial;
  /** 1 for a person's first card, one more for every reissue. */
  readonly issue: number;
  /** The id of the key that signed it, 0-255. */
  readonly kid: number;
  readonly issuedOn: IsoDate;
  readonly expiresOn: IsoDate | null;
  readonly state: CardState;
  readonly token: CardToken;
}

/** The name cap that keeps the token of every card in one QR version (9 M with the default URL). */
export const cardNameBytes = 28;

/** A new serial from four random bytes; the store's unique index tells of the rare repeat. */
export function makeCardSerial(randomBytes: (count: number) => Uint8Array): CardSerial {
  return randomBytes(4).reduce((sum, byte) => sum * 256 + byte, 0) as CardSerial;
}

/** A name as the token carries it. */
export interface CutName {
  readonly name: string;
  /** True when the person's whole name did not fit; the card is flagged in the manifest. */
  readonly cut: boolean;
}

const utf8 = new TextEncoder();
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Cuts a name to the token's cap: at a word, or inside a first word that is too long, never inside a character. */
export function cutCardName(fullName: string): CutName {
  const name = fullName
    .normalize("NFC")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  if (utf8.encode(name).length <= cardNameBytes) return { name, cut: false };
  const words = name.split(" ");
  while (words.length > 1) {
    words.pop();
    const shorter = words.join(" ");
    if (utf8.encode(shorter).length <= cardNameBytes) return { name: shorter, cut: true };
  }
  return { name: cutWord(words[0] ?? ""), cut: true };
}

function cutWord(word: string): string {
  let kept = "";
  let bytes = 0;
  for (const { segment } of graphemes.segment(word)) {
    bytes += utf8.encode(segment).length;
    if (bytes > cardNameBytes) break;
    kept += segment;
  }
  return kept;
}
