import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import vectors from "../../test/vectors/cards/card-tokens.json" with { type: "json" };
import { makeHealthId } from "../persons/health-id.ts";
import type { IsoDate } from "../platform/ids.ts";
import { decodeBase41, encodeBase41 } from "./base41.ts";
import { type CardClaims, type CardSerial, type CardState, cutCardName } from "./card.ts";
import { type CardKeySet, makeCardKey, parseCardKeySet } from "./card-keys.ts";
import { cardTokenUrl, dateOfDayNumber, dayNumberOf, signCardToken } from "./card-token.ts";
import { verifyCardToken } from "./card-verification.ts";

const day = (text: string) => text as IsoDate;
const today = day("2026-11-22");
const key = makeCardKey(createHash("sha256").update("test").digest(), {
  kid: 7,
  nbf: day("2020-01-01"),
  naf: null,
});
const keySet: CardKeySet = { keys: [key.publicKey] };

const anyClaims: fc.Arbitrary<CardClaims> = fc.record({
  healthId: fc
    .uint8Array({ minLength: 6, maxLength: 6 })
    .map((bytes) => makeHealthId((count) => bytes.map((byte) => byte % 128).subarray(0, count))),
  name: fc
    .stringMatching(/^[A-Z][a-z]{0,11}( [A-Z][a-z]{0,20}){0,3}$/)
    .map((name) => cutCardName(name).name),
  birthYear: fc.option(fc.integer({ min: 1900, max: 2026 })),
  sex: fc.option(fc.constantFrom("male" as const, "female" as const, "other" as const)),
  serial: fc.integer({ min: 0, max: 0xffff_ffff }).map((serial) => serial as CardSerial),
  issuedOn: fc.integer({ min: 18_300, max: 20_700 }).map(dateOfDayNumber),
  expiresOn: fc.option(fc.integer({ min: 20_800, max: 30_000 }).map(dateOfDayNumber)),
});

const publishedKeys = () => {
  const parsedSet = parseCardKeySet(JSON.stringify({ keys: vectors.keys }));
  if (!parsedSet.ok) throw new Error("the vectors' keys do not parse");
  return parsedSet.value;
};
const optionsOf = (vector: object) => {
  const state = (vector as { state?: CardState }).state;
  return { today: day(vectors.today), ...(state === undefined ? {} : { stateOf: () => state }) };
};

describe("published vectors", () => {
  test("there are enough of both kinds, and every reason occurs", () => {
    expect(vectors.accepted.length).toBeGreaterThanOrEqual(20);
    expect(vectors.refused.length).toBeGreaterThanOrEqual(40);
    expect([...new Set(vectors.refused.map((vector) => vector.reason))].sort()).toEqual([
      "bad_signature",
      "expired",
      "lost",
      "malformed",
      "not_yet_valid",
      "revoked",
      "superseded",
      "suspended",
      "unknown_key",
      "unsupported_version",
      "withdrawn_key",
    ]);
  });

  test.each(vectors.accepted)("accepted: $name", (vector) => {
    expect(verifyCardToken(vector.text, publishedKeys(), optionsOf(vector))).toEqual({
      valid: true,
      reason: "ok",
      healthId: vector.claims.healthId,
      serial: vector.claims.serial,
      kid: vector.kid,
      issuedAt: vector.claims.issuedOn,
      expiresAt: vector.claims.expiresOn,
      status: vector.state ?? "unchecked",
      name: vector.claims.name,
      birthYear: vector.claims.birthYear,
      sex: vector.claims.sex,
    });
  });

  test.each(vectors.refused)("refused as $reason: $name", (vector) => {
    const answer = verifyCardToken(vector.text, publishedKeys(), optionsOf(vector));
    expect(answer).toMatchObject({ valid: false, reason: vector.reason });
  });
});

describe("a card token", () => {
  test("what is signed is what is read, as URL and bare, in either case", () => {
    fc.assert(
      fc.property(anyClaims, fc.boolean(), (claims, lower) => {
        const url = cardTokenUrl(signCardToken(claims, key));
        const answer = verifyCardToken(lower ? url.toLowerCase() : url, keySet, { today });
        expect(answer).toMatchObject({ valid: true, reason: "ok", status: "unchecked", kid: 7 });
        const { healthId, name, birthYear, sex, serial, issuedAt, expiresAt } = answer;
        expect({ healthId, name, birthYear, sex, serial }).toEqual({
          healthId: claims.healthId,
          name: claims.name,
          birthYear: claims.birthYear,
          sex: claims.sex,
          serial: claims.serial,
        });
        expect([issuedAt, expiresAt]).toEqual([claims.issuedOn, claims.expiresOn]);
        expect(url.length).toBeLessThanOrEqual(240);
      }),
      { numRuns: 200 },
    );
  });

  test("the same claims and key give the same token", () => {
    const [claims] = fc.sample(anyClaims, { seed: 1, numRuns: 1 });
    if (claims === undefined) throw new Error("no sample");
    expect(signCardToken(claims, key)).toBe(signCardToken({ ...claims }, key));
  });

  test("a name that a verifier would refuse is not signed", () => {
    const [claims] = fc.sample(anyClaims, { seed: 3, numRuns: 1 });
    if (claims === undefined) throw new Error("no sample");
    for (const name of ["", "x".repeat(29), "Asha\nDevi"]) {
      expect(() => signCardToken({ ...claims, name }, key)).toThrow(RangeError);
    }
  });

  test("every single flipped bit of four tokens is refused, and nothing of it is told", () => {
    let accepted = 0;
    for (const claims of fc.sample(anyClaims, { seed: 4, numRuns: 4 })) {
      const bytes = decodeBase41(signCardToken(claims, key));
      if (!bytes.ok) throw new Error("own token does not decode");
      for (let bit = 0; bit < bytes.value.length * 8; bit += 1) {
        const flipped = bytes.value.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const answer = verifyCardToken(encodeBase41(flipped), keySet, { today });
        if (answer.valid || answer.name !== null || answer.healthId !== null) accepted += 1;
      }
    }
    expect(accepted).toBe(0);
  });

  test("any text at all gets an answer, never an exception", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9A-Z*+\-.:]{0,250}$/)), (text) => {
        expect(verifyCardToken(text, keySet, { today }).valid).toBe(false);
      }),
    );
  });

  test("a status list that does not know the serial leaves the status unchecked", () => {
    const [claims] = fc.sample(anyClaims, { seed: 2, numRuns: 1 });
    if (claims === undefined) throw new Error("no sample");
    const token = signCardToken(claims, key);
    const asked: number[] = [];
    const stateOf = (serial: CardSerial) => {
      asked.push(serial);
      return null;
    };
    expect(verifyCardToken(token, keySet, { today, stateOf })).toMatchObject({
      valid: true,
      status: "unchecked",
    });
    expect(asked).toEqual([claims.serial]);
  });

  test("day numbers and dates are each other's inverse", () => {
    expect(dayNumberOf(day("1970-01-02"))).toBe(1);
    expect(dateOfDayNumber(dayNumberOf(day("2024-02-29")))).toBe("2024-02-29");
  });
});
