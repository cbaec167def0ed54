import { Blob, Face, Font } from "harfbuzzjs";
import { beforeAll, expect, test } from "vitest";
import { aTypesetter } from "../../test/support/card-samples.ts";
import { glyphAdvance, readSfntFont, type SfntFont, subsetSfntFont } from "./sfnt-font.ts";

let fonts: readonly SfntFont[];
beforeAll(async () => {
  fonts = (await aTypesetter()).fonts;
});

const pathsOf = (bytes: Uint8Array) => {
  const font = new Font(new Face(new Blob(bytes)));
  return (glyph: number) => font.glyphToPath(glyph);
};

test("a subset keeps the outlines of the used glyphs, composites included, and drops the others", () => {
  for (const font of fonts) {
    const used = Array.from({ length: 40 }, (_, index) => (index * 7 + 3) % font.glyphCount);
    const bytes = subsetSfntFont(font, used);
    const subset = readSubset(font, bytes);
    const [before, after] = [pathsOf(font.bytes), pathsOf(bytes)];
    for (const glyph of used) {
      expect(after(glyph)).toBe(before(glyph));
      expect(glyphAdvance(subset, glyph)).toBe(glyphAdvance(font, glyph));
    }
    const drawn = Array.from({ length: font.glyphCount }, (_, glyph) => after(glyph)).filter(
      (path) => path !== "",
    );
    expect(drawn.length).toBeLessThan(used.length * 4);
    expect(bytes.length).toBeLessThan(font.bytes.length / 2);
  }
});

/** A subset has no OS/2 and post, which only metrics need: they are taken from the whole font. */
function readSubset(font: SfntFont, bytes: Uint8Array): SfntFont {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const tables = new Map(font.tables);
  for (let index = 0; index < view.getUint16(4); index += 1) {
    const entry = 12 + index * 16;
    const tag = String.fromCharCode(...bytes.subarray(entry, entry + 4));
    const start = bytes.byteOffset + view.getUint32(entry + 8);
    tables.set(tag, new DataView(bytes.buffer, start, view.getUint32(entry + 12)));
  }
  return { ...font, bytes, tables };
}

test("a file without TrueType tables is an error of the assets", () => {
  expect(() => readSfntFont("none", new Uint8Array(12))).toThrow("no table head");
});
