/** Verifying a card offline: form, version, key, signature, dates, and the state of the card where a status list is at hand. */
import { verify } from "node:crypto";
import type { HealthId, IsoDate } from "../platform/ids.ts";
import type { CardClaims, CardSerial, CardSex, CardState } from "./card.ts";
import { type CardKeySet, type CardPublicKey, isInWindow, publicKeyObject } from "./card-keys.ts";
import { type ReadToken, readCardToken } from "./card-token-reading.ts";

/** Why a card is accepted (`ok`) or refused; published in `hims card verify`. */
export type CardReason =
  | "ok"
  | "malformed"
  | "unsupported_version"
  | "unknown_key"
  | "withdrawn_key"
  | "bad_signature"
  | "not_yet_valid"
  | "expired"
  | Exclude<CardState, "active">;

/** The answer to a scan. Fields are null until a signature of a trusted key stands behind them; `kid` is what the token claims. */
export interface CardVerification {
  readonly valid: boolean;
  readonly reason: CardReason;
  readonly healthId: HealthId | null;
  readonly serial: CardSerial | null;
  readonly kid: number | null;
  readonly issuedAt: IsoDate | null;
  readonly expiresAt: IsoDate | null;
  /** `unchecked` when no status list was at hand, or it does not know the serial. */
  readonly status: CardState | "unchecked";
  readonly name: string | null;
  readonly birthYear: number | null;
  readonly sex: CardSex | null;
}

export interface CardVerificationOptions {
  /** The calendar day in India on which the card is shown. */
  readonly today: IsoDate;
  /** The state of the card with this serial; null when the list does not know it. Absent: `status` is `unchecked`. */
  readonly stateOf?: (serial: CardSerial) => CardState | null;
}

/** Verifies the text of a QR: the URL with its fragment, or the bare token; lower case and spaces around it are forgiven. */
export function verifyCardToken(
  text: string,
  keySet: CardKeySet,
  options: CardVerificationOptions,
): CardVerification {
  const token = readCardToken(text);
  if (!token.ok) return refused(token.reasons[0] ?? "malformed", null);
  const { kid, claims } = token.value;
  const keys = keySet.keys.filter((key) => key.kid === kid && isInWindow(key, claims.issuedOn));
  if (keys.length === 0) return refused("unknown_key", kid);
  const signer = keys.find((key) => isSignedBy(token.value, key));
  if (signer === undefined) return refused("bad_signature", kid);
  if (signer.status === "withdrawn") return refused("withdrawn_key", kid);
  return judge(token.value, options);
}

function judge({ kid, claims }: ReadToken, options: CardVerificationOptions): CardVerification {
  const status = options.stateOf?.(claims.serial) ?? "unchecked";
  const reason = reasonOf(claims, status, options.today);
  return {
    valid: reason === "ok",
    reason,
    healthId: claims.healthId,
    serial: claims.serial,
    kid,
    issuedAt: claims.issuedOn,
    expiresAt: claims.expiresOn,
    status,
    name: claims.name,
    birthYear: claims.birthYear,
    sex: claims.sex,
  };
}

/** A state someone decided on outranks the calendar: a stolen card that is also expired is reported as lost. */
function reasonOf(
  claims: CardClaims,
  status: CardVerification["status"],
  today: IsoDate,
): CardReason {
  if (status !== "active" && status !== "unchecked") return status;
  if (claims.issuedOn > today) return "not_yet_valid";
  if (claims.expiresOn !== null && claims.expiresOn < today) return "expired";
  return "ok";
}

function refused(reason: CardReason, kid: number | null): CardVerification {
  return {
    valid: false,
    reason,
    healthId: null,
    serial: null,
    kid,
    issuedAt: null,
    expiresAt: null,
    status: "unchecked",
    name: null,
    birthYear: null,
    sex: null,
  };
}

function isSignedBy(token: ReadToken, key: CardPublicKey): boolean {
  return verify(null, token.signed, publicKeyObject(key), token.signature);
}
