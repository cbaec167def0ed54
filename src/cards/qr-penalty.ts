/** How hard a QR symbol is to read (ISO/IEC 18004 section 7.8.3): lower is better. Bit-parallel, a line of up to 64 modules at a time. */
import type { BitPlanes } from "./qr-template.ts";

/** The sum of the four penalties; a finder-like pattern counts only with its light side inside the symbol. */
export function qrPenalty(planes: BitPlanes, size: number): number {
  return (
    linePenalties(planes.rows, size) +
    linePenalties(planes.columns, size) +
    squarePenalty(planes.rows, size) +
    balancePenalty(planes.rows, size)
  );
}

/** Runs of five or more equal modules (3 and 1 for each more) and patterns 1:1:3:1:1 with four light beside (40). */
function linePenalties(lines: Uint32Array, size: number): number {
  const insideLow = maskOf(size, 0);
  const insideHigh = maskOf(size, 1);
  const pairsHigh = maskOf(size - 1, 1);
  let penalty = 0;
  for (let line = 0; line < size; line += 1) {
    const low = lines[line * 2] ?? 0;
    const high = lines[line * 2 + 1] ?? 0;
    penalty += runPenalty(~(low ^ shiftedLow(low, high, 1)), ~(high ^ (high >>> 1)) & pairsHigh);
    penalty += 40 * finderCount(low, high, { low: ~low & insideLow, high: ~high & insideHigh });
  }
  return penalty;
}

/** Bits say "equal to the next module"; four such in a row are a run of five. */
function runPenalty(equalLow: number, equalHigh: number): number {
  const twoLow = equalLow & shiftedLow(equalLow, equalHigh, 1);
  const twoHigh = equalHigh & (equalHigh >>> 1);
  const fiveLow = twoLow & shiftedLow(twoLow, twoHigh, 2);
  const fiveHigh = twoHigh & (twoHigh >>> 2);
  if ((fiveLow | fiveHigh) === 0) return 0;
  const endsLow = fiveLow & ~shiftedLow(fiveLow, fiveHigh, 1);
  const endsHigh = fiveHigh & ~(fiveHigh >>> 1);
  return bitCount(fiveLow) + bitCount(fiveHigh) + 2 * (bitCount(endsLow) + bitCount(endsHigh));
}

interface Word64 {
  readonly low: number;
  readonly high: number;
}

function finderCount(low: number, high: number, light: Word64): number {
  const coreLow =
    low &
    ~shiftedLow(low, high, 1) &
    shiftedLow(low, high, 2) &
    shiftedLow(low, high, 3) &
    shiftedLow(low, high, 4) &
    ~shiftedLow(low, high, 5) &
    shiftedLow(low, high, 6);
  const coreHigh =
    high &
    ~(high >>> 1) &
    (high >>> 2) &
    (high >>> 3) &
    (high >>> 4) &
    ~(high >>> 5) &
    (high >>> 6);
  if ((coreLow | coreHigh) === 0) return 0;
  const twoLow = light.low & shiftedLow(light.low, light.high, 1);
  const twoHigh = light.high & (light.high >>> 1);
  const fourLow = twoLow & shiftedLow(twoLow, twoHigh, 2);
  const fourHigh = twoHigh & (twoHigh >>> 2);
  return (
    bitCount(coreLow & shiftedLow(fourLow, fourHigh, 7)) +
    bitCount(coreHigh & (fourHigh >>> 7)) +
    bitCount(fourLow & shiftedLow(coreLow, coreHigh, 4)) +
    bitCount(fourHigh & (coreHigh >>> 4))
  );
}

/** Three for every square of two by two equal modules, overlapping ones included. */
function squarePenalty(rows: Uint32Array, size: number): number {
  const pairsHigh = maskOf(size - 1, 1);
  let squares = 0;
  for (let row = 0; row + 1 < size; row += 1) {
    const low = rows[row * 2] ?? 0;
    const high = rows[row * 2 + 1] ?? 0;
    const nextLow = rows[row * 2 + 2] ?? 0;
    const nextHigh = rows[row * 2 + 3] ?? 0;
    const unlikeLow =
      (low ^ shiftedLow(low, high, 1)) | (nextLow ^ shiftedLow(nextLow, nextHigh, 1));
    const unlikeHigh = (high ^ (high >>> 1)) | (nextHigh ^ (nextHigh >>> 1));
    squares += bitCount(~(unlikeLow | (low ^ nextLow)));
    squares += bitCount(~(unlikeHigh | (high ^ nextHigh)) & pairsHigh);
  }
  return squares * 3;
}

/** Ten for every full 5 % by which the dark modules miss half. */
function balancePenalty(rows: Uint32Array, size: number): number {
  let dark = 0;
  for (const word of rows) dark += bitCount(word);
  return Math.floor(Math.abs((dark / (size * size)) * 100 - 50) / 5) * 10;
}

/** The lower word of a line shifted by some modules towards its beginning. */
function shiftedLow(low: number, high: number, by: number): number {
  return (low >>> by) | (high << (32 - by));
}

/** Ones for the modules of a line that exist; lines are longer than 33 modules. */
function maskOf(length: number, word: 0 | 1): number {
  return word === 0 ? -1 : 2 ** (length - 32) - 1;
}

function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
