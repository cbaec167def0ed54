/** Ways in which a few bytes anywhere in a file break. */
import type { MutationSite, Operator } from "./mutation.ts";

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
