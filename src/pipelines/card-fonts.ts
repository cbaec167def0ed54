/** Loads the fonts of the cards from their npm packages and unpacks them (WOFF 1.0 is sfnt with deflated tables). */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { inflateSync } from "node:zlib";
import type { CardFontFile, CardFontFiles } from "../cards/text-shaping.ts";

const resolvePackageFile = createRequire(import.meta.url).resolve;

/** Regular and semi-bold, each Latin, extended Latin, Devanagari; read and unpacked in a few milliseconds. */
export async function loadCardFonts(): Promise<CardFontFiles> {
  const [regular, strong] = await Promise.all([
    loadWeight(400, "Regular"),
    loadWeight(600, "SemiBold"),
  ]);
  return { regular, strong };
}

function loadWeight(weight: number, suffix: string): Promise<readonly CardFontFile[]> {
  return Promise.all([
    loadFont(
      `NotoSans-${suffix}`,
      `@fontsource/noto-sans/files/noto-sans-latin-${weight}-normal.woff`,
    ),
    loadFont(
      `NotoSansExtended-${suffix}`,
      `@fontsource/noto-sans/files/noto-sans-latin-ext-${weight}-normal.woff`,
    ),
    loadFont(
      `NotoSansDevanagari-${suffix}`,
      `@fontsource/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-${weight}-normal.woff`,
    ),
  ]);
}

async function loadFont(name: string, packageFile: string): Promise<CardFontFile> {
  return { name, bytes: unpackWoff(await readFile(resolvePackageFile(packageFile))) };
}

const woffSignature = 0x774f4646;

/** A WOFF 1.0 file as sfnt: the same tables at new offsets, inflated where they were deflated. */
export function unpackWoff(woff: Buffer): Uint8Array {
  if (woff.readUInt32BE(0) !== woffSignature) throw new Error("a card font is not WOFF 1.0");
  const tableCount = woff.readUInt16BE(12);
  const directory = Buffer.alloc(12 + tableCount * 16);
  const largestPower = 2 ** Math.floor(Math.log2(tableCount));
  directory.writeUInt32BE(woff.readUInt32BE(4), 0);
  directory.writeUInt16BE(tableCount, 4);
  directory.writeUInt16BE(largestPower * 16, 6);
  directory.writeUInt16BE(Math.log2(largestPower), 8);
  directory.writeUInt16BE((tableCount - largestPower) * 16, 10);
  const parts: Buffer[] = [directory];
  let offset = directory.length;
  for (let index = 0; index < tableCount; index += 1) {
    const entry = 44 + index * 20;
    const table = readTable(woff, entry);
    const target = 12 + index * 16;
    woff.copy(directory, target, entry, entry + 4);
    woff.copy(directory, target + 4, entry + 16, entry + 20);
    directory.writeUInt32BE(offset, target + 8);
    directory.writeUInt32BE(table.length, target + 12);
    const padding = Buffer.alloc((4 - (table.length % 4)) % 4);
    parts.push(table, padding);
    offset += table.length + padding.length;
  }
  return Buffer.concat(parts);
}

function readTable(woff: Buffer, entry: number): Buffer {
  const offset = woff.readUInt32BE(entry + 4);
  const packedLength = woff.readUInt32BE(entry + 8);
  const length = woff.readUInt32BE(entry + 12);
  const packed = woff.subarray(offset, offset + packedLength);
  return packedLength < length ? inflateSync(packed) : packed;
}
