/**
 * What the QR says: `HTTPS://HIMS.INVALID/C#<base41>`, a COSE_Sign1 (RFC 9052, tag 18) with Ed25519 over a small CBOR map.
 * The fragment never reaches a server, so that an ordinary camera may open it. The form is published as
 * `test/vectors/cards/card-token.cddl` with vectors.
 */
import { sign } from "node:crypto";
import type { IsoDate } from "../platform/ids.ts";
import { encodeBase41 } from "./base41.ts";
import { type CardClaims, type CardToken, cutCardName } from "./card.ts";
import type { CardSigningKey } from "./card-keys.ts";
import { CborTag, type CborValue, encodeCbor } from "./cbor.ts";

/** Where an ordinary camera is sent; upper case keeps it in QR alphanumeric mode. */
export const defaultCardUrl = "HTTPS://HIMS.INVALID/C";

/** The version this program writes and reads; it stands in the protected header. */
export const cardTokenVersion = 1;

/** COSE numbers (RFC 9052, 9053). */
export const coseSign1Tag = 18;
export const coseHeader = { alg: 1, kid: 4, version: "v" } as const;
export const coseEdDsa = -8;

/** Keys of the signed map. 7-9 are kept for an emergency block; version 1 neither writes nor reads it. */
export const claimKey = {
  healthId: 1,
  name: 2,
  birthYear: 3,
  sex: 4,
  serial: 5,
  issueDay: 6,
  expiryDay: 10,
} as const;

export const sexCodes = { male: 1, female: 2, other: 3 } as const;
export const unknownSexCode = 0;

const noBytes = new Uint8Array();

/** Signs the claims. Ed25519 is deterministic, so that the same claims and key give the same token. */
export function signCardToken(claims: CardClaims, key: CardSigningKey): CardToken {
  if (claims.name !== cutCardName(claims.name).name || claims.name === "") {
    throw new RangeError("a token's name is not empty and comes from cutCardName");
  }
  const protectedHeader = encodeCbor(
    new Map<number | string, CborValue>([
      [coseHeader.alg, coseEdDsa],
      [coseHeader.kid, Uint8Array.of(key.publicKey.kid)],
      [coseHeader.version, cardTokenVersion],
    ]),
  );
  const payload = encodeCbor(claimsMap(claims));
  const signature = sign(null, signedBytes(protectedHeader, payload), key.privateKey);
  const message = [protectedHeader, new Map(), payload, new Uint8Array(signature)];
  return encodeBase41(encodeCbor(new CborTag(coseSign1Tag, message))) as CardToken;
}

/** The text of the QR; `cardUrl` is upper case, without fragment. */
export function cardTokenUrl(token: CardToken, cardUrl: string = defaultCardUrl): string {
  return `${cardUrl.toUpperCase()}#${token}`;
}

/** The bytes under the signature: the Sig_structure of RFC 9052 section 4.4, without external data. */
export function signedBytes(protectedHeader: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(["Signature1", protectedHeader, noBytes, payload]);
}

const dayMilliseconds = 86_400_000;

/** Days since 1970-01-01 of a calendar date. */
export function dayNumberOf(date: IsoDate): number {
  return Date.parse(`${date}T00:00:00Z`) / dayMilliseconds;
}

/** The calendar date of a day number. */
export function dateOfDayNumber(day: number): IsoDate {
  return new Date(day * dayMilliseconds).toISOString().slice(0, 10) as IsoDate;
}

function claimsMap(claims: CardClaims): Map<number, CborValue> {
  const map = new Map<number, CborValue>([
    [claimKey.healthId, Number(claims.healthId)],
    [claimKey.name, claims.name],
    [claimKey.sex, claims.sex === null ? unknownSexCode : sexCodes[claims.sex]],
    [claimKey.serial, claims.serial],
    [claimKey.issueDay, dayNumberOf(claims.issuedOn)],
  ]);
  if (claims.birthYear !== null) map.set(claimKey.birthYear, claims.birthYear);
  if (claims.expiresOn !== null) map.set(claimKey.expiryDay, dayNumberOf(claims.expiresOn));
  return map;
}
