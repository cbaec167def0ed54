/** Ways in which a file breaks: each changes one stretch of its bytes and says which. Seeded: the same draws give the same mutant. */

/** What was done: bytes from `from` up to, not including, `to` of the file were replaced; the rest moved by `shift`. */
export interface Mutant {
  readonly bytes: Buffer;
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

/** Draws a whole number below `limit`. */
export type Draw = (limit: number) => number;

/** mulberry32: the same numbers in every run. */
export function drawing(seed: number): Draw {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  };
}

export interface MutationSite {
  readonly bytes: Buffer;
  /** Encoding of the file, by its WHATWG label: signs that are put in are written in it. */
  readonly encoding: string;
  readonly delimiter: string;
  /** The record to break: offset and length of its bytes with the line end. */
  readonly offset: number;
  readonly length: number;
  readonly draw: Draw;
}

type Operator = (site: MutationSite) => { from: number; to: number; put: Buffer } | null;

const isWide = ({ encoding }: MutationSite) => encoding.startsWith("utf-16");

function written(site: MutationSite, text: string): Buffer {
  if (!isWide(site)) return Buffer.from(text, "utf8");
  const bytes = Buffer.from(text, "utf16le");
  return site.encoding === "utf-16be" ? bytes.swap16() : bytes;
}

/** Length of the record without its line end. */
function contentLength(site: MutationSite): number {
  const unit = isWide(site) ? 2 : 1;
  let length = site.length;
  for (const end of ["\n", "\r"]) {
    const sign = written(site, end);
    const last = site.bytes.subarray(site.offset + length - unit, site.offset + length);
    if (length >= unit && last.equals(sign)) length -= unit;
  }
  return length;
}

/** A place inside the record's content, at the border of a unit. */
function somewhere(site: MutationSite): number {
  const unit = isWide(site) ? 2 : 1;
  return site.offset + unit * site.draw(Math.floor(contentLength(site) / unit) + 1);
}

function signsOf(site: MutationSite, text: string): readonly number[] {
  const sign = written(site, text);
  const end = site.offset + contentLength(site);
  const found: number[] = [];
  for (
    let at = site.bytes.indexOf(sign, site.offset);
    at !== -1 && at + sign.length <= end;
    at = site.bytes.indexOf(sign, at + sign.length)
  )
    found.push(at);
  return found;
}

function dropSign(text: string): Operator {
  return (site) => {
    const found = signsOf(site, text);
    const from = found[site.draw(found.length)];
    return from === undefined
      ? null
      : { from, to: from + written(site, text).length, put: Buffer.alloc(0) };
  };
}

function addSign(sign: (site: MutationSite) => string): Operator {
  return (site) => {
    const from = somewhere(site);
    return { from, to: from, put: written(site, sign(site)) };
  };
}

const swapCells: Operator = (site) => {
  const text = site.bytes.subarray(site.offset, site.offset + contentLength(site));
  const sign = written(site, site.delimiter);
  const bars = signsOf(site, site.delimiter).map((at) => at - site.offset);
  if (bars.length === 0) return null;
  const edges = [-sign.length, ...bars, text.length];
  const cells = edges
    .slice(0, -1)
    .map((edge, index) => text.subarray(edge + sign.length, edges[index + 1]));
  const [left, right] = [site.draw(cells.length), site.draw(cells.length)];
  const swapped = cells.map((cell, index) =>
    index === left ? (cells[right] ?? cell) : index === right ? (cells[left] ?? cell) : cell,
  );
  const put = Buffer.concat(
    swapped.flatMap((cell, index) => (index === 0 ? [cell] : [sign, cell])),
  );
  return { from: site.offset, to: site.offset + text.length, put };
};

