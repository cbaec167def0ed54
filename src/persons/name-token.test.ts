import { expect, test } from "vitest";
import { nameTokens } from "./name-token.ts";

test("tokens are lower case, composed, without punctuation or repeats", () => {
  expect(nameTokens("Ram-Lal  SHARMA", null, "sharma, Ram")).toEqual(["lal", "ram", "sharma"]);
});

test("vowel signs stay with their letters in Indian scripts", () => {
  expect(nameTokens("सुनीता देवी")).toEqual(["देवी", "सुनीता"]);
});

test("composed and decomposed spellings give the same token", () => {
  expect(nameTokens("Rene\u0301")).toEqual(nameTokens("Ren\u00e9"));
});

test("a token has at most 64 signs, whatever is written without a space", () => {
  expect(nameTokens("a".repeat(12_000))).toEqual(["a".repeat(64)]);
  expect([...(nameTokens("\u{1d49c}".repeat(100))[0] ?? "")]).toHaveLength(64);
});
