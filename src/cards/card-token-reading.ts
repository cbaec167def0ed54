/** The strict reader of card tokens: what is not exactly what version 1 writes is malformed, so that every token has one spelling. */
import { parseHealthId } from "../persons/health-id.ts";
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";
import { decodeBase41 } from "./base41.ts";
import { type CardClaims, type CardSerial, type CardSex, cardNameBytes } from "./card.ts";
import {
  cardTokenVersion,
  claimKey,
  coseEdDsa,
  coseHeader,
  coseSign1Tag,
  dateOfDayNumber,
  sexCodes,
  signedBytes,
  unknownSexCode,
} from "./card-token.ts";
import { type CborMap, CborTag, type CborValue, decodeCbor } from "./cbor.ts";

/** A token taken apart; its claims are worth nothing before the signature is checked. */
export interface ReadToken {
  readonly kid: number;
  readonly claims: CardClaims;
  /** The bytes under the signature. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

export type TokenProblem = "malformed" | "unsupported_version";

/** The longest token of version 1 has about 150 bytes; what is much longer is not decoded at all. */
const longestTokenCharacters = 600;

/** Reads the URL with its fragment or the bare token, without judging key, signature or dates. */
export function readCardToken(text: string): Parsed<ReadToken, TokenProblem> {
  const match =
    /^(?:HTTPS:\/\/[A-Z0-9.-]+(?::\d{1,5})?(?:\/[A-Z0-9._-]+)*#)?([0-9A-Z*+\-.:]+)$/.exec(
      text.trim().toUpperCase(),
    );
  const token = match?.[1] ?? "";
  if (token.length === 0 || token.length > longestTokenCharacters) return unparsed("malformed");
  const bytes = decodeBase41(token);
  const message = bytes.ok ? decodeCbor(bytes.value) : bytes;
  return message.ok ? readMessage(message.value) : unparsed("malformed");
}

function readMessage(message: CborValue): Parsed<ReadToken, TokenProblem> {
  if (!(message instanceof CborTag) || message.tag !== coseSign1Tag || !isArray(message.value)) {
    return unparsed("malformed");
  }
  const [protectedHeader, unprotected, payload, signature, ...rest] = message.value;
  if (!(protectedHeader instanceof Uint8Array)) return unparsed("malformed");
  const kid = readProtectedHeader(protectedHeader);
  if (!kid.ok) return kid;
  if (!(unprotected instanceof Map) || unprotected.size > 0 || rest.length > 0)
    return unparsed("malformed");
  if (!(payload instanceof Uint8Array && signature instanceof Uint8Array))
    return unparsed("malformed");
  const claims = readClaims(payload);
  if (claims === null || signature.length !== 64) return unparsed("malformed");
  return parsed({
    kid: kid.value,
    claims,
    signed: signedBytes(protectedHeader, payload),
    signature,
  });
}

/** The version is judged first: a later version may have other headers and another payload. */
function readProtectedHeader(bytes: Uint8Array): Parsed<number, TokenProblem> {
  const header = decodeCbor(bytes);
  if (!(header.ok && header.value instanceof Map)) return unparsed("malformed");
  const version = header.value.get(coseHeader.version);
  if (typeof version !== "number") return unparsed("malformed");
  if (version !== cardTokenVersion) return unparsed("unsupported_version");
  const kid = header.value.get(coseHeader.kid);
  if (header.value.size !== 3 || header.value.get(coseHeader.alg) !== coseEdDsa)
    return unparsed("malformed");
  if (!(kid instanceof Uint8Array) || kid.length !== 1 || kid[0] === undefined)
    return unparsed("malformed");
  return parsed(kid[0]);
}

const knownClaims: ReadonlySet<unknown> = new Set(Object.values(claimKey));
const lastDayNumber = 2_932_896; // 9999-12-31

function readClaims(payload: Uint8Array): CardClaims | null {
  const decoded = decodeCbor(payload);
  if (!(decoded.ok && decoded.value instanceof Map)) return null;
  const map: CborMap = decoded.value;
  if ([...map.keys()].some((key) => !knownClaims.has(key))) return null;
  const healthId = parseHealthId(String(map.get(claimKey.healthId)));
  const name = map.get(claimKey.name);
  const sex = readSex(map.get(claimKey.sex));
  const serial = readInteger(map.get(claimKey.serial), 0, 0xffff_ffff);
  const issueDay = readInteger(map.get(claimKey.issueDay), 0, lastDayNumber);
  const birthYear = readOptional(map, claimKey.birthYear, [1800, 9999]);
  const expiryDay = readOptional(map, claimKey.expiryDay, [0, lastDayNumber]);
  if (!healthId.ok || !isCardName(name) || sex === undefined || serial === null) return null;
  if (issueDay === null || birthYear === undefined || expiryDay === undefined) return null;
  return {
    healthId: healthId.value,
    name,
    birthYear,
    sex,
    serial: serial as CardSerial,
    issuedOn: dateOfDayNumber(issueDay),
    expiresOn: expiryDay === null ? null : dateOfDayNumber(expiryDay),
  };
}

function isCardName(value: CborValue | undefined): value is string {
  if (typeof value !== "string" || value === "") return false;
  return new TextEncoder().encode(value).length <= cardNameBytes && !/\p{Cc}/u.test(value);
}

/** The sex, null when it is not known, undefined when the code is none of ours. */
function readSex(code: CborValue | undefined): CardSex | null | undefined {
  switch (code) {
    case unknownSexCode:
      return null;
    case sexCodes.male:
      return "male";
    case sexCodes.female:
      return "female";
    case sexCodes.other:
      return "other";
  }
  return undefined;
}

function readInteger(value: CborValue | undefined, least: number, most: number): number | null {
  return typeof value === "number" && value >= least && value <= most ? value : null;
}

/** An integer that may be absent (null); undefined when it is there and wrong. */
function readOptional(
  map: CborMap,
  key: number,
  range: readonly [number, number],
): number | null | undefined {
  if (!map.has(key)) return null;
  return readInteger(map.get(key), range[0], range[1]) ?? undefined;
}

function isArray(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}