/** One row breaks, in the ways rows do. */
export const rowOperators: Readonly<Record<string, Operator>> = {
  "drop a quote": dropSign('"'),
  "add a quote": addSign(() => '"'),
  "add a quote at the start of a cell": (site) => {
    const found = signsOf(site, site.delimiter);
    const at = found[site.draw(found.length)];
    if (at === undefined) return null;
    const from = at + written(site, site.delimiter).length;
    return { from, to: from, put: written(site, '"') };
  },
  "delete a delimiter": (site) => dropSign(site.delimiter)(site),
  "add a delimiter": addSign((site) => site.delimiter),
  "inject a line feed": addSign(() => "\n"),
  "inject a carriage return": addSign(() => "\r"),
  "cut the end": (site) => {
    const from = somewhere(site);
    return { from, to: site.offset + contentLength(site), put: Buffer.alloc(0) };
  },
  "put a wrong byte": (site) => {
    const from = somewhere(site);
    const put = Buffer.from([0x80 + site.draw(0x80), ...(isWide(site) ? [site.draw(256)] : [])]);
    return { from, to: from, put };
  },
  "put a NUL": addSign(() => "\u0000"),
  "put a byte order mark": addSign(() => "\ufeff"),
  "swap cells": swapCells,
  "double the row": (site) => {
    const end = site.offset + site.length;
    const ends = contentLength(site) < site.length;
    if (!ends) return null;
    return { from: end, to: end, put: site.bytes.subarray(site.offset, end) };
  },
  "delete the row": ({ offset, length }) => ({
    from: offset,
    to: offset + length,
    put: Buffer.alloc(0),
  }),
  "put a long cell": addSign((site) => "x".repeat(1 + site.draw(5_000))),
};

function anyRange(site: MutationSite): { from: number; to: number } {
  const from = site.draw(site.bytes.length + 1);
  return { from, to: Math.min(site.bytes.length, from + site.draw(40)) };
}

/** Bytes change anywhere: header, marks, line ends and all. */
export const byteOperators: Readonly<Record<string, Operator>> = {
  "change a byte": (site) => {
    const from = site.draw(site.bytes.length);
    return { from, to: from + 1, put: Buffer.from([site.draw(256)]) };
  },
  "delete bytes": (site) => ({ ...anyRange(site), put: Buffer.alloc(0) }),
  "double bytes": (site) => {
    const { from, to } = anyRange(site);
    return { from: to, to, put: site.bytes.subarray(from, to) };
  },
  "put bytes": (site) => {
    const from = site.draw(site.bytes.length + 1);
    return {
      from,
      to: from,
      put: Buffer.from(Array.from({ length: site.draw(20) }, () => site.draw(256))),
    };
  },
  truncate: (site) => {
    const from = site.draw(site.bytes.length + 1);
    return { from, to: site.bytes.length, put: Buffer.alloc(0) };
  },
  "put signs of structure": (site) => {
    const signs = [
      '"',
      '""',
      ",",
      ";",
      "\t",
      "|",
      "\r",
      "\n",
      "\r\n",
      "\u0000",
      "\ufeff",
      "^",
      "~",
      "&",
      "\\",
      "MSH|",
      "\u000b",
      "\u001c\r",
    ];
    const from = site.draw(site.bytes.length + 1);
    const put = Array.from(
      { length: 1 + site.draw(4) },
      () => signs[site.draw(signs.length)] ?? "",
    );
    return {
      from,
      to: from,
      put: Buffer.from(put.join(""), site.draw(4) === 0 ? "utf16le" : "utf8"),
    };
  },
  "join with itself": (site) => ({
    from: site.bytes.length,
    to: site.bytes.length,
    put: site.draw(2) === 0 ? site.bytes : Buffer.from(site.bytes.toString("utf8"), "utf16le"),
  }),
  "fill with one byte": (site) => {
    const { from, to } = anyRange(site);
    return { from, to, put: Buffer.alloc(to - from, site.draw(256)) };
  },
};

/** The file with one stretch broken; null when the operator finds nothing to break. */
export function mutate(
  site: MutationSite,
  operators: Readonly<Record<string, Operator>>,
  kind: string,
): Mutant | null {
  const change = operators[kind]?.(site) ?? null;
  if (change === null) return null;
  const { from, to, put } = change;
  const bytes = Buffer.concat([site.bytes.subarray(0, from), put, site.bytes.subarray(to)]);
  return { bytes, kind, from, to, shift: put.length - (to - from) };
}
