/** Is this card genuine, and is it still good? With a key file alone, or with the store's keys and the card's state. */
import { readFileSync } from "node:fs";
import { type CardKeySet, parseCardKeySet } from "../cards/card-keys.ts";
import { readCardToken } from "../cards/card-token-reading.ts";
import { type CardVerification, verifyCardToken } from "../cards/card-verification.ts";
import { dayIn } from "../platform/calendar-day.ts";
import { HimsError } from "../platform/errors.ts";
import { readCardKeySet } from "../store/card-key-reads.ts";
import { findCardState } from "../store/cards.ts";
import type { Reader } from "../store/database.ts";

/** Offline: the state of the card is not known, and the answer says so. */
export function verifyOffline(text: string, keys: CardKeySet, now: Date): CardVerification {
  return verifyCardToken(text, keys, { today: dayIn(now, "Asia/Kolkata") });
}

export async function verifyInStore(
  text: string,
  reader: Reader,
  now: Date,
): Promise<CardVerification> {
  const token = readCardToken(text);
  const state = token.ok ? await findCardState(reader, token.value.claims.serial) : null;
  return verifyCardToken(text, await readCardKeySet(reader), {
    today: dayIn(now, "Asia/Kolkata"),
    stateOf: () => state,
  });
}

/** A published key set (`/.well-known/hims-card-keys.json`). */
export function readKeySetFile(path: string): CardKeySet {
  const keys = parseCardKeySet(readFileSync(path, "utf8"));
  if (keys.ok) return keys.value;
  throw new HimsError("HIMS_CARD_KEY_SET", {
    kind: "usage",
    message: `the key set cannot be read (${keys.reasons.join(", ")})`,
    hint: "Fetch it anew from /.well-known/hims-card-keys.json of the issuer.",
    at: { file: path },
  });
}
