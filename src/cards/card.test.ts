import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cardNameBytes, cutCardName, makeCardSerial } from "./card.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

describe("the name in the token", () => {
  test("a name that fits is kept whole", () => {
    expect(cutCardName("Asha  Rani ")).toEqual({ name: "Asha Rani", cut: false });
  });

  test("a long name is cut at a word and flagged", () => {
    expect(cutCardName("Venkatanarasimharajuvaripeta Iyer")).toEqual({
      name: "Venkatanarasimharajuvaripeta",
      cut: true,
    });
    expect(cutCardName("Anantha Lakshmi Narayana Subramaniam")).toEqual({
      name: "Anantha Lakshmi Narayana",
      cut: true,
    });
  });

  test("one word longer than the cap is cut between characters, in any script", () => {
    expect(cutCardName("x".repeat(60))).toEqual({ name: "x".repeat(28), cut: true });
    expect(cutCardName("त्रिपाठीत्रिपाठी").name).toMatch(/^त्रि/u);
  });

  test("whatever the name, what is cut fits, is a beginning of it, and cutting again changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (text) => {
        const { name, cut } = cutCardName(text);
        expect(bytesOf(name)).toBeLessThanOrEqual(cardNameBytes);
        expect(
          text
            .normalize("NFC")
            .replace(/[\p{Cc}\s]+/gu, " ")
            .trim()
            .startsWith(name),
        ).toBe(true);
        expect(cutCardName(name)).toEqual({ name, cut: false });
        if (!cut)
          expect(name).toBe(
            text
              .normalize("NFC")
              .replace(/[\p{Cc}\s]+/gu, " ")
              .trim(),
          );
      }),
    );
  });
});

test("a serial uses all 32 bits", () => {
  expect(makeCardSerial(() => Uint8Array.of(255, 255, 255, 255))).toBe(4_294_967_295);
  expect(makeCardSerial(() => Uint8Array.of(0, 0, 1, 2))).toBe(258);
});
