/** Mutants inside and instead of archives and workbooks: what is packed reads as it does unpacked, and what is torn says so. */
import { isDeepStrictEqual } from "node:util";
import { gzipSync } from "node:zlib";
import type { HimsError } from "../../src/platform/errors.ts";
import { type FileReading, faultsOf, readWhole, textsOfError } from "../support/file-reading.ts";
import { zipBytes } from "../support/zip-bytes.ts";
import type { MadeMutant } from "./fuzzing.ts";
import { leakFaults } from "./leaks.ts";
import type { Draw } from "./mutation.ts";
import type { PackedMutant } from "./packed-seeds.ts";
import { type Unpacked, unpack } from "./unpack.ts";

/** A mutant that is packed whole must read as it does by itself. */
export async function wrappedFaults(
  { seed, mutant }: MadeMutant,
  draw: Draw,
): Promise<readonly string[]> {
  const { bytes } = mutant;
  const half = draw(bytes.length + 1);
  const ways = [
    () => gzipSync(bytes),
    () => Buffer.concat([gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half))]),
    () => zipBytes([{ name: "day.csv", content: bytes, stored: draw(2) === 0 }]),
  ];
  const packed = ways[draw(ways.length)]?.() ?? bytes;
  const [inner, ...others] = await unpack(packed, seed.pipeline);
  if (inner === undefined || others.length > 0) return ["it is not one file that comes out"];
  // An archive within another is refused, and so is one with nothing in it.
  if (inner.refusal !== null) return looksPacked(bytes) ? [] : [`refused: ${inner.refusal.code}`];
  if (!inner.bytes.equals(bytes)) return ["what comes out is not what was packed"];
  const plain = await readWhole(seed.pipeline, bytes);
  const { textEncoding } = inner;
  const reading = await readWhole(seed.pipeline, inner.bytes, { textEncoding, batchSize: 3 });
  return isDeepStrictEqual(plain, reading) ? [] : ["it reads otherwise than unpacked"];
}

function looksPacked(bytes: Buffer): boolean {
  const head = bytes.toString("latin1", 0, 4);
  const isTar = bytes.toString("latin1", 257, 262) === "ustar";
  return (
    bytes.length === 0 ||
    isTar ||
    /^(?:\x1f\x8b|PK|BZh|7z|\xfd7zX|Rar!|\xd0\xcf\x11\xe0|\x28\xb5\x2f\xfd)/.test(head)
  );
}

/** A packed file that was itself broken: each file in it is refused, or accounted for. */
export async function packedFaults(mutant: PackedMutant): Promise<readonly string[]> {
  const { pipeline } = mutant.seed;
  const faults: string[] = [];
  for (const file of await unpack(mutant.bytes, pipeline)) {
    const found =
      file.refusal === null
        ? await textFaults(mutant, file)
        : refusalFaults(mutant, file, file.refusal);
    faults.push(...found);
  }
  return faults;
}

/** The name of an archive's member is told; it is no patient's. */
function refusalFaults(
  { seed: { texts, pipeline } }: PackedMutant,
  { name, bytes }: Unpacked,
  refusal: HimsError,
): readonly string[] {
  const told = textsOfError(refusal).map((text) => text.replaceAll(name, ""));
  return leakFaults(told, Buffer.concat([bytes, ...texts]), pipeline);
}

async function textFaults(
  { seed, bytes, isRewritten, row }: PackedMutant,
  { bytes: text, textEncoding }: Unpacked,
): Promise<readonly string[]> {
  const { pipeline, texts } = seed;
  // What lost its first bytes is an archive no longer, and is read as it stands.
  const isTrue = isRewritten || text.equals(bytes) || texts.some((one) => isPartOf(text, one));
  const reading = await readWhole(pipeline, text, { textEncoding });
  return [
    ...(isTrue ? [] : ["what came out was never packed, and nobody noticed"]),
    ...faultsOf(reading, text, "fields" in pipeline),
    ...leakFaults(reading.said, text, pipeline),
    ...(row === null ? [] : rowFaults(seed.whole, reading, row)),
  ];
}

/** Whole members may be lost, or come twice, where a file is cut between them. */
function isPartOf(text: Buffer, whole: Buffer): boolean {
  return whole.includes(text) || text.includes(whole);
}

/** Rows of a sheet above the broken one are as they were. */
function rowFaults(before: FileReading, after: FileReading, row: number): readonly string[] {
  const [first] = before.outcomes;
  // A broken header may hide the sheet, or make of it another one.
  if (first === undefined || row < first.place.line || after.refusedBy !== null) return [];
  const above = ({ outcomes }: FileReading) =>
    outcomes
      .filter(({ place }) => place.line < row)
      .map(({ place: { line }, staged, rules }) => ({ line, staged, rules }));
  return isDeepStrictEqual(above(before), above(after)) ? [] : [`rows above row ${row} changed`];
}
