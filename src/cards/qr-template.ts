/** What all QR symbols of one version share: function patterns, the order of placement, and the eight masks, as bit planes. */
import type { QrVersion } from "./qr-codewords.ts";

/**
 * A square of modules twice: by rows and, transposed, by columns, so that both directions are scored with word operations.
 * Line n is the words 2n (modules 0-31, lowest bit first) and 2n + 1 (modules 32-63).
 */
export interface BitPlanes {
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
}

export interface QrTemplate {
  readonly size: number;
  /** Finders, timing, alignment, version information and the dark module; format information is in the masks. */
  readonly functions: BitPlanes;
  /** Row and column of every data module in the order of placement. */
  readonly dataRows: Uint8Array;
  readonly dataColumns: Uint8Array;
  /** All data modules. */
  readonly data: BitPlanes;
  /** One for each of the eight masks: the data modules it turns, and its format information. */
  readonly masks: readonly BitPlanes[];
}

const templates = new Map<number, QrTemplate>();

/** The template of a version, made once. */
export function qrTemplate(version: QrVersion): QrTemplate {
  let template = templates.get(version.version);
  if (template === undefined) {
    template = makeTemplate(version);
    templates.set(version.version, template);
  }
  return template;
}

export function emptyPlanes(size: number): BitPlanes {
  return { rows: new Uint32Array(size * 2), columns: new Uint32Array(size * 2) };
}

/** Makes a module dark in both planes. */
export function setDark(planes: BitPlanes, row: number, column: number): void {
  const { rows, columns } = planes;
  const inRows = row * 2 + (column >> 5);
  const inColumns = column * 2 + (row >> 5);
  rows[inRows] = (rows[inRows] ?? 0) | (1 << (column & 31));
  columns[inColumns] = (columns[inColumns] ?? 0) | (1 << (row & 31));
}

/** Modules while the template is drawn: whether reserved for a function, and whether dark. */
class Drawing {
  readonly size: number;
  readonly planes: BitPlanes;
  readonly #reserved: Uint8Array;

  constructor(size: number) {
    this.size = size;
    this.planes = emptyPlanes(size);
    this.#reserved = new Uint8Array(size * size);
  }

  place(row: number, column: number, dark: boolean): void {
    if (row < 0 || column < 0 || row >= this.size || column >= this.size) return;
    this.#reserved[row * this.size + column] = 1;
    if (dark) setDark(this.planes, row, column);
  }

  isReserved(row: number, column: number): boolean {
    return this.#reserved[row * this.size + column] === 1;
  }
}

function makeTemplate(version: QrVersion): QrTemplate {
  const size = version.version * 4 + 17;
  const drawing = new Drawing(size);
  drawFinders(drawing);
  drawTiming(drawing);
  drawAlignment(drawing, version.alignment);
  drawVersion(drawing, version.version);
  for (const { row, column } of formatPlaces(size).flat()) drawing.place(row, column, false);
  drawing.place(size - 8, 8, true);
  const order = placementOrder(drawing);
  return {
    size,
    functions: drawing.planes,
    data: drawPlaces(order, size),
    dataRows: Uint8Array.from(order, (place) => place.row),
    dataColumns: Uint8Array.from(order, (place) => place.column),
    masks: maskRules.map((turns, mask) =>
      drawPlaces(
        [...order.filter(({ row, column }) => turns(row, column)), ...darkFormatPlaces(mask, size)],
        size,
      ),
    ),
  };
}

interface Place {
  readonly row: number;
  readonly column: number;
}

/** Each finder with its light separator; what lies outside the symbol is not placed. */
function drawFinders(drawing: Drawing): void {
  const far = drawing.size - 7;
  for (const [top, left] of [
    [0, 0],
    [0, far],
    [far, 0],
  ] as const) {
    for (let row = -1; row <= 7; row += 1) {
      for (let column = -1; column <= 7; column += 1) {
        const ring = Math.max(Math.abs(row - 3), Math.abs(column - 3));
        drawing.place(top + row, left + column, ring !== 2 && ring !== 4);
      }
    }
  }
}

