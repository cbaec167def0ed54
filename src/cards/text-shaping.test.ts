import { beforeAll, describe, expect, test } from "vitest";
import { aTypesetter } from "../../test/support/card-samples.ts";
import type { Typesetter } from "./text-shaping.ts";

let typesetter: Typesetter;
beforeAll(async () => {
  typesetter = await aTypesetter();
});

const glyphsOf = (text: string) =>
  typesetter.shape(text, "strong")?.words.flatMap((word) => word.runs.flatMap((run) => run.glyphs));

describe("text shaping", () => {
  test("Latin letters are a glyph each, and the width is the sum of the advances", () => {
    const shaped = typesetter.shape("Asha Devi", "strong");
    const glyphs = glyphsOf("Asha Devi") ?? [];
    expect(glyphs.map((glyph) => glyph.text).join("")).toBe("Asha Devi");
    expect(shaped?.width).toBeCloseTo(glyphs.reduce((sum, glyph) => sum + glyph.advance, 0));
    expect(shaped?.words.some((word) => word.isComplex)).toBe(false);
  });

  test("Hindi conjuncts become one glyph and the short i moves before its consonant", () => {
    expect(glyphsOf("क्ष")).toHaveLength(1);
    expect(glyphsOf("ज्ञ")).toHaveLength(1);
    const consonant = glyphsOf("क")?.[0]?.glyph;
    const withShortI = glyphsOf("कि") ?? [];
    expect(withShortI).toHaveLength(2);
    expect(withShortI[1]?.glyph).toBe(consonant);
    expect(typesetter.shape("कि", "strong")?.words[0]?.isComplex).toBe(true);
  });

  test.each([
    "कृष्णा",
    "त्रिपाठी",
    "क्षत्रिय",
    "ज्ञानेन्द्र",
    "श्रीमती",
    "धर्मेन्द्र",
    "राष्ट्र",
    "हैप्पी",
    "ऑफ़िस",
    "ज़ुबैर",
    "र्कि",
  ])("the word %s has neither a missing glyph nor a visible halant", (word) => {
    const halant = glyphsOf("्")?.at(-1)?.glyph;
    const glyphs = glyphsOf(word) ?? [];
    expect(glyphs.length).toBeGreaterThan(0);
    expect(glyphs.map((glyph) => glyph.glyph)).not.toContain(0);
    expect(glyphs.map((glyph) => glyph.glyph)).not.toContain(halant);
  });

  test("a text of several scripts is split by font, and extended Latin has its own", () => {
    const fontsOf = (text: string) =>
      new Set(
        typesetter
          .shape(text, "regular")
          ?.words.flatMap((word) => word.runs.map((run) => run.font)),
      );
    expect(fontsOf("Sex · लिंग").size).toBe(2);
    expect(fontsOf("Śrī").size).toBe(2);
  });

  test.each([
    ["Gurmukhi", "ਗੁਰਮੀਤ"],
    ["Urdu", "خان"],
    ["Tamil", "தமிழ்"],
    ["an emoji", "Asha 🙂"],
  ])("a text in %s is not printable and not shaped to boxes", (_script, text) => {
    expect(typesetter.shape(text, "strong")).toBeNull();
  });

  test("a repeated word is the same object: shaped once", () => {
    const [first, second] = [
      typesetter.shape("Asha", "strong"),
      typesetter.shape("Asha", "strong"),
    ];
    expect(first?.words[0]).toBe(second?.words[0]);
  });
});
