/** All made-up names of the synthetic hospitals, and whether one is taken for Hindi typed in a legacy font. */
import { expect, test } from "vitest";
import { legacyVerdict } from "../../src/records/legacy-devanagari.ts";
import { familyNames, givenNames, middleNames } from "../../src/synthetic/name-list.ts";

const communities = Object.values(givenNames).map(({ male, female }) => [...male, ...female]);
const given = communities.flat();
const family = Object.values(familyNames).flat();
const middle = Object.values(middleNames).flatMap(({ male, female }) => [...male, ...female]);
const latin = (text: string) => [text, text.toUpperCase(), text.toLowerCase()];

test("names in Latin letters are never taken for Kruti Dev, in whatever case", () => {
  const names = [
    ...[...given, ...family, ...middle].map((name) => name.latin),
    ...given.flatMap((first, index) => {
      const last = family[index % family.length];
      const mid = middle[index % middle.length];
      return [`${first.latin} ${last?.latin}`, `${first.latin} ${mid?.latin} ${last?.latin}`];
    }),
  ].flatMap(latin);
  expect(names.length).toBeGreaterThan(3_000);
  expect(names.filter((name) => legacyVerdict(name) === "sure")).toEqual([]);
  const suspected = names.filter((name) => legacyVerdict(name) === "suspected");
  expect(suspected.length / names.length).toBeLessThan(0.005);
});
