import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { apiKeyIdOf, isApiKey, makeApiKey, type StoredApiKey } from "./api-key.ts";

function stored(hash: Buffer, isRevoked = false): StoredApiKey {
  return { id: "0", hash, label: "", scopes: ["patient.read"], facilityId: null, isRevoked };
}

test("a made key names its id and is recognized by its hash alone", () => {
  const made = makeApiKey(randomBytes);

  expect(apiKeyIdOf(made.key)).toBe(made.id);
  expect(isApiKey(made.key, stored(made.hash))).toBe(true);
  expect(made.hash.toString("hex")).not.toContain(made.key.slice(-48));
});

test("one changed digit of the secret is refused", () => {
  const { key, hash } = makeApiKey(randomBytes);
  const last = key.endsWith("0") ? "1" : "0";

  expect(isApiKey(`${key.slice(0, -1)}${last}`, stored(hash))).toBe(false);
});

test("a revoked key matches nothing", () => {
  const { key, hash } = makeApiKey(randomBytes);

  expect(isApiKey(key, stored(hash, true))).toBe(false);
});

test.each(["", "hims_", "Bearer x", `hims_zzzzzzzzzzzz_${"0".repeat(48)}`])(
  "a text that has not the shape of a key has no id (%#)",
  (text) => {
    expect(apiKeyIdOf(text)).toBeNull();
  },
);
