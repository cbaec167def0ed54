/** The keys that sign cards: the published set for verifiers, and the private key file (0600, never in the store). */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import type { IsoDate } from "../platform/ids.ts";
import { type Parsed, parsed, unparsed } from "../platform/parsed.ts";

/** One published verification key (Ed25519). */
export interface CardPublicKey {
  /** 0-255; a number is not used again for ten years. */
  readonly kid: number;
  /** The 32 bytes of the public key, base64url. */
  readonly x: string;
  /** First and last day on which this key may issue; a card keeps verifying afterwards. */
  readonly nbf: IsoDate;
  readonly naf: IsoDate | null;
  /** `withdrawn` after a compromise: no card of this key is accepted any more. */
  readonly status: "active" | "withdrawn";
}

/** The published set, as served at `/.well-known/hims-card-keys.json`. */
export interface CardKeySet {
  readonly keys: readonly CardPublicKey[];
}

/** A key that can issue. The key object never leaves the process. */
export interface CardSigningKey {
  readonly publicKey: CardPublicKey;
  readonly privateKey: KeyObject;
}

export type CardKeyProblem =
  | "not_json"
  | "kid"
  | "x"
  | "nbf"
  | "naf"
  | "status"
  | "seed"
  | "seed_is_not_of_x";

/** RFC 8410: everything of a PKCS #8 Ed25519 private key and of its SPKI before the 32 bytes themselves. */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
const keyBytes = 32;

/** Makes a signing key from 32 secret random bytes; the same bytes give the same key. */
export function makeCardKey(
  seed: Uint8Array,
  key: Pick<CardPublicKey, "kid" | "nbf" | "naf">,
): CardSigningKey {
  if (seed.length !== keyBytes) throw new RangeError("an Ed25519 seed has 32 bytes");
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, seed]),
    format: "der",
    type: "pkcs8",
  });
  const x = createPublicKey(privateKey).export({ format: "jwk" }).x;
  if (x === undefined) throw new Error("an Ed25519 key exports no x");
  return {
    privateKey,
    publicKey: { kid: key.kid, x, nbf: key.nbf, naf: key.naf, status: "active" },
  };
}

/** The text of a private key file: the public fields and the seed, as JSON with a last newline. */
export function serializeCardKey(key: CardSigningKey): string {
  const seed = key.privateKey.export({ format: "jwk" }).d;
  return `${JSON.stringify({ ...key.publicKey, seed }, null, 2)}\n`;
}

/** Reads a private key file; a seed that does not belong to the public key is refused. */
export function parseCardKey(text: string): Parsed<CardSigningKey, CardKeyProblem> {
  const json = parseJsonObject(text);
  if (json === null) return unparsed("not_json");
  const publicKey = readPublicKey(json);
  if (!publicKey.ok) return publicKey;
  const seed = readKeyBytes(json["seed"]);
  if (seed === null) return unparsed("seed");
  const key = makeCardKey(seed, publicKey.value);
  if (key.publicKey.x !== publicKey.value.x) return unparsed("seed_is_not_of_x");
  return parsed({ privateKey: key.privateKey, publicKey: publicKey.value });
}

/** The published set as JSON with a last newline, in the order of the key ids. */
export function serializeCardKeySet(keySet: CardKeySet): string {
  const keys = keySet.keys.toSorted(
    (left, right) => left.kid - right.kid || (left.nbf < right.nbf ? -1 : 1),
  );
  return `${JSON.stringify({ keys }, null, 2)}\n`;
}

/** Reads a published set: `{"keys": [...]}`. */
export function parseCardKeySet(text: string): Parsed<CardKeySet, CardKeyProblem> {
  const json = parseJsonObject(text);
  const entries = json?.["keys"];
  if (!Array.isArray(entries)) return unparsed("not_json");
  const keys: CardPublicKey[] = [];
  for (const entry of entries) {
    if (!isJsonObject(entry)) return unparsed("not_json");
    const key = readPublicKey(entry);
    if (!key.ok) return key;
    keys.push(key.value);
  }
  return parsed({ keys });
}

/** Whether this key may issue on that day (design: issuing refuses an unpublished, withdrawn or expired key). */
export function mayIssueOn(key: CardPublicKey, day: IsoDate): boolean {
  return key.status === "active" && isInWindow(key, day);
}

/** Whether the day lies in the key's window of issue, whatever its status. */
export function isInWindow(key: CardPublicKey, day: IsoDate): boolean {
  return key.nbf <= day && (key.naf === null || day <= key.naf);
}

const keyObjects = new WeakMap<CardPublicKey, KeyObject>();

/** The key object of a published key, made once for each. */
export function publicKeyObject(key: CardPublicKey): KeyObject {
  let keyObject = keyObjects.get(key);
  if (keyObject === undefined) {
    keyObject = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: key.x }, format: "jwk" });
    keyObjects.set(key, keyObject);
  }
  return keyObject;
}

type JsonObject = Readonly<Record<string, unknown>>;

function readPublicKey(json: JsonObject): Parsed<CardPublicKey, CardKeyProblem> {
  const { kid, x, nbf, naf, status } = json;
  if (typeof kid !== "number" || !Number.isInteger(kid) || kid < 0 || kid > 255)
    return unparsed("kid");
  if (typeof x !== "string" || readKeyBytes(x) === null) return unparsed("x");
  if (!isIsoDate(nbf)) return unparsed("nbf");
  if (naf !== null && !isIsoDate(naf)) return unparsed("naf");
  if (status !== "active" && status !== "withdrawn") return unparsed("status");
  return parsed({ kid, x, nbf, naf, status });
}

function readKeyBytes(text: unknown): Uint8Array | null {
  if (typeof text !== "string" || !/^[\w-]{43}$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64url");
  return bytes.length === keyBytes ? bytes : null;
}

function isIsoDate(text: unknown): text is IsoDate {
  return typeof text === "string" && /^\d{4}-\d{2}-\d{2}$/.test(text);
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJsonObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // bad data; the text holds a secret and is not passed on
    throw error;
  }
}
