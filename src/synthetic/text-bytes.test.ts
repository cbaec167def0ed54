import { expect, test } from "vitest";
import { encodedChunks, encodeWindows1252 } from "./text-bytes.ts";

test("Windows-1252 bytes decode to the text they were made of and are no UTF-8", () => {
  const text = "Renée D’Souza – H.No 4";
  const bytes = encodeWindows1252(text);

  expect(new TextDecoder("windows-1252").decode(bytes)).toBe(text);
  expect(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).toThrow(TypeError);
});

test("a character Windows-1252 has not becomes a question mark", () => {
  expect([...encodeWindows1252("aर")]).toEqual([0x61, 0x3f]);
});

test("chunks joined are the pieces joined", () => {
  const pieces = Array.from({ length: 3000 }, (_, index) => `${index} राम, ${"x".repeat(60)}\n`);
  const chunks = [...encodedChunks(pieces, "utf-8")];

  expect(chunks.length).toBeGreaterThan(1);
  expect(Buffer.concat(chunks).toString("utf8")).toBe(pieces.join(""));
});
