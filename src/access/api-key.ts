/** API keys: `hims_<id>_<secret>`, shown once when made. The store keeps the SHA-256 of the whole key and nothing else of it. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Scope } from "./scope.ts";

/** A source of secure random bytes, handed in from an upper floor. */
export type RandomBytes = (count: number) => Uint8Array;

export interface MadeApiKey {
  /** 12 hexadecimal digits; names the key in lists and in the access log. */
  readonly id: string;
  /** The whole key, for its holder's eyes only. */
  readonly key: string;
  /** What the store keeps. */
  readonly hash: Buffer;
}

/** A key as the store knows it. */
export interface StoredApiKey {
  readonly id: string;
  readonly hash: Buffer;
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** The one facility it may send files for; null for a key that is bound to none, and may send none. */
  readonly facilityId: string | null;
  readonly isRevoked: boolean;
}

const keyShape = /^hims_([0-9a-f]{12})_([0-9a-f]{48})$/;

/** 24 random bytes of secret: too many to guess, so that a plain hash (no salt, no stretching) is enough. */
export function makeApiKey(randomBytes: RandomBytes): MadeApiKey {
  const hex = (count: number) => Buffer.from(randomBytes(count)).toString("hex");
  const id = hex(6);
  const key = `hims_${id}_${hex(24)}`;
  return { id, key, hash: hashApiKey(key) };
}

export function hashApiKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** The id within a key's text; null for a text that is no key of ours. */
export function apiKeyIdOf(key: string): string | null {
  return keyShape.exec(key)?.[1] ?? null;
}

/** Compares in constant time. A revoked key matches nothing. */
export function isApiKey(key: string, stored: StoredApiKey): boolean {
  return !stored.isRevoked && timingSafeEqual(hashApiKey(key), stored.hash);
}
