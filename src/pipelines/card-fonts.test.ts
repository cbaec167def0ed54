import { expect, test } from "vitest";
import { loadCardFonts, unpackWoff } from "./card-fonts.ts";

test("both weights come with Latin, extended Latin and Devanagari, unpacked to sfnt", async () => {
  const fonts = await loadCardFonts();
  for (const files of [fonts.regular, fonts.strong]) {
    expect(files).toHaveLength(3);
    for (const { bytes } of files) expect([...bytes.subarray(0, 4)]).toEqual([0, 1, 0, 0]);
  }
  const names = [...fonts.regular, ...fonts.strong].map((file) => file.name);
  expect(new Set(names).size).toBe(6);
});

test("a file that is not WOFF 1.0 is refused", () => {
  expect(() => unpackWoff(Buffer.alloc(44))).toThrow("not WOFF");
});
