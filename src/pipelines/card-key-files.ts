/** The signing keys of a workspace: `.hims/keys/card-<kid>.key`, 0600; only their public halves are in the store. */
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CardSigningKey,
  makeCardKey,
  mayIssueOn,
  parseCardKey,
  serializeCardKey,
} from "../cards/card-keys.ts";
import { HimsError } from "../platform/errors.ts";
import type { IsoDate } from "../platform/ids.ts";
import { readCardKeySet } from "../store/card-key-reads.ts";
import { publishCardKey } from "../store/cards.ts";
import type { RunContext } from "./run-context.ts";

const yearsOfIssue = 5;

/**
 * The key that may issue today: the newest of the workspace that is published and in its window.
 * A workspace without any key makes and publishes its first.
 */
export async function issuingKey(context: RunContext, today: IsoDate): Promise<CardSigningKey> {
  const folder = context.workspace.keysFolder;
  const keys = keyFiles(folder).map(readKey);
  if (keys.length === 0) return makeFirstKey(folder, context, today);
  const published = await readCardKeySet(context.database.writer);
  const usable = keys.filter(({ publicKey }) => {
    const known = published.keys.find((key) => key.kid === publicKey.kid && key.x === publicKey.x);
    return known !== undefined && mayIssueOn(known, today);
  });
  const newest = usable.sort((a, b) => b.publicKey.kid - a.publicKey.kid)[0];
  if (newest !== undefined) return newest;
  throw new HimsError("HIMS_CARD_KEY", {
    kind: "usage",
    message: "no card key of this workspace is published in the store and may issue today",
    hint: "Restore .hims/keys/card-*.key of this store from your backup: cards signed with an unpublished key would be refused everywhere.",
    at: { file: folder },
  });
}

function keyFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /^card-\d{1,3}\.key$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function readKey(path: string): CardSigningKey {
  const key = parseCardKey(readFileSync(path, "utf8"));
  if (key.ok) return key.value;
  throw new HimsError("HIMS_CARD_KEY_FILE", {
    kind: "usage",
    message: `a card key file cannot be read (${key.reasons.join(", ")})`,
    hint: "Restore the file from your backup.",
    at: { file: path },
  });
}

/** Written under its name only when whole; published only when written. */
async function makeFirstKey(
  folder: string,
  context: RunContext,
  today: IsoDate,
): Promise<CardSigningKey> {
  const published = await readCardKeySet(context.database.writer);
  if (published.keys.length > 0) {
    throw new HimsError("HIMS_CARD_KEY", {
      kind: "usage",
      message: "the store has a card key, and this workspace has not its private half",
      hint: "Restore .hims/keys/card-*.key from your backup.",
      at: { file: folder },
    });
  }
  const notAfter =
    `${Number(today.slice(0, 4)) + yearsOfIssue}${today.slice(4).replace("-02-29", "-02-28")}` as IsoDate;
  const key = makeCardKey(randomBytes(32), { kid: 1, nbf: today, naf: notAfter });
  const path = join(folder, "card-1.key");
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, serializeCardKey(key), { mode: 0o600, flag: "wx", flush: true });
  if (existsSync(path)) throw new Error("a card key appeared while one was made");
  renameSync(draft, path);
  await context.database.transaction((tx) => publishCardKey(tx, key.publicKey, notAfter));
  return key;
}
