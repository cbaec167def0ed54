/** Ways in which one row of a file breaks. */
import type { MutationSite, Operator } from "./mutation.ts";

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
