/** Fonts in a PDF: only glyphs that were drawn, as Type0 with Identity-H, and with ToUnicode so that text can be searched. */
import { createHash } from "node:crypto";
import { type PdfWriter, pdfNumber } from "./pdf-writer.ts";
import { glyphAdvance, type SfntFont, subsetSfntFont } from "./sfnt-font.ts";
import type { ShapedWord } from "./text-shaping.ts";

/** The glyphs one file uses, by font, each with the text it stands for (null: only as part of a cluster). */
export class GlyphUsage {
  readonly #fonts = new Map<number, Map<number, string | null>>();
  readonly #seen = new Set<ShapedWord>();

  note(word: ShapedWord): void {
    if (this.#seen.has(word)) return;
    this.#seen.add(word);
    for (const run of word.runs) {
      const glyphs = this.#fonts.get(run.font) ?? new Map<number, string | null>();
      this.#fonts.set(run.font, glyphs);
      for (const { glyph, text } of run.glyphs) glyphs.set(glyph, glyphs.get(glyph) ?? text);
    }
  }

  /** Used fonts with their glyphs, both in rising order. */
  fonts(): readonly (readonly [number, ReadonlyMap<number, string | null>])[] {
    return [...this.#fonts]
      .sort(([left], [right]) => left - right)
      .map(([font, glyphs]) => [
        font,
        new Map([...glyphs].sort(([left], [right]) => left - right)),
      ]);
  }
}

/** Writes the used fonts and, as object `dictionary`, the resource dictionary that names them F0, F1, … */
export function writeFonts(
  writer: PdfWriter,
  dictionary: number,
  fonts: readonly SfntFont[],
  usage: GlyphUsage,
): void {
  let entries = "";
  for (const [index, glyphs] of usage.fonts()) {
    const font = fonts[index];
    if (font === undefined) throw new Error("a used glyph names a font of another typesetter");
    entries += `/F${index} ${writeFont(writer, font, glyphs)} 0 R`;
  }
  writer.object(dictionary, `<<${entries}>>`);
}

function writeFont(
  writer: PdfWriter,
  font: SfntFont,
  glyphs: ReadonlyMap<number, string | null>,
): number {
  const [type0, cidFont, descriptor, file, toUnicode] = [0, 0, 0, 0, 0].map(() =>
    writer.reserve(),
  ) as [number, number, number, number, number];
  const name = `${subsetTag(glyphs)}+${font.name}`;
  const { ascent, descent, capHeight, boundingBox, italicAngle } = font.metrics;
  writer.object(
    type0,
    `<</Type/Font/Subtype/Type0/BaseFont/${name}/Encoding/Identity-H/DescendantFonts[${cidFont} 0 R]/ToUnicode ${toUnicode} 0 R>>`,
  );
  writer.object(
    cidFont,
    `<</Type/Font/Subtype/CIDFontType2/BaseFont/${name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>` +
      `/CIDToGIDMap/Identity/FontDescriptor ${descriptor} 0 R/DW 0/W[${widthsOf(font, glyphs)}]>>`,
  );
  writer.object(
    descriptor,
    `<</Type/FontDescriptor/FontName/${name}/Flags 4/FontBBox[${boundingBox.join(" ")}]/ItalicAngle ${italicAngle}` +
      `/Ascent ${ascent}/Descent ${descent}/CapHeight ${capHeight}/StemV 80/FontFile2 ${file} 0 R>>`,
  );
  const subset = subsetSfntFont(font, glyphs.keys());
  writer.stream(file, `/Length1 ${subset.length}`, subset);
  writer.stream(toUnicode, "", toUnicodeMap(glyphs));
  return type0;
}

/** Six letters that differ where the glyphs differ (ISO 32000-1, 9.6.4). */
function subsetTag(glyphs: ReadonlyMap<number, string | null>): string {
  const digest = createHash("sha256")
    .update([...glyphs.keys()].join())
    .digest();
  return [...digest.subarray(0, 6)].map((byte) => String.fromCharCode(65 + (byte % 26))).join("");
}

function widthsOf(font: SfntFont, glyphs: ReadonlyMap<number, string | null>): string {
  return [...glyphs.keys()]
    .map((glyph) => `${glyph}[${pdfNumber(glyphAdvance(font, glyph))}]`)
    .join("");
}

/** At most 100 entries stand in one block of a CMap. */
const blockLength = 100;

function toUnicodeMap(glyphs: ReadonlyMap<number, string | null>): string {
  const lines = [...glyphs].flatMap(([glyph, text]) =>
    text === null || text === ""
      ? []
      : [`<${hex4(glyph)}><${[...utf16(text)].map(hex4).join("")}>`],
  );
  let blocks = "";
  for (let start = 0; start < lines.length; start += blockLength) {
    const block = lines.slice(start, start + blockLength);
    blocks += `${block.length} beginbfchar\n${block.join("\n")}\nendbfchar\n`;
  }
  return (
    "/CIDInit/ProcSet findresource begin 12 dict begin begincmap\n" +
    "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n" +
    "/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n" +
    `1 begincodespacerange\n<0000><ffff>\nendcodespacerange\n${blocks}` +
    "endcmap CMapName currentdict/CMap defineresource pop end end"
  );
}

function* utf16(text: string): Iterable<number> {
  for (let index = 0; index < text.length; index += 1) yield text.charCodeAt(index);
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, "0");
}