function drawTiming(drawing: Drawing): void {
  for (let at = 8; at < drawing.size - 8; at += 1) {
    drawing.place(6, at, at % 2 === 0);
    drawing.place(at, 6, at % 2 === 0);
  }
}

/** At every crossing of the centers but the three corners that hold a finder; on the timing lines too. */
function drawAlignment(drawing: Drawing, centers: readonly number[]): void {
  const first = centers.at(0) ?? 0;
  const last = centers.at(-1) ?? 0;
  for (const row of centers) {
    for (const column of centers) {
      const isCorner = (row === first || row === last) && (column === first || column === last);
      if (!isCorner || (row === last && column === last))
        drawAlignmentPattern(drawing, row, column);
    }
  }
}

function drawAlignmentPattern(drawing: Drawing, centerRow: number, centerColumn: number): void {
  for (let row = -2; row <= 2; row += 1) {
    for (let column = -2; column <= 2; column += 1) {
      const ring = Math.max(Math.abs(row), Math.abs(column));
      drawing.place(centerRow + row, centerColumn + column, ring !== 1);
    }
  }
}

/** Version number and its 12-bit BCH remainder, next to two finders (versions 7 and above). */
function drawVersion(drawing: Drawing, version: number): void {
  const bits = withRemainder(version, 12, 0x1f25);
  for (let bit = 0; bit < 18; bit += 1) {
    const dark = ((bits >> bit) & 1) === 1;
    const along = Math.floor(bit / 3);
    const across = drawing.size - 11 + (bit % 3);
    drawing.place(along, across, dark);
    drawing.place(across, along, dark);
  }
}

/** The two copies of the 15 format bits, each from the highest bit to the lowest; the timing lines (6) are left out. */
function formatPlaces(size: number): readonly (readonly Place[])[] {
  const besideFinder = [0, 1, 2, 3, 4, 5, 7, 8];
  const corner = [
    ...besideFinder.map((column) => ({ row: 8, column })),
    ...besideFinder
      .slice(0, -1)
      .map((row) => ({ row, column: 8 }))
      .reverse(),
  ];
  const edges = Array.from({ length: 15 }, (_, index) =>
    index < 7 ? { row: size - 1 - index, column: 8 } : { row: 8, column: size - 15 + index },
  );
  return [corner, edges];
}

/** Upwards and downwards in pairs of columns from the right, around the vertical timing pattern. */
function placementOrder(drawing: Drawing): readonly Place[] {
  const order: Place[] = [];
  let upwards = true;
  for (let right = drawing.size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < drawing.size; step += 1) {
      const row = upwards ? drawing.size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (!drawing.isReserved(row, column)) order.push({ row, column });
      }
    }
    upwards = !upwards;
  }
  return order;
}

/** ISO/IEC 18004 table 10: whether mask n turns the module at row i, column j. */
const maskRules: readonly ((i: number, j: number) => boolean)[] = [
  (i, j) => (i + j) % 2 === 0,
  (i) => i % 2 === 0,
  (_i, j) => j % 3 === 0,
  (i, j) => (i + j) % 3 === 0,
  (i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
  (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];

function drawPlaces(places: readonly Place[], size: number): BitPlanes {
  const planes = emptyPlanes(size);
  for (const { row, column } of places) setDark(planes, row, column);
  return planes;
}

/** Level M is written 00 before the mask's number; the fixed pattern keeps the format from being all light. */
function formatOf(mask: number): number {
  return withRemainder(mask, 10, 0x537) ^ 0x5412;
}

/** The modules of both copies of the format information that are dark. */
function darkFormatPlaces(mask: number, size: number): readonly Place[] {
  const format = formatOf(mask);
  return formatPlaces(size).flatMap((places) =>
    places.filter((_place, index) => ((format >> (14 - index)) & 1) === 1),
  );
}

/** A value followed by its BCH remainder of `degree` bits. */
function withRemainder(value: number, degree: number, generator: number): number {
  let remainder = value;
  for (let step = 0; step < degree; step += 1) {
    remainder = (remainder << 1) ^ ((remainder >> (degree - 1)) * generator);
  }
  return (value << degree) | remainder;
}
