import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { aCardFace, aTypesetter } from "../../test/support/card-samples.ts";
import { cr80, widthMmOf } from "./card-drawing.ts";
import { type CardFace, type ComposedFace, composeFace, dotsPerInch } from "./card-face.ts";
import { drawFront, frontPlaces } from "./card-front.ts";
import type { Typesetter } from "./text-shaping.ts";

let typesetter: Typesetter;
beforeAll(async () => {
  typesetter = await aTypesetter();
});

function composed(given: Partial<CardFace>): ComposedFace {
  const face = composeFace(aCardFace(given), typesetter);
  if (!face.ok) throw new Error(`held: ${face.reasons.join()}`);
  return face.value;
}

const mmOf = (dots: number) => (dots / dotsPerInch) * 25.4;

/** The QR with its quiet zone of four modules. */
function quietBox({ qr }: ComposedFace) {
  const quiet = 4 * qr.moduleDots;
  const side = qr.matrix.size * qr.moduleDots;
  return {
    left: mmOf(qr.leftDots - quiet),
    right: mmOf(qr.leftDots + side + quiet),
    top: mmOf(qr.topDots - quiet),
    bottom: mmOf(qr.topDots + side + quiet),
  };
}

/** Everything a text may ink: an em above its baseline, 0.4 em below. */
function textBoxes(face: ComposedFace) {
  return [...face.texts, ...drawFront(typesetter).texts].map((text) => ({
    left: text.xMm,
    right: text.xMm + widthMmOf(text.text, text.sizePt),
    top: text.baselineMm - text.sizePt * 0.3528,
    bottom: text.baselineMm + text.sizePt * 0.3528 * 0.4,
  }));
}

function expectQuietZoneFree(face: ComposedFace): void {
  const quiet = quietBox(face);
  for (const text of textBoxes(face)) {
    const apart =
      text.right <= quiet.left ||
      text.left >= quiet.right ||
      text.bottom <= quiet.top ||
      text.top >= quiet.bottom;
    expect(apart).toBe(true);
  }
}

const longName = "Venkata Naga Satya Subrahmanyeswara Rao Lakshminarayanan Iye";
const wordOf = (letters: string, longest: number) =>
  fc
    .array(fc.constantFrom(...letters.split(" ")), { minLength: 1, maxLength: longest })
    .map((parts) => parts.join(""));
const nameOf = (letters: string) =>
  fc.array(wordOf(letters, 20), { minLength: 1, maxLength: 9 }).map((words) => words.join(" "));

describe("a card's face", () => {
  test("whatever the names, text stays out of the quiet zone, in its column, above the health ID and at 10 pt or more", () => {
    fc.assert(
      fc.property(
        nameOf("W M a sh i l Q'"),
        fc.option(nameOf("क्ष त्रि ज्ञा म ले र्की")),
        (name, nameLocal) => {
          const face = composed({ name, nameLocal });
          expectQuietZoneFree(face);
          const names = face.texts.filter((text) => text.baselineMm < frontPlaces.healthIdLabel);
          expect(names.length).toBeGreaterThan(0);
          for (const text of names) {
            expect(text.sizePt).toBeGreaterThanOrEqual(10);
            expect(text.xMm + widthMmOf(text.text, text.sizePt)).toBeLessThanOrEqual(50.6);
            expect(text.baselineMm).toBeLessThanOrEqual(frontPlaces.namesBottom);
            expect(text.baselineMm).toBeGreaterThan(frontPlaces.namesTop + 2);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("the health ID is grouped 3-3-3-4 and at least 11 pt", () => {
    const text = composed({}).texts.find((placed) =>
      /^\d{3} \d{3} \d{3} \d{4}$/.test(placed.text.text),
    );
    expect(text?.sizePt).toBeGreaterThanOrEqual(11);
  });

  test("sex, year of birth, day of issue and serial are printed, a last day only on a temporary card", () => {
    const printed = (given: Partial<CardFace>) =>
      composed(given).texts.map((text) => text.text.text);
    const serial = 12_345_678 as CardFace["serial"];
    expect(printed({ serial })).toEqual(
      expect.arrayContaining(["Female · महिला", "1984", "22 Nov 2026", "0012 345 678"]),
    );
    expect(printed({ sex: null, birthYear: null }).filter((text) => text === "–")).toHaveLength(2);
    expect(printed({}).join()).not.toContain("2027");
    expect(printed({ expiresOn: "2027-01-05" as CardFace["issuedOn"] })).toContain("5 Jan 2027");
  });

  test("a usual card has a version 9 QR with modules of six whole dots and a quiet zone on the card", () => {
    const face = composed({});
    expect(face.flags).toEqual([]);
    expect(face.qr.matrix.version).toBe(9);
    expect(face.qr.moduleDots).toBe(6);
    expect([face.qr.leftDots, face.qr.topDots].every(Number.isInteger)).toBe(true);
    const quiet = quietBox(face);
    expect(quiet.top).toBeGreaterThan(frontPlaces.bandHeight + 0.7);
    expect(quiet.right).toBeLessThan(cr80.widthMm);
  });

  test("a longer URL gets a larger version with five dots in the same place, flagged", () => {
    const face = composed({ url: `${aCardFace().url}${"0".repeat(60)}` });
    expect(face.qr.matrix.version).toBe(10);
    expect(face.qr.moduleDots).toBe(5);
    expect(face.flags).toEqual(["qr_version_larger"]);
    expectQuietZoneFree(face);
  });

  test.each<[string, Partial<CardFace>, readonly string[]]>([
    ["a name of 60 letters in words", { name: longName, nameLocal: null }, ["name_cut"]],
    ["a name of 60 letters without a space", { name: "X".repeat(60) }, ["name_cut"]],
    ["a long local name", { nameLocal: "त्रि".repeat(60) }, ["local_name_cut"]],
    ["a Gurmukhi local name", { nameLocal: "ਗੁਰਮੀਤ ਕੌਰ" }, ["local_name_unsupported"]],
    ["an Urdu local name", { nameLocal: "محمد خان" }, ["local_name_unsupported"]],
    ["a Hindi name", { nameLocal: "कृष्णा त्रिपाठी क्षत्रिय ज्ञानेन्द्र" }, []],
    ["a single name", { name: "Kiran", nameLocal: null }, []],
    ["a local name that repeats the name", { nameLocal: "Asha Devi" }, []],
    ["stray invisible characters", { name: "\ufeffAsha\u200b\tDevi" }, []],
  ])("%s is printed with the right flags", (_case, given, flags) => {
    expect(composed(given).flags).toEqual(flags);
  });

  test("a local name in a script without font is left out, the rest printed", () => {
    const texts = composed({ nameLocal: "ਗੁਰਮੀਤ" }).texts;
    expect(texts.filter((text) => text.baselineMm < frontPlaces.healthIdLabel)).toHaveLength(1);
  });

  test.each([
    ["", "name_missing"],
    [" \u200b ", "name_missing"],
    ["ਗੁਰਮੀਤ", "name_unsupported"],
    ["Asha 🙂", "name_unsupported"],
  ])("a card whose name cannot be printed is held: %j", (name, reason) => {
    expect(composeFace({ ...aCardFace(), name }, typesetter)).toEqual({
      ok: false,
      reasons: [reason],
    });
  });
});
