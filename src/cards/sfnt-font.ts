/** A TrueType font file (sfnt with `glyf` outlines): the metrics a PDF needs, and a copy with only the glyphs it uses. */

/** Metrics in 1/1000 em, as PDF wants them. */
export interface FontMetrics {
  readonly ascent: number;
  readonly descent: number;
  readonly capHeight: number;
  readonly boundingBox: readonly number[];
  readonly italicAngle: number;
}

export interface SfntFont {
  /** Unique among the fonts of a card; the PDF's font name without its subset tag. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly unitsPerEm: number;
  readonly glyphCount: number;
  readonly metrics: FontMetrics;
  readonly tables: ReadonlyMap<string, DataView>;
}

/** Reads the table directory. A font without TrueType outlines is a bug of the assets, not data. */
export function readSfntFont(name: string, bytes: Uint8Array): SfntFont {
  const file = viewOf(bytes);
  const tables = new Map<string, DataView>();
  for (let index = 0; index < file.getUint16(4); index += 1) {
    const entry = 12 + index * 16;
    const tag = String.fromCharCode(...bytes.subarray(entry, entry + 4));
    const offset = file.getUint32(entry + 8);
    tables.set(tag, viewOf(bytes.subarray(offset, offset + file.getUint32(entry + 12))));
  }
  const head = tableOf(tables, "head");
  const unitsPerEm = head.getUint16(18);
  const perMille = (units: number) => Math.round((units * 1000) / unitsPerEm);
  const hhea = tableOf(tables, "hhea");
  return {
    name,
    bytes,
    unitsPerEm,
    glyphCount: tableOf(tables, "maxp").getUint16(4),
    tables,
    metrics: {
      ascent: perMille(hhea.getInt16(4)),
      descent: perMille(hhea.getInt16(6)),
      capHeight: perMille(tableOf(tables, "OS/2").getInt16(88)),
      boundingBox: [36, 38, 40, 42].map((at) => perMille(head.getInt16(at))),
      italicAngle: tableOf(tables, "post").getInt32(4) / 65_536,
    },
  };
}

/** The advance of a glyph by `hmtx`, in 1/1000 em, unrounded. */
export function glyphAdvance(font: SfntFont, glyph: number): number {
  const longCount = tableOf(font.tables, "hhea").getUint16(34);
  const entry = Math.min(glyph, longCount - 1) * 4;
  return (tableOf(font.tables, "hmtx").getUint16(entry) * 1000) / font.unitsPerEm;
}

/** Tables a PDF viewer reads from an embedded TrueType font; hinting ones only where the font has them. */
const embeddedTables = ["cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"];

/** The font with the outlines of the given glyphs only. Glyph numbers stay as they are; `.notdef` is kept. */
export function subsetSfntFont(font: SfntFont, glyphs: Iterable<number>): Uint8Array {
  const kept = withComponents(font, glyphs);
  const outlines = copyOutlines(font, kept);
  const parts = embeddedTables.flatMap((tag) => {
    if (tag === "glyf") return [{ tag, bytes: outlines.glyf }];
    if (tag === "loca") return [{ tag, bytes: outlines.loca }];
    const table = font.tables.get(tag);
    return table === undefined
      ? []
      : [{ tag, bytes: tag === "head" ? longLocaHead(table) : bytesOf(table) }];
  });
  return assembleSfnt(parts);
}

function withComponents(font: SfntFont, glyphs: Iterable<number>): ReadonlySet<number> {
  const kept = new Set<number>([0]);
  const open = [...glyphs];
  for (let glyph = open.pop(); glyph !== undefined; glyph = open.pop()) {
    if (kept.has(glyph)) continue;
    kept.add(glyph);
    open.push(...componentsOf(font, glyph));
  }
  return kept;
}

const composite = {
  hasWords: 0x1,
  hasScale: 0x8,
  hasMore: 0x20,
  hasTwoScales: 0x40,
  hasMatrix: 0x80,
} as const;

/** The glyphs a composite outline is made of (`glyf`: a contour count below zero). */
function componentsOf(font: SfntFont, glyph: number): readonly number[] {
  const outline = outlineOf(font, glyph);
  if (outline.byteLength < 10 || outline.getInt16(0) >= 0) return [];
  const components: number[] = [];
  let at = 10;
  let flags: number = composite.hasMore;
  while ((flags & composite.hasMore) !== 0) {
    flags = outline.getUint16(at);
    components.push(outline.getUint16(at + 2));
    at += 4 + ((flags & composite.hasWords) === 0 ? 2 : 4) + transformLength(flags);
  }
  return components;
}

function transformLength(flags: number): number {
  if ((flags & composite.hasScale) !== 0) return 2;
  if ((flags & composite.hasTwoScales) !== 0) return 4;
  return (flags & composite.hasMatrix) === 0 ? 0 : 8;
}

function outlineOf(font: SfntFont, glyph: number): DataView {
  const loca = tableOf(font.tables, "loca");
  const isLong = tableOf(font.tables, "head").getInt16(50) === 1;
  const offsetAt = (index: number) =>
    isLong ? loca.getUint32(index * 4) : loca.getUint16(index * 2) * 2;
  const glyf = tableOf(font.tables, "glyf");
  const start = offsetAt(glyph);
  return new DataView(glyf.buffer, glyf.byteOffset + start, offsetAt(glyph + 1) - start);
}

function copyOutlines(
  font: SfntFont,
  kept: ReadonlySet<number>,
): { glyf: Uint8Array; loca: Uint8Array } {
  const loca = new DataView(new ArrayBuffer((font.glyphCount + 1) * 4));
  const outlines: Uint8Array[] = [];
  let length = 0;
  for (let glyph = 0; glyph < font.glyphCount; glyph += 1) {
    loca.setUint32(glyph * 4, length);
    if (!kept.has(glyph)) continue;
    const outline = bytesOf(outlineOf(font, glyph));
    outlines.push(outline);
    length += outline.length;
  }
  loca.setUint32(font.glyphCount * 4, length);
  return { glyf: concatBytes(outlines, length), loca: bytesOf(loca) };
}

/** A copy of `head` that says our `loca` has long offsets. */
function longLocaHead(head: DataView): Uint8Array {
  const copy = bytesOf(head).slice();
  viewOf(copy).setInt16(50, 1);
  return copy;
}

function assembleSfnt(
  parts: readonly { readonly tag: string; readonly bytes: Uint8Array }[],
): Uint8Array {
  const directoryLength = 12 + parts.length * 16;
  const padded = (length: number) => (length + 3) & ~3;
  const total = parts.reduce((sum, { bytes }) => sum + padded(bytes.length), directoryLength);
  const file = new Uint8Array(total);
  const view = viewOf(file);
  const largestPower = 2 ** Math.floor(Math.log2(parts.length));
  view.setUint32(0, 0x00010000);
  view.setUint16(4, parts.length);
  view.setUint16(6, largestPower * 16);
  view.setUint16(8, Math.log2(largestPower));
  view.setUint16(10, (parts.length - largestPower) * 16);
  let offset = directoryLength;
  for (const [index, { tag, bytes }] of parts.entries()) {
    const entry = 12 + index * 16;
    for (let at = 0; at < 4; at += 1) view.setUint8(entry + at, tag.charCodeAt(at));
    file.set(bytes, offset);
    view.setUint32(entry + 4, checksumOf(view, offset, padded(bytes.length)));
    view.setUint32(entry + 8, offset);
    view.setUint32(entry + 12, bytes.length);
    offset += padded(bytes.length);
  }
  return file;
}

function checksumOf(view: DataView, offset: number, length: number): number {
  let sum = 0;
  for (let at = offset; at < offset + length; at += 4) sum = (sum + view.getUint32(at)) >>> 0;
  return sum;
}

function concatBytes(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function tableOf(tables: ReadonlyMap<string, DataView>, tag: string): DataView {
  const table = tables.get(tag);
  if (table === undefined) throw new Error(`this font file has no table ${tag}`);
  return table;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
