/** Reads QR codes from gray images with zxing-wasm: the scan gate of the tests, independent of our encoder. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

/** One byte a pixel, 0 is black. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

const wasmPath = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
const wasmFile = readFileSync(wasmPath);
const wasmBinary = wasmFile.buffer.slice(
  wasmFile.byteOffset,
  wasmFile.byteOffset + wasmFile.byteLength,
) as ArrayBuffer;
prepareZXingModule({ overrides: { wasmBinary } });

/** The texts of all QR codes found in the image. */
export async function readQrCodes(image: GrayImage): Promise<readonly string[]> {
  const rgba = new Uint8ClampedArray(image.width * image.height * 4).fill(255);
  for (const [at, gray] of image.pixels.entries()) rgba.fill(gray, at * 4, at * 4 + 3);
  const data = {
    data: rgba,
    width: image.width,
    height: image.height,
    colorSpace: "srgb" as const,
  };
  const found = await readBarcodes(data, { formats: ["QRCode"], tryHarder: true });
  return found.filter((code) => code.isValid).map((code) => code.text);
}

/** Reads a binary PGM (P5, 8 bit), as `pdftoppm -gray` writes it. */
export function readPgm(file: Uint8Array): GrayImage {
  const header = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(
    Buffer.from(file.subarray(0, 60)).toString("latin1"),
  );
  if (header === null) throw new Error("not a binary PGM of 8 bit");
  const [start, width, height] = [header[0].length, Number(header[1]), Number(header[2])];
  return { width, height, pixels: file.slice(start, start + width * height) };
}
